"""Cosines and sines of a tape's angles at one point."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.cpu.jit import inner


class Point(NamedTuple):
    """Values at one point, in the precision of the state.

    Attributes:
        half: real[angles, 2], cosine and sine of half of each angle.
        full: real[angles, 2], cosine and sine of each angle.
        raw: float64[angles], the angles.
        cosines: real[...], of angle times level, for each phase by level.
        sines: real[...], minus the sine of the same.
    """

    half: NDArray[Any]
    full: NDArray[Any]
    raw: NDArray[np.float64]
    cosines: NDArray[Any]
    sines: NDArray[Any]


@inner
def point(tape, angles):
    """Compute the point of a tape at angles float64[angles]."""
    dtype = tape.tables.dtype
    half, full = np.empty((angles.size, 2), dtype), np.empty((angles.size, 2), dtype)
    for k in range(angles.size):
        half[k, 0], half[k, 1] = math.cos(0.5 * angles[k]), math.sin(0.5 * angles[k])
        full[k, 0], full[k, 1] = math.cos(angles[k]), math.sin(angles[k])
    cosines, sines = _levels(tape, angles, dtype)
    return Point(half, full, angles, cosines, sines)


@inner
def _levels(tape, angles, dtype):
    size = 0
    for k in range(len(tape.phases)):
        diagonal = tape.phases[k, 1]
        if tape.diagonals[diagonal, 2] >= 0:
            size += tape.diagonals[diagonal, 1]
    cosines, sines = np.empty(size, dtype), np.empty(size, dtype)
    for k in range(len(tape.phases)):
        angle, diagonal, first = tape.phases[k]
        if tape.diagonals[diagonal, 2] < 0:
            continue
        value = tape.diagonals[diagonal, 0]
        for level in range(tape.diagonals[diagonal, 1]):
            turned = angles[angle] * tape.values[value + level]
            cosines[first + level], sines[first + level] = math.cos(turned), -math.sin(turned)
    return cosines, sines
