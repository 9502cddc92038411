"""The energy of one basis state: where a chemistry ansatz starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workers.hamiltonians import hamiltonian
from workers.hamiltonians.base import basis_energy
from workers.outcome import UserError


def run(arguments: Mapping[str, Any], seed: int, checkpoint: Callable[[], None]) -> dict[str, Any]:
    """Energy of the Hartree-Fock state of a Hamiltonian; the seed plays no part.

    The state is the one the Hamiltonian names, else its electrons in the first spin orbitals.

    Returns:
        `energy`, `bitstring` (character i is qubit i), `n_electrons`, and `correlation_energy`, which is the
        exact energy minus this one, where the Hamiltonian says the exact one, else None.

    Raises:
        UserError: for a bad Hamiltonian, or one without a state and without a number of electrons.
    """
    system = hamiltonian(arguments["hamiltonian"])
    bitstring = system.reference
    if bitstring is None:
        if system.n_electrons is None:
            raise UserError("arguments.hamiltonian: hf_bitstring or n_electrons is needed")
        bitstring = ("1" * system.n_electrons).ljust(system.n_qubits, "0")
    energy = basis_energy(system.operator, bitstring)
    return {
        "energy": energy,
        "bitstring": bitstring,
        "n_electrons": bitstring.count("1"),
        "correlation_energy": None if system.e_exact is None else system.e_exact - energy,
    }
