"""Ansaetze from the `ansatz` field of a hybrid_vqe job."""

from __future__ import annotations

from novacron.specs import ansatz as specs
from workers.quantum.ansatz.adapt import adapt
from workers.quantum.ansatz.base import Trial
from workers.quantum.ansatz.circuit import circuit
from workers.quantum.ansatz.hamiltonian_variational import hamiltonian_variational
from workers.quantum.ansatz.hardware_efficient import hardware_efficient
from workers.quantum.ansatz.uccsd import uccsd
from workers.quantum.hamiltonians.base import Hamiltonian


def ansatz(spec: specs.AnyAnsatz, hamiltonian: Hamiltonian) -> Trial:
    """Build an ansatz for minimising a Hamiltonian's energy.

    Raises:
        AnsatzError: it does not fit the Hamiltonian.
    """
    match spec:
        case specs.Uccsd():
            return uccsd(hamiltonian)
        case specs.Adapt():
            return adapt(spec, hamiltonian)
        case specs.HamiltonianVariational():
            return hamiltonian_variational(spec, hamiltonian)
        case specs.HardwareEfficient():
            return hardware_efficient(spec, hamiltonian)
        case specs.CircuitAnsatz():
            return circuit(spec, hamiltonian)
