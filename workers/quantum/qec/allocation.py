"""Where time shrinks the error of a fit most: the threshold, or the Lambda of every p."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.quantum.qec.fits import crossing_fit, measured

Vector = NDArray[np.float64]


@dataclass(slots=True)
class Design:
    """A linear least-squares fit in which one combination of parameters matters.

    Attributes:
        numbers: of its points.
        rows: derivatives of each point's value by the parameters, (points, parameters).
        units: information that a shot of each point gives, 1 / its variance.
        covariance: of the parameters.
        aim: the combination, by parameter.
    """

    numbers: Sequence[int]
    rows: NDArray[np.float64]
    units: Vector
    covariance: NDArray[np.float64]
    aim: Vector

    def gains(self, shots: Vector) -> Vector:
        """Return by how much so many more shots of each point lower the variance of the combination."""
        moved = self.rows @ self.covariance
        spread = np.einsum("ij,ij->i", moved, self.rows)
        added = self.units * shots
        gains: Vector = (moved @ self.aim) ** 2 * added / (1 + added * spread)
        return gains

    def add(self, position: int, shots: float) -> None:
        """Count shots of one of its points (the formula of Sherman and Morrison)."""
        moved, added = self.covariance @ self.rows[position], self.units[position] * shots
        self.covariance -= np.outer(moved, moved) * added / (1 + added * (moved @ self.rows[position]))


def shares(
    aim: str, points: Sequence[Mapping[str, Any]], speeds: Sequence[float], seconds: float, n_steps: int
) -> list[float]:
    """Return the seconds that each point gets, in steps that lower the variance of the fit most.

    All that run get the same while the counts determine no fit, or once its points have ended. The variances
    of several decoders, or of the logarithms of several Lambda, are added.

    Args:
        aim: `threshold` or `lambda`.
        points: points of a result; none before all have shots.
        speeds: shots a second of each; 0 for those that have ended.
        seconds: to be distributed.
        n_steps: number of equal steps.
    """
    designs = [*(_threshold(points) if aim == "threshold" else _lambdas(points))]
    given, step = np.zeros(len(speeds)), seconds / n_steps
    shots = np.array(speeds) * step
    for _ in range(n_steps):
        gains = [design.gains(shots[design.numbers]) for design in designs]
        best = max(range(len(designs)), key=lambda one: float(gains[one].max()), default=None)
        if best is None or not gains[best].any():
            running = np.array(speeds) > 0
            return [float(one) for one in seconds * running / running.sum()]
        place = int(gains[best].argmax())
        number = designs[best].numbers[place]
        designs[best].add(place, float(shots[number]))
        given[number] += step
    return [float(one) for one in given]


def _by(points: Sequence[Mapping[str, Any]], *names: str) -> Iterator[list[int]]:
    """Yield the numbers of the points that have these in common."""

    def key(number: int) -> tuple[Any, ...]:
        return tuple(points[number][name] for name in names)

    for _, group in groupby(sorted(range(len(points)), key=key), key):
        yield list(group)


def _threshold(points: Sequence[Mapping[str, Any]]) -> Iterator[Design]:
    """Yield the fit of each decoder's curves near their crossing, in which p_th matters."""
    for numbers in _by(points, "decoder"):
        known = {number: measured(points[number]) for number in numbers}
        found = crossing_fit([*known.values()])
        if found is None:
            continue
        near = [number for number in numbers if known[number] in found.near]
        p = np.array([points[number]["p"] for number in near])
        distance = np.array([float(points[number]["distance"]) for number in near])
        p_th, inverse_nu, _, b, c = found.best
        scale = distance**inverse_nu
        x = (p - p_th) * scale
        slope = b + 2 * c * x
        rows = np.column_stack([-slope * scale, slope * x * np.log(distance), np.ones(len(x)), x, x**2])
        rates = _rates(points, near)
        aim = np.array([1 / p_th, 0.0, 0.0, 0.0, 0.0])
        yield Design(near, rows, 1 / (rates * (1 - rates)), found.covariance.copy(), aim)


def _lambdas(points: Sequence[Mapping[str, Any]]) -> Iterator[Design]:
    """Yield the line through the logarithms of the rates at each p, in which the slope matters."""
    for numbers in _by(points, "decoder", "p"):
        distances = np.array([points[number]["distance"] / 2 for number in numbers])
        rates = _rates(points, numbers)
        units = rates / (1 - rates)
        rows = np.column_stack([np.ones(len(numbers)), distances])
        shots = np.array([points[number]["shots"] for number in numbers])
        if len(numbers) > 1:
            covariance = np.linalg.inv(rows.T @ (rows * (units * shots)[:, None]))
            yield Design(numbers, rows, units, covariance, np.array([0.0, 1.0]))


def _rates(points: Sequence[Mapping[str, Any]], numbers: Sequence[int]) -> Vector:
    """Return the rates of points, half an error being added to each."""
    return np.array([(points[one]["errors"] + 0.5) / (points[one]["shots"] + 1) for one in numbers])
