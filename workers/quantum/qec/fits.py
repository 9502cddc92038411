"""What a sweep says about a code: the suppression factor Lambda at each p, and the threshold."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import exp, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeWarning, curve_fit

NORMAL_95 = 1.959964
"""Half width of the 95 % interval of a normal distribution, in standard deviations."""
WINDOW = 0.5
"""Points whose p is within this share of the crossing belong to the fit of the threshold."""
PARAMETERS = 5
"""Of the fit of the threshold: p_th, 1 / nu, and three coefficients."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A point with its error rate of all rounds."""

    decoder: str
    distance: int
    rounds: int
    p: float
    rate: float
    std_error: float

    @property
    def per_round(self) -> float:
        """The error rate of a round, if rounds flip the observable independently."""
        kept: float = (1 - 2 * min(self.rate, 0.5)) ** (1 / self.rounds)
        return (1 - kept) / 2

    @property
    def relative_error(self) -> float:
        """The relative standard error of the rate, which is above 0."""
        return self.std_error / self.rate


def measured(point: Mapping[str, Any]) -> Measured:
    """Return a point of a result."""
    return Measured(**{name: point[name] for name in Measured.__dataclass_fields__})


def fit(points: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return `lambdas` and `thresholds`, each per decoder, as far as the points determine them.

    Args:
        points: points of a result.
    """
    chosen = [measured(point) for point in points if point["distance"]]
    chosen = sorted(chosen, key=lambda one: (one.decoder, one.p, one.distance))
    found: dict[str, list[dict[str, Any]]] = {"lambdas": [], "thresholds": []}
    for decoder, group in groupby(chosen, lambda one: one.decoder):
        own = list(group)
        found["lambdas"] += [{"decoder": decoder, **one} for one in _lambdas(own)]
        found["thresholds"] += [{"decoder": decoder, **one} for one in _threshold(own)]
    return found


def _lambdas(points: Sequence[Measured]) -> Iterator[dict[str, float]]:
    """Yield Lambda, the factor by which distance d + 2 lowers the error rate of a round, at each p.

    The slope of log(rate of a round) over distance / 2, weighted by the errors seen (Google Quantum AI,
    Nature 638, 920 (2025)).
    """
    for p, group in groupby(points, lambda one: one.p):
        seen = [one for one in group if 0 < one.rate < 0.5]
        if len({one.distance for one in seen}) < 2:
            continue
        half = np.array([one.distance / 2 for one in seen])
        logs = np.array([log(one.per_round) for one in seen])
        weights = np.array([one.relative_error**-2 for one in seen])
        mean = np.average(half, weights=weights)
        spread = float(np.sum(weights * (half - mean) ** 2))
        slope = float(np.sum(weights * (half - mean) * logs)) / spread
        each = NORMAL_95 / sqrt(spread)
        yield {"p": p, "value": exp(-slope), "low": exp(-slope - each), "high": exp(-slope + each)}


def _threshold(points: Sequence[Measured]) -> Iterator[dict[str, float]]:
    """Yield the threshold, if the curves of the two largest distances cross."""
    found = crossing_fit(points)
    if found is not None:
        half = NORMAL_95 * sqrt(float(found.covariance[0, 0]) * max(1.0, found.misfit))
        p_th, inverse_nu = float(found.best[0]), float(found.best[1])
        yield {
            "p": p_th, "low": p_th - half, "high": p_th + half,
            "nu": 1 / inverse_nu, "chi2_per_dof": found.misfit,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Crossing:
    """The fit of curves near their crossing.

    Attributes:
        best: p_th, 1 / nu, a, b, c.
        covariance: theirs, (5, 5).
        misfit: chi^2 per degree of freedom.
        near: the points that were fitted.
    """

    best: NDArray[np.float64]
    covariance: NDArray[np.float64]
    misfit: float
    near: Sequence[Measured]


def crossing_fit(points: Sequence[Measured]) -> Crossing | None:
    """Fit the curves near the crossing of the two largest distances; None if that is not determined.

    Fits rate = a + b x + c x^2 with x = (p - p_th) d^(1 / nu) (Wang, Harrington and Preskill, Ann. Phys. 303,
    31 (2003)).
    """
    crossing = _crossing(points)
    near = [one for one in points if crossing and abs(one.p / crossing - 1) <= WINDOW and 0 < one.rate < 1]
    n_free = len(near) - PARAMETERS
    if crossing is None or n_free < 1 or len({one.p for one in near}) < 3:
        return None
    p = np.array([one.p for one in near])
    distance = np.array([one.distance for one in near], dtype=float)
    rates = np.array([one.rate for one in near])
    spread = np.array([one.std_error for one in near])
    start = [crossing, 1.0, float(np.median(rates)), float(np.median(rates)) / crossing, 0.0]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", OptimizeWarning)
            best, covariance = curve_fit(_scaling, (p, distance), rates, start, spread, absolute_sigma=True)
    except (RuntimeError, OptimizeWarning):
        return None
    misfit = float(np.sum(((_scaling((p, distance), *best) - rates) / spread) ** 2)) / n_free
    return Crossing(best, covariance, misfit, near)


def _scaling(
    at: tuple[NDArray[np.float64], NDArray[np.float64]],
    p_th: float,
    inverse_nu: float,
    a: float,
    b: float,
    c: float,
) -> NDArray[np.float64]:
    p, distance = at
    x: NDArray[np.float64] = (p - p_th) * distance**inverse_nu
    return a + b * x + c * x**2


def _crossing(points: Sequence[Measured]) -> float | None:
    """Return where the curves of the two largest distances cross, interpolated; None if they do not."""
    distances = sorted({one.distance for one in points})[-2:]
    if len(distances) < 2:
        return None
    small, large = ({one.p: one for one in points if one.distance == d and one.rate} for d in distances)
    both = sorted(small.keys() & large.keys())
    ratios = [log(large[p].rate / small[p].rate) for p in both]
    found = None
    for k in range(1, len(both)):
        if ratios[k - 1] < 0 <= ratios[k]:
            share = ratios[k - 1] / (ratios[k - 1] - ratios[k])
            found = both[k - 1] + share * (both[k] - both[k - 1])
    return found
