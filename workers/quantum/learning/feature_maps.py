"""Circuits that encode a row of features as a quantum state, evaluated for many rows at once.

One qubit per feature, in order: feature 0 is qubit 0, the most significant bit of the basis index. Each map
works row by row with elementwise arithmetic only, so a row gives bitwise identical results in any batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from novacron.specs.qml import MAX_FEATURES as MAX_QUBITS
from workers.runtime.outcome import UserError

Float = NDArray[np.float64]
Complex = NDArray[np.complex128]


class FeatureMap(Protocol):
    """A data-dependent circuit without trainable parameters."""

    @property
    def n_features(self) -> int:
        """Number of features per row."""
        ...

    @property
    def n_qubits(self) -> int:
        """Number of qubits of its states."""
        ...

    def states(self, x: Float) -> Complex:
        """Return the states of a batch of rows.

        Args:
            x: angles in radians, shape (rows, n_features).

        Returns:
            Normalised amplitudes, shape (rows, 2**n_qubits), qubit 0 most significant.
        """
        ...


@dataclass(frozen=True)
class AngleMap:
    """RY(x_q) on every qubit q, `layers` times, with CZ on all neighbours of a chain in between.

    One layer is a product state: its kernel is prod_q cos^2((x_q - y_q) / 2).

    Source: Stoudenmire and Schwab, NIPS 2016, equation 3 (one layer); Perez-Salinas et al., Quantum 4, 226
    (2020), section 2 (data re-uploading).
    """

    n_features: int
    layers: int = 1

    @property
    def n_qubits(self) -> int:
        """One qubit per feature."""
        return self.n_features

    def states(self, x: Float) -> Complex:
        """See `FeatureMap.states`; the amplitudes are real."""
        cosine, sine = np.cos(x / 2), np.sin(x / 2)
        state = np.ones((len(x), 1))
        for q in range(self.n_features):
            pair = np.stack([cosine[:, q], sine[:, q]], axis=1)
            state = (state[:, :, None] * pair[:, None, :]).reshape(len(x), -1)
        for _ in range(self.layers - 1):
            state *= _chain_of_cz(self.n_features)
            for q in range(self.n_features):
                _rotate_y(state, q, cosine[:, q], sine[:, q])
        return state.astype(np.complex128)


@dataclass(frozen=True)
class ZZMap:
    """`layers` times: H on every qubit, then exp(-i sum_q x_q Z_q - i sum_{q<r} (pi-x_q)(pi-x_r) Z_q Z_r).

    Source: Havlicek et al., Nature 567, 209 (2019), equation 2 and supplement, with the sign of Qiskit's
    `zz_feature_map`; the paper's states are the complex conjugates, the kernel is the same.
    """

    n_features: int
    layers: int = 2

    @property
    def n_qubits(self) -> int:
        """One qubit per feature."""
        return self.n_features

    def states(self, x: Float) -> Complex:
        """See `FeatureMap.states`."""
        angles = _zz_angles(x)
        diagonal = np.empty(angles.shape, dtype=np.complex128)
        np.cos(angles, out=diagonal.real)
        np.sin(angles, out=diagonal.imag)
        np.conjugate(diagonal, out=diagonal)
        diagonal *= 2.0 ** (-self.n_features / 2)
        state = diagonal.copy()
        for _ in range(self.layers - 1):
            _walsh_hadamard(state)
            state *= diagonal
        return state


FEATURE_MAPS: dict[str, type[AngleMap] | type[ZZMap]] = {"angle": AngleMap, "zz": ZZMap}


def feature_map(name: str, n_features: int, layers: int) -> FeatureMap:
    """Return a feature map by name.

    Raises:
        UserError: for an unknown name, or too many features.
    """
    if name not in FEATURE_MAPS:
        raise UserError(f"model.feature_map = {name!r}: must be one of {', '.join(FEATURE_MAPS)}")
    if not 1 <= n_features <= MAX_QUBITS:
        raise UserError(
            f"{n_features} features need {n_features} qubits and the limit is {MAX_QUBITS};"
            " set data.n_features to reduce them to principal components"
        )
    if layers < 1:
        raise UserError(f"model.layers = {layers}: must be at least 1")
    return FEATURE_MAPS[name](n_features, layers)


def _zz_angles(x: Float) -> Float:
    """Return exponents of the diagonal layer for all basis states, shape (rows, 2**n).

    Qubits are added one at a time: with qubit k in |0> (|1>) the exponent grows (falls) by x_k and the
    couplings of k to the qubits before it, themselves computed in the same way.
    """
    rows, n = x.shape
    rest = np.pi - x
    total = np.zeros((rows, 1))
    for k in range(n):
        field = x[:, k : k + 1]
        for q in range(k):
            coupling = (rest[:, q] * rest[:, k])[:, None]
            field = np.stack([field + coupling, field - coupling], axis=2).reshape(rows, -1)
        total = np.stack([total + field, total - field], axis=2).reshape(rows, -1)
    return total


def _walsh_hadamard(state: Complex) -> None:
    """Apply a Walsh-Hadamard transform in place: signs (-1)^(i.j), without the factor 2^(-n/2)."""
    rows, size = state.shape
    half = size // 2
    while half:
        pairs = state.reshape(rows, -1, 2, half)
        low, high = pairs[:, :, 0], pairs[:, :, 1]
        difference = low - high
        low += high
        high[...] = difference
        half //= 2


def _chain_of_cz(n: int) -> Float:
    """Return signs of CZ on (0, 1), (1, 2), ...: -1 for an odd number of neighbouring ones, shape (2**n,)."""
    index = np.arange(2**n)
    signs: Float = 1.0 - 2.0 * (np.bitwise_count(index & index >> 1) & 1)
    return signs


def _rotate_y(state: Float, q: int, cosine: Float, sine: Float) -> None:
    """Apply RY to qubit q in place, with a separate half angle for each row."""
    rows = len(state)
    pairs = state.reshape(rows, 2**q, 2, -1)
    c, s = cosine[:, None, None], sine[:, None, None]
    low, high = pairs[:, :, 0].copy(), pairs[:, :, 1].copy()
    pairs[:, :, 0] = c * low - s * high
    pairs[:, :, 1] = s * low + c * high
