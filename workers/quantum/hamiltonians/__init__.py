"""Hamiltonians from the `hamiltonian` field of a job."""

from __future__ import annotations

from novacron.specs.ansatz import AnyHamiltonian
from novacron.specs.hamiltonian import Fcidump, Heisenberg, Hubbard, Molecular, PauliTerms, Tfim
from shared.quantum.pauli_terms import spin_chain
from workers.quantum.hamiltonians.base import Hamiltonian
from workers.quantum.hamiltonians.fcidump import fcidump
from workers.quantum.hamiltonians.hubbard import hubbard
from workers.quantum.hamiltonians.terms import terms
from workers.quantum.simulation.ir.pauli import PauliSum


def hamiltonian(spec: AnyHamiltonian) -> Hamiltonian:
    """Build a Hamiltonian.

    Raises:
        HamiltonianError: the terms do not form a valid Hamiltonian.
    """
    match spec:
        case PauliTerms():
            return terms(spec)
        case Fcidump():
            return fcidump(spec)
        case Molecular(fcidump=computed):
            assert computed is not None  # the scheduler plans the job when they are there
            return fcidump(computed)
        case Tfim() | Heisenberg():
            return Hamiltonian(PauliSum.from_masks(spec.n_qubits, spin_chain(spec)))
        case Hubbard():
            return hubbard(spec)
