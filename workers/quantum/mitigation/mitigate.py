"""Runs the circuits of a job's mitigation and estimates its observables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from novacron.json_types import JsonObject
from novacron.specs.mitigation import AnyMethod, Auto, Readout, Twirling
from workers.quantum.mitigation import allocation, auto
from workers.quantum.mitigation.auto import Candidate
from workers.quantum.mitigation.data import Data, Part
from workers.quantum.mitigation.estimate import REPLICATES, Estimate, Values
from workers.quantum.mitigation.problem import Problem
from workers.quantum.mitigation.randomised import Randomised
from workers.quantum.mitigation.recipe import Recipe
from workers.quantum.mitigation.runner import Runner

CALIBRATING = 0.25
"""Part of the first round's shots that calibrates the readout."""


@dataclass(frozen=True)
class Mitigated:
    """The result of a mitigation.

    Attributes:
        estimates: one for each observable.
        methods: the methods applied, in words.
        n_circuits: number of different circuits that were run.
        n_shots: shots of all together, None if their probabilities are exact.
        n_settings: circuits without mitigation: the measurement settings.
        candidates: what `auto` chose from.
    """

    estimates: Sequence[Estimate]
    methods: Sequence[str]
    n_circuits: int
    n_shots: int | None
    n_settings: int
    candidates: Sequence[Candidate] = ()

    def to_json(self) -> JsonObject:
        """Return what was done, without the values."""
        return {
            "methods": list(self.methods), "circuits": self.n_circuits, "shots": self.n_shots,
            "overhead": round(self.n_circuits / max(1, self.n_settings), 3),
            **({"candidates": [one.to_json() for one in self.candidates]} if self.candidates else {}),
        }  # fmt: skip


def mitigate(
    problem: Problem, methods: Sequence[AnyMethod], shots: int | None, runner: Runner, seed: int = 0
) -> Mitigated:
    """Measure and estimate.

    Args:
        problem: circuit and observables.
        methods: the methods, or `auto` alone.
        shots: of all circuits together, None for exact probabilities.
        runner: runs the circuits.
        seed: of random circuits and bootstrap replicates; the runner has its own.
    """
    if not problem.observables.strings:
        constants = [Estimate(c, 0.0, 0.0, c, 0.0, c, c) for c in problem.asymptotes.tolist()]
        return Mitigated(constants, [], 0, None if shots is None else 0, 0)
    automatic = any(isinstance(one, Auto) for one in methods)
    data = gathered(problem, [Readout()] if automatic else methods, runner, seed)
    candidates = list(auto.recipes(problem, exact=shots is None)) if automatic else [Recipe.of(methods)]
    weights: dict[Part, float] = {}
    for recipe in candidates:
        weights |= allocation.expected(data, recipe)
    if shots is None:
        data.measure(list(weights), None)
        best, judged = auto.chosen(data, candidates, None, seed)
    else:
        best, judged = _in_rounds(data, candidates, weights, shots, seed)
    found = concluded(data, best.recipe, shots, seed)
    return replace(found, candidates=judged) if automatic else found


def _in_rounds(
    data: Data, candidates: list[Recipe], weights: dict[Part, float], shots: int, seed: int
) -> tuple[Candidate, list[Candidate]]:
    """Measure all candidates with few shots, and the best with the remaining ones, divided by what was found.

    Where even the fewest shots for each circuit are half of all, a single candidate is measured at once.
    """
    least = data.least_calibrating
    pilot = max(int(auto.PILOT * shots), data.least_shots(weights) + least)
    if len(candidates) == 1 and 2 * pilot > shots:
        pilot = shots
    calibrating = max(least, int(CALIBRATING * pilot)) if data.method else 0
    data.measure(list(weights), allocation.divided(data, pilot - calibrating, weights), calibrating)
    best, judged = auto.chosen(data, candidates, max(1, shots - data.n_shots), seed)
    if pilot < shots:
        left = shots - data.n_shots
        calibrating = max(least, int(best.calibrating * left)) if best.recipe.readout else 0
        divided = allocation.divided(data, left - calibrating, best.weights)
        data.measure(list(best.weights), divided, calibrating)
    return best, judged


def gathered(problem: Problem, methods: Sequence[AnyMethod], runner: Runner, seed: int) -> Data:
    """Return empty data for some methods."""
    reading = next((one.method for one in methods if isinstance(one, Readout)), None)
    twirls = next((one.circuits for one in methods if isinstance(one, Twirling)), 0)
    return Data(problem, runner, Randomised(twirls, reading == "twirled", seed), reading)


def concluded(data: Data, recipe: Recipe, shots: int | None, seed: int) -> Mitigated:
    """Return the estimates of a recipe from its data."""
    values = Values.of(data, seed, 2 if shots is None else REPLICATES)
    names = [*data.randomised.names, *recipe.names]
    n_shots, n_settings = None if shots is None else data.n_shots, len(data.problem.observables.settings)
    return Mitigated(values.estimates(recipe), names, data.n_circuits, n_shots, n_settings)
