"""Bringing features to the angles a feature map takes; everything is learnt from the training part alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from novacron.json_types import JsonObject

Float = NDArray[np.float64]

CONSTANT = 1e-10
"""Standard deviation below which a feature is constant, as a share of its greatest size."""


class WrittenScaling(TypedDict):
    """A `Scaling` as JSON, as it comes back from a result."""

    method: str
    mean: list[float]
    deviation: list[float]
    components: list[list[float]] | None
    low: list[float]
    high: list[float]


@dataclass(frozen=True)
class Scaling:
    """Standardise, project on principal components where asked to, then stretch to [0, pi].

    Attributes:
        method: `minmax` as above; `standard` without the stretching; `none` leaves features as they are.
        mean: shape (original features,).
        deviation: standard deviations, 1 where a feature is constant; shape (original features,).
        components: principal directions as rows, shape (features, original features); None = no projection.
        low: least training value of each resulting feature, shape (features,).
        high: greatest, shape (features,); as `low` where the feature is constant.
    """

    method: str
    mean: Float
    deviation: Float
    components: Float | None
    low: Float
    high: Float

    def apply(self, x: Float) -> Float:
        """Angles in radians; `minmax` clips what lies outside the training range to [0, pi].

        Row by row with elementwise arithmetic only, so that a row has the same angles in any batch. A feature
        that is constant in training is 0 everywhere.

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
        """Which samples `minmax` clips, in some feature; shape (samples,)."""
        if self.method != "minmax":
            return np.zeros(len(x), dtype=np.bool_)
        z = _projected((x - self.mean) / self.deviation, self.components)
        beyond = (z < self.low) | (z > self.high)
        return np.asarray((beyond & (self.high > self.low)).any(axis=1))

    def as_json(self) -> JsonObject:
        """All fields as plain lists, for a job's result."""
        return {
            "method": self.method,
            "mean": self.mean.tolist(),
            "deviation": self.deviation.tolist(),
            "components": None if self.components is None else self.components.tolist(),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
        }


def of_json(doc: WrittenScaling) -> Scaling:
    """The scaling that `Scaling.as_json` wrote."""
    mean, deviation, low, high = (
        np.array(numbers, np.float64) for numbers in (doc["mean"], doc["deviation"], doc["low"], doc["high"])
    )
    components = None if doc["components"] is None else np.array(doc["components"], np.float64)
    return Scaling(doc["method"], mean, deviation, components, low, high)


def fit(x: Float, n_features: int | None, method: str) -> Scaling:
    """Learn the scaling from training samples.

    Args:
        x: shape (samples, original features).
        n_features: how many principal components to keep; None, or as many as there are, keeps the features.
        method: see `Scaling`.
    """
    mean, still = x.mean(axis=0), constant(x)
    deviation = np.where(still, 1.0, x.std(axis=0))
    z = np.where(still, 0.0, (x - mean) / deviation)
    components = None if n_features is None or n_features == x.shape[1] else principal(z, n_features)
    z = _projected(z, components)
    return Scaling(method, mean, deviation, components, z.min(axis=0), z.max(axis=0))


def constant(x: Float) -> NDArray[np.bool_]:
    """Which features hardly change, shape (features,).

    Rounding alone gives a column of equal numbers a deviation that is not 0; standardised, it would be noise.
    """
    return np.asarray(x.std(axis=0) <= CONSTANT * np.abs(x).max(axis=0))


def principal(z: Float, k: int) -> Float:
    """The k principal directions of centred data, as rows; the largest entry of each is positive.

    Args:
        z: shape (samples, features), columns of mean 0.
        k: at most the number of features.

    Returns:
        Shape (k, features), by falling variance.

    Source: Jolliffe, Principal Component Analysis, 2002, section 3.5 (by singular values).
    """
    directions = np.linalg.svd(z, full_matrices=len(z) < k)[2][:k]
    largest = np.abs(directions).argmax(axis=1)
    return directions * np.sign(directions[np.arange(k), largest])[:, None]


def _projected(z: Float, components: Float | None) -> Float:
    """Z @ components.T, added up feature by feature: a product of BLAS depends on the number of rows."""
    if components is None:
        return z
    total = np.zeros((len(z), len(components)))
    for feature, weights in enumerate(components.T):
        total += z[:, feature : feature + 1] * weights
    return total
