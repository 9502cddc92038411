"""Readout errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workers.quantum.simulation.ir.program import Float
from workers.quantum.simulation.noise.model import NoiseModel

FAITHFUL = (0.0, 0.0)


def flips(model: NoiseModel | None, qubit: int) -> tuple[float, float]:
    """Return the probability of misreading a qubit in |0>, and in |1>."""
    confusion = model.readout(qubit) if model else None
    return FAITHFUL if confusion is None else (float(confusion[0, 1]), float(confusion[1, 0]))


def misread(chances: Float, matrices: Sequence[Float | None]) -> Float:
    """Return the probabilities of readings.

    Args:
        chances: float64[2^k], probabilities of the states of k qubits, the first the most significant bit.
        matrices: The qubits' confusion matrices float64[state, reading], None for an ideal one.
    """
    for place, matrix in enumerate(matrices):
        if matrix is not None:
            halves = chances.reshape(1 << place, 2, -1)
            chances = np.einsum("isj,sr->irj", halves, matrix).reshape(-1)
    return chances
