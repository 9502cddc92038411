"""Limits on the magnitude of a problem's numbers, so that derived quantities do not overflow."""

from collections.abc import Iterable
from typing import Any

from novacron.errors import BadInput
from novacron.specs.hamiltonian import Fcidump, Heisenberg, Hubbard, Molecular, PauliTerms, Tfim
from novacron.specs.pauli_terms import MAX_QUBITS

LARGEST = 1e150
"""Limit on the sum of a problem's coefficients: squares of energies must not overflow."""


def check(coefficients: Iterable[float], field: str, what: str = "energies") -> None:
    """Refuse coefficients whose squares would overflow.

    Raises:
        BadInput: their sum exceeds `LARGEST`.
    """
    if sum(map(abs, coefficients)) > LARGEST:
        rule = f"coefficients add up to more than {LARGEST:g}: squares of {what} would overflow"
        raise BadInput(rule, field=field, hint="choose another unit")


def coefficients(hamiltonian: Any) -> list[float]:
    """Return numbers whose sum is at least that of the coefficients of the Hamiltonian's Pauli strings."""
    match hamiltonian:
        case PauliTerms():
            return [value for _, value in hamiltonian.terms]
        case Tfim():
            return [MAX_QUBITS * one for one in (hamiltonian.J, hamiltonian.h, hamiltonian.hz)]
        case Heisenberg():
            given = (hamiltonian.Jx, hamiltonian.Jy, hamiltonian.Jz, hamiltonian.h)
            return [MAX_QUBITS * one for one in given]
        case Hubbard():
            return [MAX_QUBITS * one for one in (hamiltonian.t, hamiltonian.U, hamiltonian.mu)]
        case Fcidump(integrals=found):
            # Each stored integral represents at most eight, each in at most eight strings and spins.
            stored = (*found.one_body.values(), *found.two_body.values())
            return [found.core or 0.0, *(64 * value for value in stored)]
        case Molecular(fcidump=found):
            return [] if found is None else coefficients(found)
    raise TypeError(f"{type(hamiltonian).__name__} is no Hamiltonian")
