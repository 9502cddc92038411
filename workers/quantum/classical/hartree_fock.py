"""The energy of one basis state: the starting point of a chemistry ansatz."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from novacron.json_types import JsonObject
from workers.quantum.classical import given
from workers.quantum.hamiltonians import hamiltonian
from workers.quantum.hamiltonians.base import basis_energy
from workers.runtime.outcome import UserError


class Arguments(TypedDict):
    """Arguments of the function, defaults filled in: `shared.functions`."""

    hamiltonian: JsonObject


def run(arguments: Arguments, seed: int, checkpoint: Callable[[], None]) -> JsonObject:
    """Return the energy of the Hartree-Fock state of a Hamiltonian; the seed is unused.

    The state is the one the Hamiltonian names, else the lowest determinant of its electrons.

    Returns:
        `energy`, `bitstring` (character 2k is orbital k up, 2k + 1 the same down), `n_electrons`, and
        `correlation_energy`, the exact energy minus this one, if the Hamiltonian states the exact one, else
        None.

    Raises:
        UserError: for an invalid Hamiltonian, or one without electrons.
    """
    system = hamiltonian(given.hamiltonian(arguments["hamiltonian"]))
    if system.reference is None:
        raise UserError("arguments.hamiltonian: hf_bitstring or n_electrons is needed")
    energy = basis_energy(system.operator, system.initial)
    return {
        "energy": energy,
        "bitstring": system.reference,
        "n_electrons": system.reference.count("1"),
        "correlation_energy": None if system.e_exact is None else system.e_exact - energy,
    }
