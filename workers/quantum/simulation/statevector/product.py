"""A small matrix times a few qubits of state vectors, in NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from workers.quantum.simulation.ir.program import Complex

SLICED_COLUMNS = 4


class Product:
    """A matrix on some qubits: sums over slices if its rows are short, one matrix product otherwise.

    Args:
        matrix: complex128[2^k, 2^k], the first listed qubit most significant.
        qubits: k distinct qubits.
        n_qubits: Qubits of the states.
    """

    def __init__(self, matrix: Complex, qubits: Sequence[int], n_qubits: int) -> None:
        self._matrix = matrix
        self._axes = _split_shape(qubits, n_qubits)
        self._positions = [sorted(qubits).index(qubit) for qubit in qubits]
        longest = int(np.count_nonzero(matrix, axis=1).max())
        self._run = self._by_slices if longest <= SLICED_COLUMNS else self._by_product

    def __call__(self, states: Complex) -> Complex:
        """Return the product with complex128[..., 2^n], as a new array."""
        return self._run(states)

    def _slice(self, index: int) -> tuple[Any, ...]:
        chosen: list[Any] = [slice(None)] * len(self._axes)
        k = len(self._positions)
        for i, position in enumerate(self._positions):
            chosen[2 * position + 1] = index >> (k - 1 - i) & 1
        return tuple(chosen)

    def _by_slices(self, states: Complex) -> Complex:
        source = states.reshape(self._axes)
        result = source.copy()
        for row, values in enumerate(self._matrix):
            columns = np.flatnonzero(values).tolist()
            if columns == [row] and values[row] == 1:
                continue
            target = result[self._slice(row)]
            np.multiply(source[self._slice(columns[0])], values[columns[0]], out=target)
            for column in columns[1:]:
                target += values[column] * source[self._slice(column)]
        return result.reshape(states.shape)

    def _by_product(self, states: Complex) -> Complex:
        axes = [2 * position + 1 for position in self._positions]
        moved = np.moveaxis(states.reshape(self._axes), axes, range(len(axes)))
        product = self._matrix @ moved.reshape(len(self._matrix), -1)
        return np.moveaxis(product.reshape(moved.shape), range(len(axes)), axes).reshape(states.shape)


def _split_shape(qubits: Sequence[int], n_qubits: int) -> tuple[int, ...]:
    """Return axes (-1, 2, ..., 2, rest) with one axis of length 2 for each qubit, ascending."""
    shape = [-1]
    ordered = sorted(qubits)
    for qubit, following in zip(ordered, [*ordered[1:], n_qubits], strict=True):
        shape += [2, 1 << (following - qubit - 1)]
    return tuple(shape)
