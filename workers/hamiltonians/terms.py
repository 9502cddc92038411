"""Hamiltonians given as Pauli strings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workers.hamiltonians.base import Hamiltonian, HamiltonianError, basis_energy
from workers.simulation.pauli import PauliError, PauliSum


def terms(spec: Mapping[str, Any]) -> Hamiltonian:
    """A Hamiltonian from [string, coefficient] pairs, character i of a string acting on qubit i.

    Args:
        spec: `terms`, and optionally `n_electrons`, `hf_bitstring`, `e_hf`, `e_exact`.

    Raises:
        HamiltonianError: A bad term, or a bitstring that does not fit the terms or `n_electrons`.
    """
    try:
        operator = PauliSum.from_terms(spec["terms"])
    except PauliError as error:
        raise HamiltonianError(f"hamiltonian.terms: {error}") from error
    reference = spec.get("hf_bitstring")
    n_electrons = spec.get("n_electrons")
    e_hf = spec.get("e_hf")
    if reference is not None:
        _check_reference(reference, operator.n_qubits, n_electrons)
        n_electrons = reference.count("1")
        e_hf = basis_energy(operator, reference) if e_hf is None else e_hf
    elif n_electrons is not None and not 0 <= n_electrons <= operator.n_qubits:
        raise HamiltonianError(
            f"hamiltonian.n_electrons: {n_electrons} electrons on {operator.n_qubits} qubits; "
            f"0 to {operator.n_qubits} fit"
        )
    return Hamiltonian(operator, n_electrons, reference, None, e_hf, spec.get("e_exact"))


def _check_reference(bitstring: str, n_qubits: int, n_electrons: int | None) -> None:
    if len(bitstring) != n_qubits or set(bitstring) - {"0", "1"}:
        raise HamiltonianError(
            f"hamiltonian.hf_bitstring: {bitstring!r} is not a string of {n_qubits} characters 0 or 1"
        )
    if n_electrons is not None and bitstring.count("1") != n_electrons:
        raise HamiltonianError(
            f"hamiltonian.hf_bitstring: {bitstring!r} holds {bitstring.count('1')} electrons, "
            f"n_electrons says {n_electrons}"
        )
