"""The molecules, hand-written with ffsim: `python -m benchmarks.endtoend.ffsim_script NAME FILE`."""

import json
import sys

import ffsim
import numpy as np
import pyscf


def molecule(path):
    data = json.load(open(path))
    scf = pyscf.gto.M(atom=data["geometry"], basis=data["basis"], verbose=0)
    found = ffsim.MolecularData.from_scf(pyscf.scf.RHF(scf).run(conv_tol=1e-12))
    norb, nelec = found.norb, found.nelec
    operator = ffsim.linear_operator(found.hamiltonian, norb=norb, nelec=nelec)
    start = ffsim.hartree_fock_state(norb, nelec)

    def state(theta):
        ansatz = ffsim.UCCSDOpRestrictedReal.from_parameters(theta, norb=norb, nocc=nelec[0])
        return ffsim.apply_unitary(start, ansatz, norb=norb, nelec=nelec)

    n = ffsim.UCCSDOpRestrictedReal.n_params(norb=norb, nocc=nelec[0])
    return ffsim.optimize.minimize_linear_method(state, operator, np.zeros(n)).fun


if __name__ == "__main__":
    print(molecule(sys.argv[2]))
