"""Density matrices as real vectors over the Pauli strings: see `workers.quantum.simulation.ir.transfer`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from workers.quantum.simulation.cpu.transfer import apply
from workers.quantum.simulation.ir.program import Complex, Float
from workers.quantum.simulation.ir.transfer import Transfer, fused

DIGITS = {"I": 0, "X": 1, "Y": 2, "Z": 3}
NO_WEIGHT = 1e-15


class MixedState:
    """A density matrix times a weight, which is its trace.

    Args:
        n_qubits: Number of qubits.
        vector: float64[4^n], r[s] = tr(P_s rho); changed in place by `evolve`.
    """

    def __init__(self, n_qubits: int, vector: Float) -> None:
        self.n_qubits = n_qubits
        self.vector = vector

    @classmethod
    def zero(cls, n_qubits: int) -> MixedState:
        """Return the state with all qubits in |0>: the mean of all products of I and Z."""
        vector = np.zeros(4**n_qubits)
        vector.reshape([4] * n_qubits)[(slice(None, None, 3),) * n_qubits] = 1.0
        return cls(n_qubits, vector)

    @property
    def weight(self) -> float:
        """The trace."""
        return float(self.vector[0])

    def evolve(self, parts: Iterable[Transfer]) -> None:
        """Apply transfer matrices in order."""
        for matrix, qubits in fused(parts):
            apply(self.vector, matrix, tuple(self.n_qubits - 1 - qubit for qubit in qubits))

    def projected(self, qubit: int, value: int) -> MixedState:
        """Return the part with this measured value of the qubit, weighted by its probability."""
        halves = self.vector.reshape(4**qubit, 4, -1)
        sign = 1.0 - 2.0 * value
        result = np.zeros_like(halves)
        result[:, 0] = 0.5 * (halves[:, 0] + sign * halves[:, 3])
        result[:, 3] = sign * result[:, 0]
        return MixedState(self.n_qubits, result.reshape(-1))

    def added(self, other: MixedState, factor: float) -> MixedState:
        """Return this plus `factor` times the other."""
        return MixedState(self.n_qubits, self.vector + factor * other.vector)

    def marginal(self, qubits: Sequence[int]) -> Float:
        """Return the probabilities of the values of some qubits, times the weight.

        Args:
            qubits: k distinct qubits; the first is the most significant bit of the result's index.

        Returns:
            float64[2^k]; negative rounding residues are clipped to zero.
        """
        chosen = set(qubits)
        picked = tuple(slice(None, None, 3) if q in chosen else 0 for q in range(self.n_qubits))
        values = self.vector.reshape([4] * self.n_qubits)[picked]
        for axis in range(values.ndim):
            even, odd = np.moveaxis(values, axis, 0)
            values = np.stack([even + odd, even - odd], axis=axis) * 0.5
        order = [sorted(qubits).index(qubit) for qubit in qubits]
        return np.maximum(values.transpose(order).reshape(-1), 0.0)

    def expectation(self, string: str) -> float:
        """Return the expectation value of a Pauli string, times the weight."""
        index = 0
        for letter in string:
            index = 4 * index + DIGITS[letter]
        return float(self.vector[index])

    def overlap(self, other: MixedState) -> float:
        """Return the trace of the product with another state."""
        return float(np.sum(self.vector * other.vector)) / (1 << self.n_qubits)

    def density_matrix(self) -> Complex:
        """Return complex128[2^n, 2^n]."""
        n = self.n_qubits
        values: Complex = self.vector.astype(np.complex128).reshape([4] * n)
        for axis in range(n):
            one, x, y, z = np.moveaxis(values, axis, 0)
            pair = [one + z, x - 1j * y, x + 1j * y, one - z]
            values = np.stack(pair, axis=axis, dtype=np.complex128) * 0.5
        split = values.reshape([2] * (2 * n))
        return split.transpose([*range(0, 2 * n, 2), *range(1, 2 * n, 2)]).reshape(2**n, 2**n)

    def entropy_bits(self) -> float:
        """Return the von Neumann entropy of the normalised state, -tr(rho log2 rho)."""
        eigenvalues = np.linalg.eigvalsh(self.density_matrix())
        kept = eigenvalues[eigenvalues > NO_WEIGHT]
        return max(0.0, -float(np.sum(kept * np.log2(kept))))
