"""Hamiltonians given as Pauli strings."""

from __future__ import annotations

from dataclasses import replace

from novacron.inputs import encoding
from novacron.specs.hamiltonian import PauliTerms
from workers.quantum.hamiltonians.base import Hamiltonian, HamiltonianError, basis_energy, filled
from workers.quantum.hamiltonians.determinant import lowest
from workers.quantum.simulation.ir.pauli import PauliError, PauliSum


def terms(spec: PauliTerms) -> Hamiltonian:
    """Build a Hamiltonian from (string, coefficient) pairs, character i of a string acting on qubit i.

    Raises:
        HamiltonianError: There are too many qubits for masks, or the terms do not conserve the particle
            number, which a submission does not check for large sums.
    """
    try:
        operator = PauliSum.from_terms(spec.terms)
    except PauliError as error:
        raise HamiltonianError(f"hamiltonian.terms: {error}") from error
    known = Hamiltonian(operator, e_hf=spec.e_hf, e_exact=spec.e_exact, encoding=spec.encoding)
    n_electrons, n_up = spec.n_electrons, spec.n_alpha
    if n_electrons is None or n_up is None:
        return known
    known = replace(known, n_electrons=n_electrons, reference=spec.reference)
    return _symmetric(_with_reference(known, n_up, n_electrons - n_up))


def _with_reference(known: Hamiltonian, n_up: int, n_down: int) -> Hamiltonian:
    """Return the Hamiltonian with a reference: as given, else the lowest determinant of its electrons."""
    given = known.reference
    found = lowest(known.jordan_wigner().operator, n_up, n_down)
    if known.reference is None:
        first = filled((known.n_qubits + 1) // 2, list(range(n_up)), list(range(n_down)))
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
    return replace(known, e_hf=energy, two_sz=n_up - n_down, doubts=doubts)


def _symmetric(known: Hamiltonian) -> Hamiltonian:
    """Return the Hamiltonian, without S_z if its terms do not conserve it.

    Raises:
        HamiltonianError: They do not conserve the particle number.
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
