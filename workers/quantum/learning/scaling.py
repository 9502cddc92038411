"""Scaling of features to a feature map's angles; fitted on the training part only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from novacron.json_types import JsonObject

Float = NDArray[np.float64]

CONSTANT = 1e-10
"""Relative standard deviation below which a feature counts as constant."""


class WrittenScaling(TypedDict):
    """JSON form of a `Scaling`, as stored in a result."""

    method: str
    mean: list[float]
    deviation: list[float]
    components: list[list[float]] | None
    low: list[float]
    high: list[float]


@dataclass(frozen=True)
class Scaling:
    """Standardise, optionally project on principal components, then stretch to [0, pi].

    Attributes:
        method: `minmax` as above; `standard` without the stretching; `none` leaves features unchanged.
        mean: shape (original features,).
        deviation: standard deviations, 1 for a constant feature; shape (original features,).
        components: principal directions as rows, shape (features, original features); None = no projection.
        low: smallest training value of each resulting feature, shape (features,).
        high: largest, shape (features,); equal to `low` for a constant feature.
    """

    method: str
    mean: Float
    deviation: Float
    components: Float | None
    low: Float
    high: Float

    def apply(self, x: Float) -> Float:
        """Return angles in radians; `minmax` clips values outside the training range to [0, pi].

        Row by row with elementwise arithmetic only, so that a row has the same angles in any batch. A feature
        that is constant in training is always 0.

        Args:
            x: shape (samples, original features).

        Returns:
            Shape (samples, features).
        """
        if self.method == "none":
            return x.copy()
        z = _projected((x - self.mean) / self.deviation, self.components)
        varies = self.high > self.low
        if self.method == "standard":
            return np.where(varies, z, 0.0)
        width = np.where(varies, self.high - self.low, 1.0)
        return np.asarray(np.where(varies, np.clip((z - self.low) / width, 0.0, 1.0), 0.0) * np.pi)

    def outside(self, x: Float) -> NDArray[np.bool_]:
        """Return which samples `minmax` clips in some feature; shape (samples,)."""
        if self.method != "minmax":
            return np.zeros(len(x), dtype=np.bool_)
        z = _projected((x - self.mean) / self.deviation, self.components)
        beyond = (z < self.low) | (z > self.high)
        return np.asarray((beyond & (self.high > self.low)).any(axis=1))

    def as_json(self) -> JsonObject:
        """Return all fields as plain lists, for a job's result."""
        return {
            "method": self.method,
            "mean": self.mean.tolist(),
            "deviation": self.deviation.tolist(),
            "components": None if self.components is None else self.components.tolist(),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
        }


def of_json(doc: WrittenScaling) -> Scaling:
    """Return the scaling that `Scaling.as_json` wrote."""
    mean, deviation, low, high = (
        np.array(numbers, np.float64) for numbers in (doc["mean"], doc["deviation"], doc["low"], doc["high"])
    )
    components = None if doc["components"] is None else np.array(doc["components"], np.float64)
    return Scaling(doc["method"], mean, deviation, components, low, high)


def fit(x: Float, n_features: int | None, method: str) -> Scaling:
    """Fit the scaling to training samples.

    Args:
        x: shape (samples, original features).
        n_features: number of principal components; None, or the number of features, keeps the features.
        method: see `Scaling`.
    """
    mean, still = x.mean(axis=0), constant(x)
    deviation = np.where(still, 1.0, x.std(axis=0))
    z = np.where(still, 0.0, (x - mean) / deviation)
    components = None if n_features is None or n_features == x.shape[1] else principal(z, n_features)
    z = _projected(z, components)
    return Scaling(method, mean, deviation, components, z.min(axis=0), z.max(axis=0))


def constant(x: Float) -> NDArray[np.bool_]:
    """Return which features are constant up to rounding, shape (features,).

    Rounding alone gives a column of equal numbers a non-zero deviation; standardised, it would be noise.
    """
    return np.asarray(x.std(axis=0) <= CONSTANT * np.abs(x).max(axis=0))


def principal(z: Float, k: int) -> Float:
    """Return the k principal directions of centred data, as rows; the largest entry of each is positive.

    Args:
        z: shape (samples, features), columns of mean 0.
        k: at most the number of features.

    Returns:
        Shape (k, features), by decreasing variance.

    Source: Jolliffe, Principal Component Analysis, 2002, section 3.5 (by singular values).
    """
    directions = np.linalg.svd(z, full_matrices=len(z) < k)[2][:k]
    largest = np.abs(directions).argmax(axis=1)
    return directions * np.sign(directions[np.arange(k), largest])[:, None]


def _projected(z: Float, components: Float | None) -> Float:
    """Return z @ components.T, summed feature by feature: a BLAS product depends on the number of rows."""
    if components is None:
        return z
    total = np.zeros((len(z), len(components)))
    for feature, weights in enumerate(components.T):
        total += z[:, feature : feature + 1] * weights
    return total
