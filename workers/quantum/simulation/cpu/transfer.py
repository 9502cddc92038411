"""The compiled product of a transfer matrix with a few digits of a vector in base 4."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.cpu.jit import compiled, inner
from workers.quantum.simulation.ir.program import Float

# Groups of entries multiplied at once: enough for vector instructions, few enough for the L1 cache.
TOGETHER = 64


def apply(vector: Float, matrix: Float, digits: tuple[int, ...]) -> None:
    """Multiply in place.

    Args:
        vector: float64[4^n].
        matrix: float64[4^k, 4^k], C order.
        digits: k positions counted from the least significant digit, the matrix's most significant first.
    """
    shifts = np.array([2 * digit for digit in digits], dtype=np.int64)
    places = np.arange(len(matrix))
    offsets = np.zeros(len(matrix), dtype=np.int64)
    for position, shift in enumerate(shifts):
        offsets += (places >> 2 * (len(digits) - 1 - position) & 3) << shift
    _apply(vector, matrix, np.sort(shifts), offsets)


@inner
def _start(group: int, shifts: NDArray[np.int64]) -> int:
    """Return the index of a group's entry whose digits are all 0: zeros inserted at the shifts, ascending."""
    for shift in shifts:
        low = group & ((1 << shift) - 1)
        group = ((group >> shift) << (shift + 2)) | low
    return group


@compiled
def _apply(vector: Float, matrix: Float, shifts: NDArray[np.int64], offsets: NDArray[np.int64]) -> None:
    size = len(offsets)
    source = np.empty((size, TOGETHER))
    result = np.empty(TOGETHER)
    starts = np.empty(TOGETHER, dtype=np.int64)
    n_groups = len(vector) // size
    for first in range(0, n_groups, TOGETHER):
        width = min(TOGETHER, n_groups - first)
        for i in range(width):
            starts[i] = _start(first + i, shifts)
        for column in range(size):
            for i in range(width):
                source[column, i] = vector[starts[i] + offsets[column]]
        for row in range(size):
            result[:] = 0.0
            for column in range(size):
                factor = matrix[row, column]
                if factor != 0.0:
                    for i in range(TOGETHER):
                        result[i] += factor * source[column, i]
            for i in range(width):
                vector[starts[i] + offsets[row]] = result[i]
