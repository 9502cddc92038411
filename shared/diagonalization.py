"""What exact diagonalization and Hartree-Fock take: limits that a submission is held to without NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from math import comb
from typing import Any

from novacron.errors import BadInput

MAX_ELEMENTS = 2**26
"""Matrix elements that a worker keeps: states times the kinds of flips that terms make."""


def check_electrons(arguments: Mapping[str, Any], field: str) -> None:
    """Refuse Hartree-Fock without electrons.

    Raises:
        BadInput: the Hamiltonian declares none.
    """
    if _read(arguments).n_electrons is None:
        rule = "needs a Hamiltonian with electrons: hf_bitstring or n_electrons is missing"
        raise BadInput(rule, field=f"{field}.hamiltonian")


def check_sector(arguments: Mapping[str, Any], field: str) -> None:
    """Refuse sectors that are empty or too large, and more eigenvalues than states.

    Raises:
        BadInput: names the argument.
    """
    known = _read(arguments)
    n, n_electrons, two_sz, k = known.n_qubits, arguments["n_electrons"], arguments["two_sz"], arguments["k"]
    if n_electrons is None and arguments["sector"] != "all":
        n_electrons = known.n_electrons
    if n_electrons is None and two_sz is not None:
        raise BadInput("needs n_electrons as well", field=f"{field}.two_sz", value=two_sz)
    n_states = _dimension(n, n_electrons, two_sz)
    if not n_states:
        rule = f"no state of {n} qubits has n_electrons = {n_electrons} and two_sz = {two_sz}"
        raise BadInput(rule, field=f"{field}.{'n_electrons' if two_sz is None else 'two_sz'}")
    if k > n_states:
        raise BadInput(f"there are {n_states:,} states", field=f"{field}.k", value=k)
    if n_states > MAX_ELEMENTS:
        rule = f"{n_states:,} states are more than the {MAX_ELEMENTS:,} matrix elements that are kept"
        raise BadInput(rule, field=f"{field}.hamiltonian", hint="n_electrons narrows it to a sector")


def _read(arguments: Mapping[str, Any]) -> Any:
    from novacron.specs.classical import Inputs

    return Inputs(hamiltonian=arguments["hamiltonian"]).hamiltonian


def _dimension(n: int, n_electrons: int | None, two_sz: int | None) -> int:
    """States of so many ones, `two_sz` more on even qubits than on odd ones."""
    if n_electrons is None:
        return int(2**n)
    if two_sz is None:
        return comb(n, n_electrons)
    if (n_electrons + two_sz) % 2 or abs(two_sz) > n_electrons:
        return 0
    return comb(n - n // 2, (n_electrons + two_sz) // 2) * comb(n // 2, (n_electrons - two_sz) // 2)
