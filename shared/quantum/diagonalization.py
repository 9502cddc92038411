"""Limits of exact diagonalization and Hartree-Fock, checked at submission without NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from math import comb
from typing import Any

from novacron.errors import BadInput
from novacron.specs.pauli_terms import MAX_LETTERS

MAX_ELEMENTS = 2**26
"""Maximum number of matrix elements a worker stores: states times distinct X masks of the terms."""


def check_electrons(arguments: Mapping[str, Any], field: str) -> None:
    """Reject Hartree-Fock without electrons.

    Raises:
        BadInput: the Hamiltonian declares none.
    """
    if _read(arguments).n_electrons is None:
        rule = "needs a Hamiltonian with electrons: hf_bitstring or n_electrons is missing"
        raise BadInput(rule, field=f"{field}.hamiltonian")


def check_sector(arguments: Mapping[str, Any], field: str) -> None:
    """Reject sectors that are empty or too large, and more eigenvalues than states.

    Raises:
        BadInput: names the argument.
    """
    known = _read(arguments)
    n, n_electrons, two_sz, k = known.n_qubits, arguments["n_electrons"], arguments["two_sz"], arguments["k"]
    if n_electrons is None and arguments["sector"] != "all":
        n_electrons = known.n_electrons
    if n_electrons is None and two_sz is not None:
        raise BadInput("needs n_electrons as well", field=f"{field}.two_sz", value=two_sz)
    _check_conserved(known, arguments, field)
    n_states = _dimension(n, n_electrons, two_sz)
    if not n_states:
        spin = "" if two_sz is None else f" and two_sz = {two_sz}"
        rule = f"no state of {n} qubits has n_electrons = {n_electrons}{spin}"
        raise BadInput(rule, field=f"{field}.{'n_electrons' if two_sz is None else 'two_sz'}")
    if k > n_states:
        raise BadInput(f"there are {n_states:,} states", field=f"{field}.k", value=k)
    if n_states > MAX_ELEMENTS:
        rule = f"{n_states:,} states are more than the {MAX_ELEMENTS:,} matrix elements that are kept"
        raise BadInput(rule, field=f"{field}.hamiltonian", hint="n_electrons narrows it to a sector")


def _check_conserved(known: Any, arguments: Mapping[str, Any], field: str) -> None:
    """Reject sectors that the Hamiltonian does not conserve, if that is cheap to decide."""
    from novacron.inputs.encoding import Encoding, conserves_particles, conserves_spin
    from shared.quantum.pauli_terms import terms

    n = known.n_qubits
    if n * (known.n_terms or MAX_LETTERS) > MAX_LETTERS:
        return
    rows = [(x, z, value) for (x, z), value in (terms(known) or {}).items()]
    encoded = getattr(known, "encoding", None) or Encoding(n)
    for name, kept in (("n_electrons", conserves_particles), ("two_sz", conserves_spin)):
        if arguments[name] is not None and not kept(rows, encoded):
            under = f"mapping: {encoded.mapping} with spin_order: {encoded.spin_order}"
            rule = f"the Hamiltonian does not conserve it under {under}"
            hint = "leave it out, or say the mapping and spin_order of the terms"
            raise BadInput(rule, field=f"{field}.{name}", value=arguments[name], hint=hint)


def _read(arguments: Mapping[str, Any]) -> Any:
    from novacron.specs.classical import stored_inputs

    return stored_inputs(hamiltonian=arguments["hamiltonian"]).hamiltonian


def _dimension(n: int, n_electrons: int | None, two_sz: int | None) -> int:
    """Return the number of basis states with so many ones, `two_sz` more on even qubits than on odd ones."""
    if n_electrons is None:
        return int(2**n)
    if two_sz is None:
        return comb(n, n_electrons)
    if (n_electrons + two_sz) % 2 or abs(two_sz) > n_electrons:
        return 0
    return comb(n - n // 2, (n_electrons + two_sz) // 2) * comb(n // 2, (n_electrons - two_sz) // 2)
