"""Choice of the methods, and of their shots, by the least estimated squared error.

A first round measures the circuits of all candidates with few shots. Each candidate's error is its estimated
model error and the variance that it would have with all remaining shots, divided best among its circuits. No
mitigation is a candidate as well. The shots of the first round count in the result.

Source of the criterion: arXiv:2605.08251.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from novacron.json_types import Json, JsonObject
from workers.quantum.mitigation import allocation
from workers.quantum.mitigation.data import Data, Part
from workers.quantum.mitigation.estimate import REPLICATES, Values
from workers.quantum.mitigation.problem import Problem
from workers.quantum.mitigation.recipe import Recipe
from workers.quantum.simulation.ir.program import Float

PILOT = 0.08
"""Part of the shots that the first round has."""
SIGNIFICANT = 3.0
"""Standard deviations that shots explain."""
MATTERS = 1.02
"""A recipe of more circuits has to be better by this factor."""
PLAIN = Recipe()
FULL = Recipe(readout=True, scales=(1, 3), fit="linear")
"""Corrects all errors, whatever they cost: tells what the others leave."""


@dataclass(frozen=True)
class Candidate:
    """A recipe with its estimated errors.

    Attributes:
        recipe: the methods.
        bias: estimated model error, root of the sum of squares over the observables.
        deviation: standard deviation expected with the remaining shots, likewise.
        weights: weights of its circuits, by which the shots are divided.
        calibrating: part of the remaining shots that calibrates the readout.
    """

    recipe: Recipe
    bias: float
    deviation: float
    weights: dict[Part, float]
    calibrating: float

    @property
    def error(self) -> float:
        """Root of squared bias plus variance."""
        return float(np.hypot(self.bias, self.deviation))

    def to_json(self) -> JsonObject:
        """Return it as part of a result."""
        methods: list[Json] = list(self.recipe.names)
        return {"methods": methods, "bias": self.bias, "deviation": self.deviation}


def recipes(problem: Problem, *, exact: bool) -> Iterator[Recipe]:
    """Yield the candidates, fewest circuits first.

    Args:
        problem: what is mitigated.
        exact: whether probabilities are exact, so that more circuits add no variance.
    """
    yield PLAIN
    readout = Recipe(readout=True)
    yield readout
    if problem.has_reference:
        for correction in ("proportional", "additive"):
            yield replace(readout, reference=correction)
    yield replace(readout, scales=(1, 3), fit="exponential")
    yield replace(readout, scales=(1, 3), fit="linear")
    if problem.has_reference:
        yield replace(readout, reference="additive", scales=(1, 3), fit="linear")
        yield replace(readout, reference="proportional", scales=(1, 3), fit="linear")
    if problem.verified and exact:
        yield replace(readout, symmetry=True, scales=(1, 3, 5), fit="richardson")


def chosen(
    data: Data, candidates: list[Recipe], shots: int | None, seed: int
) -> tuple[Candidate, list[Candidate]]:
    """Return the best candidate, and all of them.

    Args:
        data: outcomes of the circuits of all.
        candidates: their recipes, the simplest first: it wins a tie.
        shots: number that remains, None for exact probabilities.
        seed: of the replicates.
    """
    values = Values.of(data, seed, 2 if shots is None else REPLICATES)
    judged = [_judged(values, recipe, candidates, shots) for recipe in candidates]
    least = MATTERS * min(one.error for one in judged)
    return next(one for one in judged if one.error <= least), judged


def _judged(values: Values, recipe: Recipe, candidates: list[Recipe], shots: int | None) -> Candidate:
    tables = values.corrected if recipe.readout else values.raw
    rows = {variant: table[0] for variant, table in tables.items()}
    weights = allocation.measured(values.data, recipe, rows)
    circuits, calibration = sum(weights.values()), _calibration(values, recipe)
    deviation = 0.0 if shots is None else (circuits + calibration) / np.sqrt(shots)
    calibrating = calibration / (circuits + calibration) if calibration > 0 else 0.0
    bias = values.model_errors(recipe)
    if not recipe.corrects_gates and FULL in candidates:
        bias = np.maximum(bias, _distance(values, recipe, FULL))
    return Candidate(recipe, float(np.sqrt(np.square(bias).sum())), float(deviation), weights, calibrating)


def _calibration(values: Values, recipe: Recipe) -> float:
    """Return the weight of the calibrations: the root of the variance that one shot of them would cause."""
    if not recipe.readout or values.calibrated is None:
        return 0.0
    samples = recipe.value(values.data.problem, values.calibrated.__getitem__)
    return float(np.sqrt(samples[1:].var(axis=0).sum() * values.data.n_calibrating))


def _distance(values: Values, recipe: Recipe, other: Recipe) -> Float:
    """Return float64[n], how far two recipes' values are apart beyond what the shots of the data explain."""
    apart = values.samples(recipe) - values.samples(other)
    explained = SIGNIFICANT**2 * apart[1:].var(axis=0)
    found: Float = np.sqrt(np.maximum(0.0, np.square(apart[0]) - explained))
    return found
