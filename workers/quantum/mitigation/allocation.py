"""The division of a number of shots among circuits, so that the variance of the result is least."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from workers.quantum.mitigation.data import Data, Part
from workers.quantum.mitigation.problem import Problem
from workers.quantum.mitigation.recipe import Recipe, Variant
from workers.quantum.simulation.ir.program import Float

STEP = 1e-6
"""Relative step of numerical derivatives."""


def divided(data: Data, n_shots: int, weights: Mapping[Part, float]) -> dict[Part, int]:
    """Return shots of each part, in all at most so many: some for each, the others by the weights.

    With the weights |a| sigma, coefficient and standard deviation, the variance of a sum is least.

    Source: Rubin, Babbush, McClean, New J. Phys. 20, 053020 (2018), appendix A.
    """
    total, least = sum(weights.values()), data.least_shots(list(weights)[:1])
    least = min(least, max(0, n_shots) // len(weights))
    left = max(0, n_shots - least * len(weights))
    shares = {part: weight / total if total > 0 else 1.0 / len(weights) for part, weight in weights.items()}
    return {part: least + int(left * share) for part, share in shares.items()}


def expected(data: Data, recipe: Recipe) -> dict[Part, float]:
    """Return the weight of each part before anything is known: the coefficients' magnitude."""
    observables = data.problem.observables
    found: dict[Part, float] = {}
    variants = recipe.variants(data.problem)
    for part in data.parts(variants):
        terms = list(observables.settings[part.setting].terms)
        size = float(np.sqrt(np.square(observables.coefficients[:, terms]).sum()))
        found[part] = size / part.variant.scale
    return found


def measured(data: Data, recipe: Recipe, rows: Mapping[Variant, Float]) -> dict[Part, float]:
    """Return the weight of each part from measured data: derivative times standard deviation of a shot.

    Args:
        data: outcomes of all parts of the recipe.
        recipe: what the shots are for.
        rows: float64[n_rows] of each variant.
    """
    slopes = derivatives(data.problem, recipe, rows)
    deviations = data.deviations(corrected=recipe.readout)
    return {
        part: float(np.sqrt(np.square(slopes[part.variant] @ np.diag(deviations[part])).sum()))
        for part in data.parts(recipe.variants(data.problem))
    }


def derivatives(problem: Problem, recipe: Recipe, rows: Mapping[Variant, Float]) -> dict[Variant, Float]:
    """Return float64[n, n_rows] for each variant: derivatives of the values by its rows."""
    variants = recipe.variants(problem)
    base = recipe.value(problem, rows.__getitem__)
    found = {}
    for variant in variants:
        here = rows[variant]
        steps = STEP * np.maximum(1.0, np.abs(here))
        columns = []
        for k, step in enumerate(steps):
            moved = here.copy()
            moved[k] += step
            shifted = {**rows, variant: moved}
            columns.append((recipe.value(problem, shifted.__getitem__) - base) / step)
        found[variant] = np.stack(columns, axis=1)
    return found
