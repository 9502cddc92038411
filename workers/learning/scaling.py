"""Bringing features to the angles a feature map takes; everything is learnt from the training part alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Scaling:
    """Standardise, project on principal components where asked to, then stretch to [0, pi].

    Attributes:
        mean: shape (original features,).
        deviation: standard deviations, 1 where a feature is constant; shape (original features,).
        components: principal directions as rows, shape (features, original features); None = no projection.
        low: least training value of each resulting feature, shape (features,).
        high: greatest, shape (features,).
    """

    mean: Float
    deviation: Float
    components: Float | None
    low: Float
    high: Float

    def apply(self, x: Float) -> Float:
        """Angles in radians; what lies outside the training range is clipped to [0, pi].

        Args:
            x: shape (samples, original features).

        Returns:
            Shape (samples, features).
        """
        z = _projected((x - self.mean) / self.deviation, self.components)
        width = np.where(self.high > self.low, self.high - self.low, 1.0)
        return np.clip((z - self.low) / width, 0.0, 1.0) * np.pi

    def as_json(self) -> dict[str, Any]:
        """All fields as plain lists, for a job's result."""
        fields = {
            "mean": self.mean,
            "deviation": self.deviation,
            "components": self.components,
            "low": self.low,
            "high": self.high,
        }
        return {key: None if array is None else array.tolist() for key, array in fields.items()}


def fit(x: Float, n_features: int | None = None) -> Scaling:
    """Learn the scaling from training samples.

    Args:
        x: shape (samples, original features).
        n_features: how many principal components to keep; None, or as many as there are, keeps the features.
    """
    mean = x.mean(axis=0)
    deviation = x.std(axis=0)
    deviation[deviation == 0] = 1.0
    z = (x - mean) / deviation
    components = None if n_features is None or n_features == x.shape[1] else principal(z, n_features)
    z = _projected(z, components)
    return Scaling(mean, deviation, components, z.min(axis=0), z.max(axis=0))


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
    return z if components is None else z @ components.T
