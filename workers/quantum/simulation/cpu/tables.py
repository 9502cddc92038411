"""Matrices and diagonals in the layout that the kernels read."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.ir.program import Complex, Float
from workers.quantum.simulation.lowering.flat import FlatProgram

Int = NDArray[np.int64]
LANE_BITS, LANES = 3, 8


def diagonals(program: FlatProgram) -> tuple[Int, Float, NDArray[np.uint16]]:
    """Return `diagonals`, `values` and `level_index` of a `Tape`."""
    rows: list[tuple[int, int, int]] = []
    indices: list[NDArray[np.uint16]] = []
    values: list[Float] = []
    first = 0
    for diagonal in program.diagonals:
        by_level = diagonal.index is not None
        numbers = diagonal.values if by_level else _padded(diagonal.values)
        rows.append((first, len(numbers), len(indices) if by_level else -1))
        if diagonal.index is not None:
            indices.append(_padded(diagonal.index))
        values.append(numbers)
        first += len(numbers)
    joined = values[0] if len(values) == 1 else np.concatenate([np.zeros(0), *values])
    index = indices[0].reshape(1, -1) if len(indices) == 1 else np.array(indices, dtype=np.uint16)
    return np.array(rows, dtype=np.int64).reshape(-1, 3), joined, index.reshape(len(indices), index.shape[-1])


def _padded(values: NDArray[Any]) -> NDArray[Any]:
    """Repeat the values over padding bits to fill one vector."""
    return values if len(values) >= LANES else np.tile(values, LANES // len(values))


def permuted(matrix: Complex, order: list[int]) -> Complex:
    """Return the matrix with index bit k (0 is lowest) taken from qubit order[k] (0 is most significant)."""
    k = len(order)
    axes = [order[k - 1 - axis] for axis in range(k)]
    tensor = matrix.reshape([2] * (2 * k)).transpose(axes + [k + axis for axis in axes])
    return np.ascontiguousarray(tensor).reshape(matrix.shape)


def permuted_vector(values: Complex, order: list[int]) -> Complex:
    """Return the diagonal with its index bits permuted likewise."""
    axes = list(reversed(order))
    return np.ascontiguousarray(values.reshape([2] * len(order)).transpose(axes)).ravel()


def dense_table(matrix: Complex, lanes: list[int]) -> Float:
    """Return the table of `dense.dense`: matrix index bits are those between vectors, then in `lanes`."""
    between = len(matrix).bit_length() - 1 - len(lanes)
    n_rows, n_flips = 1 << between, 1 << len(lanes)
    table = np.empty((n_rows, n_rows, n_flips, 2, LANES))
    own = sum(((np.arange(LANES) >> place) & 1) << k for k, place in enumerate(lanes)) + np.zeros(LANES, int)
    for flip in range(n_flips):
        for row in range(n_rows):
            for column in range(n_rows):
                entry = matrix[row | own << between, column | (own ^ flip) << between]
                table[row, column, flip] = entry.real, entry.imag
    return table.ravel()


def diagonal_table(vectors: Complex) -> Float:
    """Return the table of `dense.diagonal`."""
    idle = np.all(vectors == 1.0, axis=1).astype(np.float64)
    return np.concatenate([idle, np.stack([vectors.real, vectors.imag], axis=1).ravel()])
