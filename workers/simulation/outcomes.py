"""Measured outcomes of states: exact distributions and samples, as bit strings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workers.simulation.program import Complex, Float

REPORTED = 1e-14
MAX_OUTCOMES = 1 << 20


class OutcomeLimitError(ValueError):
    """More different outcomes than can be listed."""


def marginal(state: Complex, qubits: Sequence[int]) -> Float:
    """Probabilities of the values of some qubits.

    Args:
        state: complex128[2^n].
        qubits: k distinct qubits; the first is the most significant bit of the result's index.

    Returns:
        float64[2^k].
    """
    n_qubits = int(state.size).bit_length() - 1
    squares = (state.real**2 + state.imag**2).reshape([2] * n_qubits)
    summed = squares.sum(axis=tuple(q for q in range(n_qubits) if q not in set(qubits)))
    order = [sorted(qubits).index(qubit) for qubit in qubits]
    return np.asarray(summed.transpose(order).reshape(-1), dtype=np.float64)


def draw(
    probabilities: Float, shots: int, rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Draw from a distribution over indices.

    Returns:
        The indices drawn at least once, ascending, and how often; no more memory than the distribution.
    """
    # The multinomial gives what rounding leaves over to its last entry, which so must be possible.
    possible = np.flatnonzero(probabilities > REPORTED)
    chances = probabilities[possible]
    counts = rng.multinomial(shots, chances / chances.sum())
    seen = np.flatnonzero(counts)
    return possible[seen], counts[seen]


def strings(indices: NDArray[np.intp], bits: NDArray[np.uint8], places: Sequence[int]) -> list[str]:
    """Outcome strings: the given bits, with the digits of each index written over some places.

    Args:
        indices: Values of len(places) binary digits.
        bits: uint8[n_bits], the values of all other bits.
        places: Position of each digit, most significant first.
    """
    table = np.repeat(bits[None, :] + np.uint8(ord("0")), len(indices), axis=0)
    for digit, position in enumerate(places):
        shift = len(places) - 1 - digit
        table[:, position] = (indices >> shift & 1).astype(np.uint8) + np.uint8(ord("0"))
    width = table.shape[1]
    text = table.tobytes().decode("ascii")
    return [text[row * width : (row + 1) * width] for row in range(len(indices))]
