"""Hamiltonians given as Pauli strings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from novacron.inputs import encoding
from novacron.inputs.encoding import Encoding
from workers.quantum.hamiltonians.base import Hamiltonian, HamiltonianError, basis_energy, filled
from workers.quantum.hamiltonians.determinant import lowest
from workers.quantum.simulation.ir.pauli import PauliError, PauliSum


def terms(spec: Mapping[str, Any]) -> Hamiltonian:
    """A Hamiltonian from [string, coefficient] pairs, character i of a string acting on qubit i.

    Args:
        spec: `terms`, and optionally `n_electrons`, `two_sz`, `hf_bitstring`, `mapping`, `spin_order`,
            `e_hf`, `e_exact`.

    Raises:
        HamiltonianError: A bad term, a bitstring that does not fit the terms or `n_electrons`, or a particle
            number that the terms do not keep.
    """
    try:
        operator = PauliSum.from_terms(spec["terms"])
    except PauliError as error:
        raise HamiltonianError(f"hamiltonian.terms: {error}") from error
    bits, count, two_sz = spec.get("hf_bitstring"), spec.get("n_electrons"), spec.get("two_sz")
    n = operator.n_qubits
    encoded = Encoding(n, spec.get("mapping") or "jordan_wigner", spec.get("spin_order") or "interleaved")
    known = Hamiltonian(operator, e_hf=spec.get("e_hf"), e_exact=spec.get("e_exact"), encoding=encoded)
    if bits is None and count is None:
        return known
    reference = None
    if bits is not None:
        _check_reference(bits, n, count)
        count, reference = bits.count("1"), encoded.interleaved(bits)
        two_sz = 2 * reference[::2].count("1") - count
    n_electrons = int(count or 0)
    if not 0 <= n_electrons <= n:
        raise HamiltonianError(
            f"hamiltonian.n_electrons: {n_electrons} electrons on {n} qubits; 0 to {n} fit"
        )
    known = replace(known, n_electrons=n_electrons, reference=reference)
    return _symmetric(_with_reference(known, n_electrons % 2 if two_sz is None else int(two_sz)))


def _with_reference(known: Hamiltonian, two_sz: int) -> Hamiltonian:
    """The Hamiltonian with a reference: the one given, else the lowest determinant of its electrons."""
    n_electrons, given = known.n_electrons or 0, known.reference
    n_up = (n_electrons + two_sz) // 2
    found = lowest(known.jordan_wigner().operator, n_up, n_electrons - n_up)
    if known.reference is None:
        first = filled((known.n_qubits + 1) // 2, list(range(n_up)), list(range(n_electrons - n_up)))
        reference = first[: known.n_qubits] if found is None else found.reference
        known = replace(known, reference=reference)
    energy = basis_energy(known.operator, known.initial)
    doubts = known.doubts
    if found is not None and energy > found.energy + 1e-6 * max(1.0, abs(energy)):
        doubts += (
            f"hf_bitstring has the energy {energy:.9g}; as many electrons in {found.reference} (spins "
            f"interleaved) have {found.energy:.9g}: check that it is in the order of spin_order",
        )
    if given is None and known.e_hf is not None and abs(energy - known.e_hf) > 1e-5 * max(1.0, abs(energy)):
        doubts += (
            f"hamiltonian.e_hf is {known.e_hf:.10g}, and the energy of the reference determinant "
            f"{known.reference} (spins interleaved) is {energy:.10g}",
        )
    return replace(known, e_hf=energy, two_sz=two_sz, doubts=doubts)


def _symmetric(known: Hamiltonian) -> Hamiltonian:
    """The Hamiltonian, without S_z where its terms do not keep that.

    Raises:
        HamiltonianError: They do not keep the particle number.
    """
    operator = known.operator
    rows = list(
        zip(operator.x_masks.tolist(), operator.z_masks.tolist(), operator.coefficients.tolist(), strict=True)
    )
    if not encoding.conserves_particles(rows, known.encoded):
        raise HamiltonianError(
            f"hamiltonian.n_electrons: the terms do not keep it under {known.encoded.mapping}"
        )
    return known if encoding.conserves_spin(rows, known.encoded) else replace(known, two_sz=None)


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
