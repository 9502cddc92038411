"""Mitigated expectation values with their errors, from data that has been measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from novacron.json_types import JsonObject
from workers.quantum.mitigation import residual
from workers.quantum.mitigation.data import Data
from workers.quantum.mitigation.recipe import TARGET, Recipe, Variant
from workers.quantum.simulation.ir.program import Float

REPLICATES = 100
"""Bootstrap replicates for standard errors."""
WIDTH95 = 1.984
"""Half width of the 95 % interval in total errors: Student's t, degrees of freedom as many as replicates."""
ROUNDING = 1e-9
"""Relative rounding allowed beyond an observable's range."""


@dataclass(frozen=True)
class Estimate:
    """A mitigated expectation value.

    Attributes:
        value: the value.
        std_error: its standard error by shots, 0 if they are exact.
        model_error: estimated error of the models behind it.
        unmitigated: the same circuit's value without mitigation.
        unmitigated_error: its standard error by shots.
        lowest: least value of the observable that its coefficients allow.
        highest: greatest value.
    """

    value: float
    std_error: float
    model_error: float
    unmitigated: float
    unmitigated_error: float
    lowest: float
    highest: float

    @property
    def outside(self) -> float:
        """Distance from the observable's range, 0 within it."""
        return max(self.lowest - self.value, self.value - self.highest, 0.0)

    @property
    def error(self) -> float:
        """Total error, in quadrature; a value outside the range is wrong by the distance at least."""
        return float(np.hypot(self.std_error, max(self.model_error, self.outside)))

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval."""
        return self.value - WIDTH95 * self.error, self.value + WIDTH95 * self.error

    def warning(self, name: str) -> str | None:
        """Return a warning if the value is outside the observable's range."""
        if self.outside <= ROUNDING * max(1.0, abs(self.highest)):
            return None
        return (
            f"{name}: the mitigated value {self.value:.6g} is outside the observable's range, "
            f"[{self.lowest:.6g}, {self.highest:.6g}]: too few shots, or noise that the methods do not fit"
        )

    def to_json(self) -> JsonObject:
        """Return the estimate as part of a result."""
        return {
            "value": self.value, "std_error": self.std_error, "model_error": self.model_error,
            "interval": list(self.interval), "unmitigated": self.unmitigated,
            "unmitigated_std_error": self.unmitigated_error,
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Values:
    """All values of some data.

    Attributes:
        data: the data.
        corrected: rows float64[1 + replicates, n_rows] of each variant, readout errors inverted.
        raw: the same without.
        calibrated: as `corrected`, but replicates of the calibrations alone; None for exact probabilities.
    """

    data: Data
    corrected: Mapping[Variant, Float]
    raw: Mapping[Variant, Float]
    calibrated: Mapping[Variant, Float] | None = None

    @classmethod
    def of(cls, data: Data, seed: int, n_replicates: int = REPLICATES) -> Values:
        """Compute the values with bootstrap replicates."""
        tables = []
        for corrected in (True, False):
            found = data.means(n_replicates, np.random.default_rng([seed, 1]), corrected=corrected)
            tables += [_energies(data, means) for means in found]
        return cls(data, tables[0], tables[2], tables[1] if data.n_calibrating else None)

    def rows(self, recipe: Recipe, variant: Variant) -> Float:
        """Return the rows that a recipe starts from."""
        return (self.corrected if recipe.readout else self.raw)[variant]

    def samples(self, recipe: Recipe) -> Float:
        """Return float64[1 + replicates, n]: the mitigated values, and their replicates."""
        return recipe.value(self.data.problem, lambda variant: self.rows(recipe, variant))

    def model_errors(self, recipe: Recipe) -> Float:
        """Return float64[n], the estimated model error of each observable."""
        problem = self.data.problem
        spread = recipe.model_errors(problem, lambda variant: self.rows(recipe, variant)[0])
        value = self.samples(recipe)[0]
        left = np.zeros(problem.n)
        if not (recipe.reference or recipe.regression):
            lost = 1.0 - residual.survival(problem.isa, pairs=recipe.fit is None)
            left = lost / max(1.0 - lost, residual.LEAST) * np.abs(value - problem.asymptotes)
            left = np.minimum(left, problem.spreads + np.abs(value - problem.asymptotes))
        if not recipe.readout and not recipe.reference:
            observables = problem.observables
            rng = np.random.default_rng(0)
            means = self.data.means(0, rng, corrected=False).drawn[Variant(TARGET, 1)][0]
            left = left + residual.unread(problem.isa, observables, means)[: problem.n]
        found: Float = np.hypot(spread, left)
        return found

    def estimates(self, recipe: Recipe) -> list[Estimate]:
        """Return the estimate of each observable."""
        problem = self.data.problem
        samples, raw = self.samples(recipe), self.raw[Variant(TARGET, 1)][:, : problem.n]
        errors, raw_errors = samples[1:].std(axis=0, ddof=1), raw[1:].std(axis=0, ddof=1)
        models, low, high = (
            self.model_errors(recipe),
            problem.asymptotes - problem.spreads,
            problem.asymptotes + problem.spreads,
        )
        columns = (samples[0], errors, models, raw[0], raw_errors, low, high)
        return [Estimate(*map(float, row)) for row in zip(*columns, strict=True)]


def _energies(data: Data, means: Mapping[Variant, Float]) -> Mapping[Variant, Float]:
    return {variant: data.problem.observables.energies(rows) for variant, rows in means.items()}
