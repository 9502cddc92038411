"""Properties of a final state: particle number, spin, and energy variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from novacron.inputs.encoding import Encoding, spins
from shared.quantum.backends import BACKENDS
from shared.quantum.wants import Want
from workers.quantum.backends.base import Backend
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.backends.immediate import answers
from workers.quantum.hamiltonians.base import Hamiltonian
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Complex, Float, Program
from workers.quantum.simulation.noise.model import NoiseModel

MOST_QUBITS = 20
"""Maximum number of qubits of states that are computed in full for this."""


@dataclass(frozen=True, slots=True)
class QuantumNumbers:
    """Expectation values in one state; None if undefined or not computed.

    Attributes:
        n_particles: <N>.
        s_z: <S_z>, in units of hbar.
        s_squared: <S^2>, in units of hbar^2.
        variance: <H^2> - <H>^2, in the Hamiltonian's unit squared; 0 for an eigenstate.
    """

    n_particles: float | None = None
    s_z: float | None = None
    s_squared: float | None = None
    variance: float | None = None


def quantum_numbers(
    known: Hamiltonian, program: Program, point: Float, backend: Backend, noise: NoiseModel | None = None
) -> QuantumNumbers:
    """Return the quantum numbers of the state that a program prepares at a point.

    Args:
        known: The Hamiltonian on the program's qubits.
        program: The trial state.
        point: float64[n_parameters], radians.
        backend: The backend; for mixed states only N and S_z are computed, on a provider's device nothing.
        noise: The noise model, None for none.
    """
    if program.n_qubits > MOST_QUBITS or BACKENDS[backend.name].provider:
        return QuantumNumbers()
    if Want.STATES not in BACKENDS[backend.name].programs:
        return _mixed(known, program, point, backend, noise)
    (answer,) = answers(backend, Batch((Pub.of(program, point),), frozenset({Want.STATES})))
    state = np.asarray(answer.states, dtype=np.complex128)
    state /= np.linalg.norm(state)
    variance = known.operator.traceless().variance(state)
    if known.n_electrons is None:
        return QuantumNumbers(variance=variance)
    n_particles, s_z, s_squared = _of_fermions(_occupations(state, known.encoded), known.n_qubits)
    if known.n_qubits % 2:
        return QuantumNumbers(n_particles, variance=variance)
    return QuantumNumbers(n_particles, s_z, s_squared, variance)


def _mixed(
    known: Hamiltonian, program: Program, point: Float, backend: Backend, noise: NoiseModel | None
) -> QuantumNumbers:
    if known.n_electrons is None:
        return QuantumNumbers()
    n, masks = known.n_qubits, known.encoded.occupations()
    counted = np.empty(2, dtype=object)
    counted[:] = [_weighted(masks, weights) for weights in ([1] * n, spins(n))]
    asked = Batch((Pub(program, point, counted),), frozenset({Want.EXPECTATIONS}), noise=noise)
    (answer,) = answers(backend, asked)
    assert answer.expectations is not None
    n_particles, difference = answer.expectations.tolist()
    return QuantumNumbers(n_particles, difference / 2 if n % 2 == 0 else None)


def _weighted(masks: list[int], weights: list[int]) -> PauliSum:
    """Return sum_k weights_k n_k."""
    sums = {(0, 0): sum(weights) / 2} | {
        (0, mask): -weight / 2 for mask, weight in zip(masks, weights, strict=True)
    }
    return PauliSum.from_masks(len(masks), sums)


def _occupations(state: Complex, encoding: Encoding) -> Complex:
    """Return the state with one qubit per spin orbital, spins interleaved."""
    if encoding.plain:
        return state
    n, places = encoding.n_qubits, encoding.places()
    index = np.arange(len(state))
    filled = [np.bitwise_count(index & mask) & 1 for mask in encoding.occupations()]
    target = np.zeros_like(index)
    swapped = np.zeros_like(index)
    for j in range(n):
        target |= filled[j].astype(np.int64) << (n - 1 - j)
        for k in range(j + 1, n):
            if places[j] > places[k]:
                swapped ^= filled[j] & filled[k]
    result = np.empty_like(state)
    result[target] = state * (1 - 2 * swapped)
    return result


def _of_fermions(state: Complex, n: int) -> tuple[float, float, float]:
    """Return <N>, <S_z> and <S^2> = <S_z (S_z + 1)> + |S_+ psi|^2."""
    index = np.arange(len(state))
    chance = np.abs(state) ** 2
    up = sum(1 << (n - 1 - q) for q in range(0, n, 2))
    n_up, n_down = _count(index & up), _count(index & ~up)
    s_z = (n_up - n_down) / 2
    raised = np.zeros_like(state)
    for q in range(0, n - 1, 2):
        # a+_up a_down of one orbital: the modes are neighbours, so there is no sign.
        both, down = 3 << (n - 2 - q), 1 << (n - 2 - q)
        lowered = index[(index & both) == down]
        raised[lowered ^ both] += state[lowered]
    square = float(chance @ (s_z * (s_z + 1))) + float(np.vdot(raised, raised).real)
    return float(chance @ (n_up + n_down)), float(chance @ s_z), square


def _count(masks: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.bitwise_count(masks).astype(np.int64)
