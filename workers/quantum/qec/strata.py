"""Error rates of strata by number of faults: their shares, where shots go, and the rate of all together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from workers.quantum.qec.statistics import CONFIDENCE

GROWTH = 2.0
"""Factor by which the shots of a point grow from round to round at most."""
BEYOND = 1e-18
"""Probability of more faults than the last stratum has."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The rate of a point and how well it is known.

    Attributes:
        rate: of all strata together.
        std_error: its standard error.
        low: lower end of the confidence interval.
        high: its upper end, with the faults beyond the last stratum.
    """

    rate: float
    std_error: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Strata:
    """The strata of points that share their shots.

    Attributes:
        chunk_shots: shots in a chunk, by stratum.
        costs: relative time of a shot, by stratum.
        shares: probability of so many faults, (points, strata).
        beyond: probability of more faults than the last stratum has, by point.
    """

    chunk_shots: NDArray[np.int64]
    costs: NDArray[np.float64]
    shares: NDArray[np.float64]
    beyond: NDArray[np.float64]

    def estimate(self, point: int, chunks: NDArray[np.int64], errors: NDArray[np.int64]) -> Estimate:
        """Return the rate of a point.

        Its interval is that of weighted sums of Poisson counts (Fay and Feuer, Stat. Med. 16, 791 (1997)):
        the largest weight of one error is added to the upper end, so strata without errors widen it.

        Args:
            point: its position.
            chunks: counted chunks by stratum, at least one each.
            errors: logical errors in them.
        """
        shots = chunks * self.chunk_shots
        weights = self.shares[point] / shots
        rate = float(weights @ errors)
        variance = float(weights**2 @ (errors * (1 - errors / (shots + 1))))
        tail, most = (1 - CONFIDENCE) / 2, float(weights.max())
        low = _gamma(rate, variance, tail) if rate else 0.0
        high = _gamma(rate + most, variance + most**2, 1 - tail) + float(self.beyond[point])
        return Estimate(rate, sqrt(variance), low, min(1.0, high))

    def more(
        self, chunks: NDArray[np.int64], errors: NDArray[np.int64], goal: float, max_shots: int
    ) -> NDArray[np.int64] | None:
        """Return the chunks to add in the next round, by stratum; None if no more are needed.

        Shots are distributed as Neyman's allocation distributes them for each point that has not reached its
        goal, and a stratum gets the most that a point wants. This is a function of the counts alone.

        Args:
            chunks: counted chunks by stratum.
            errors: logical errors in them.
            goal: relative standard error at which a point ends.
            max_shots: shots at which all end.
        """
        if not chunks.all():
            return np.where(chunks == 0, 1, 0)
        shots = chunks * self.chunk_shots
        left = max_shots - int(shots.sum())
        spreads = self._spreads(shots, errors)
        missing = self._missing(shots, errors, spreads, goal)
        if left <= 0 or not missing:
            return None
        most = GROWTH * float(shots @ self.costs)
        wanted = np.zeros(len(shots))
        for point, within in missing:
            products = self.shares[point] * spreads
            total = float(products @ np.sqrt(self.costs))
            spent = most if within == 0 else min(most, (total / within) ** 2)
            wanted = np.maximum(wanted, spent * products / np.sqrt(self.costs) / total)
        extra = np.maximum(0.0, wanted - shots)
        if extra.sum() > left:
            extra *= left / extra.sum()
        added: NDArray[np.int64] = np.ceil(extra / self.chunk_shots).astype(np.int64)
        if not added.any():
            gains = [(self.shares[point] * spreads / shots) ** 2 / self.costs for point, _ in missing]
            added[int(np.argmax(np.max(gains, axis=0)))] = 1
        return added

    def _spreads(self, shots: NDArray[np.int64], errors: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the standard deviation of one shot, by stratum; half an error is added."""
        rates = (errors + 0.5) / (shots + 1)
        spreads: NDArray[np.float64] = np.sqrt(rates * (1 - rates))
        return spreads

    def _missing(
        self, shots: NDArray[np.int64], errors: NDArray[np.int64], spreads: NDArray[np.float64], goal: float
    ) -> list[tuple[int, float]]:
        """Return the points that have not reached their goal, with the standard error that they want."""
        rates = self.shares @ (errors / shots)
        reached = np.sqrt((self.shares * spreads) ** 2 @ (1 / shots))
        return [
            (point, goal * float(rate))
            for point, (rate, error) in enumerate(zip(rates, reached, strict=True))
            if not rate or error > goal * rate
        ]


def _gamma(mean: float, variance: float, quantile: float) -> float:
    """Return a quantile of the gamma distribution with this mean and variance."""
    return float(gammaincinv(mean**2 / variance, quantile)) * variance / mean


def shares(
    probabilities: Sequence[NDArray[np.float64]], least: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the probability of each number of faults from `least` on, and of more, by point.

    Args:
        probabilities: of the independent faults of each point.
        least: faults of the first stratum.
    """
    means = [float(one.sum()) for one in probabilities]
    n = int(max(means) + 12 * sqrt(max(means)) + 40)
    each = np.array([_counts(one, max(n, least + 1)) for one in probabilities])
    beyond = np.cumsum(each[:, ::-1], axis=1)[:, ::-1]
    last = max(least, int(np.flatnonzero((beyond > BEYOND).any(axis=0)).max()))
    return each[:, least : last + 1], beyond[:, last + 1]


def _counts(probabilities: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Return the probabilities of 0, 1, ... n faults (Poisson binomial), and of more in the last place."""
    found = np.zeros(n + 2)
    found[0] = 1.0
    for p in probabilities:
        moved = found[:-1] * p
        found[:-1] -= moved
        found[1:] += moved
    return found
