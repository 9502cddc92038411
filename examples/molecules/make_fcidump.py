"""Write the FCIDUMP files of this folder with PySCF, and what PySCF finds for them.

    pip install pyscf
    python make_fcidump.py

NovaCron needs no PySCF: the files are here. `energies.json` holds, for each file, the Hartree-Fock and the
exact (full configuration interaction) energy in hartree.
"""

import json

import numpy as np
from pyscf import ao2mo, fci, gto, mcscf, scf
from pyscf.tools import fcidump

MOLECULES = {
    "h2": {"atom": "H 0 0 0; H 0 0 0.7414", "basis": "sto-3g"},
    "lih": {"atom": "Li 0 0 0; H 0 0 1.5957", "basis": "sto-3g"},
    "h2o": {"atom": "O 0 0 0; H 0.7572 0.5865 0; H -0.7572 0.5865 0", "basis": "sto-3g"},
    "n2": {"atom": "N 0 0 0; N 0 0 1.0977", "basis": "cc-pvdz"},
}
ACTIVE = {"n2": (6, 6)}
"""Orbitals and electrons of the active space; the other molecules have all of theirs."""
TOLERANCE = 1e-10
"""Integrals below this are left out of the files."""


def write(name: str) -> dict[str, float]:
    """Write `name`.fcidump; return the energies of the Hamiltonian in it, in hartree."""
    field = scf.RHF(gto.M(**MOLECULES[name], verbose=0)).run(conv_tol=1e-12)
    if name in ACTIVE:
        space = mcscf.CASCI(field, *ACTIVE[name])
        fcidump.from_mcscf(space, f"{name}.fcidump", tol=TOLERANCE)
    else:
        fcidump.from_scf(field, f"{name}.fcidump", tol=TOLERANCE)
    return {"e_hf": field.e_tot, "e_fci": exact(f"{name}.fcidump")}


def exact(path: str) -> float:
    """Return the lowest energy of the Hamiltonian in a file, in hartree."""
    read = fcidump.read(path, verbose=False)
    electrons = ((read["NELEC"] + read["MS2"]) // 2, (read["NELEC"] - read["MS2"]) // 2)
    two_body = ao2mo.restore(1, np.asarray(read["H2"]), read["NORB"])
    solver = fci.direct_spin1.FCI()
    solver.conv_tol = 1e-12
    energy, _ = solver.kernel(read["H1"], two_body, read["NORB"], electrons, ecore=read["ECORE"])
    return float(energy)


if __name__ == "__main__":
    energies = {name: {key: round(value, 10) for key, value in write(name).items()} for name in MOLECULES}
    with open("energies.json", "w") as file:
        json.dump(energies, file, indent=1)
        file.write("\n")
