"""A trainable circuit, run on many states at once, with the gradient of any function of its parities.

Columns of RZ then RY on every qubit, with CZ on all neighbours in a ring between columns.

Source: the circuit, Kandala et al., Nature 549, 242 (2017), figure 1, with CZ as entangler; the gradient by
reversing the circuit, Jones, Gacon, arXiv:2009.02823.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class Trainable:
    """The circuit; its angles are ordered by column, then qubit, then (RZ, RY).

    Attributes:
        n_qubits: width.
        layers: entangling layers; there is one more column of rotations.
    """

    n_qubits: int
    layers: int

    @property
    def n_parameters(self) -> int:
        """Two angles per qubit in each column."""
        return 2 * self.n_qubits * (self.layers + 1)

    def run(self, angles: Float, states: Complex) -> Complex:
        """Return final states; angles: float64[n_parameters] in radians, states: complex128[rows, 2^n]."""
        result = states.copy()
        gates = _gates(angles).reshape(self.layers + 1, self.n_qubits, 2, 2)
        for column in range(self.layers + 1):
            if column:
                result *= self._ring()
            for q in range(self.n_qubits):
                _apply(result, q, gates[column, q])
        return result

    def gradient(self, angles: Float, final: Complex, weights: Float) -> Float:
        """Return derivatives of sum_rs weights[r, s] |final[r, s]|^2, with fixed weights.

        Args:
            angles: float64[n_parameters] in radians.
            final: from `run`, complex128[rows, 2^n]; it is overwritten.
            weights: float64[rows, 2^n].

        Returns:
            float64[n_parameters].
        """
        adjoint = weights * final
        gates = _gates(angles).reshape(self.layers + 1, self.n_qubits, 2, 2)
        environments = np.empty_like(gates)
        for column in reversed(range(self.layers + 1)):
            for q in reversed(range(self.n_qubits)):
                inverse = gates[column, q].conj().T
                _apply(final, q, inverse)
                environments[column, q] = _environment(adjoint, final, q)
                _apply(adjoint, q, inverse)
            if column:
                final *= self._ring()
                adjoint *= self._ring()
        slopes = _gate_slopes(angles)
        derivatives = (environments.reshape(-1, 1, 2, 2) * slopes).sum(axis=(2, 3))
        return np.asarray(2.0 * derivatives.real.ravel())

    def _ring(self) -> Float:
        index = np.arange(2**self.n_qubits)
        links = self.n_qubits if self.n_qubits > 2 else self.n_qubits - 1
        odd = np.zeros(index.size, dtype=np.int64)
        for q in range(links):
            odd ^= index >> q & index >> (q + 1) % self.n_qubits
        return np.where(odd & 1, -1.0, 1.0)


def _gates(angles: Float) -> Complex:
    """Return RY(b) RZ(a) for all (a, b) = angles[2k], angles[2k + 1]: complex128[k, 2, 2]."""
    a, b = angles[0::2], angles[1::2]
    phase, c, s = np.exp(-0.5j * a), np.cos(0.5 * b), np.sin(0.5 * b)
    rows = [[c * phase, -s * phase.conj()], [s * phase, c * phase.conj()]]
    return np.ascontiguousarray(np.moveaxis(np.array(rows), 2, 0))


def _gate_slopes(angles: Float) -> Complex:
    """Return derivatives of the gates by a and by b: complex128[k, 2, 2, 2]."""
    gates = _gates(angles)
    by_a = gates * np.array([-0.5j, 0.5j])
    by_b = 0.5 * np.stack([-gates[:, 1], gates[:, 0]], axis=1)
    return np.stack([by_a, by_b], axis=1)


def _apply(states: Complex, q: int, gate: Complex) -> None:
    pairs = states.reshape(len(states), 2**q, 2, -1)
    low, high = pairs[:, :, 0].copy(), pairs[:, :, 1]
    pairs[:, :, 0] = gate[0, 0] * low + gate[0, 1] * high
    pairs[:, :, 1] = gate[1, 0] * low + gate[1, 1] * high


def _environment(adjoint: Complex, states: Complex, q: int) -> Complex:
    """Contract conj(adjoint[i]) states[j] over all qubits but q, i and j being the values of qubit q."""
    left = adjoint.reshape(len(adjoint), 2**q, 2, -1)
    right = states.reshape(len(states), 2**q, 2, -1)
    result = np.empty((2, 2), dtype=np.complex128)
    for i in (0, 1):
        for j in (0, 1):
            result[i, j] = (left[:, :, i].conj() * right[:, :, j]).sum()
    return result
