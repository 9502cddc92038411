"""The outcomes of a problem's circuits, measured in one or several rounds, and values computed from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from shared.circuits.record import CircuitRecord
from workers.quantum.mitigation import readout
from workers.quantum.mitigation.measurement import Histogram, Setting
from workers.quantum.mitigation.problem import Known, Problem
from workers.quantum.mitigation.randomised import Randomised
from workers.quantum.mitigation.readout import Corrector, Uncorrected
from workers.quantum.mitigation.recipe import REFERENCE, TARGET, TRAINING, Variant
from workers.quantum.mitigation.runner import Runner
from workers.quantum.mitigation.zne import folded
from workers.quantum.simulation.ir.program import Float

LEAST_SHOTS = 16
"""Fewest shots of a circuit."""


LEAST_CALIBRATING = 50
"""Fewest shots of a calibration circuit."""
CHUNK = 256
"""Outcomes whose values are computed at once, for all replicates."""


class Part(NamedTuple):
    """One variant, measured in one setting."""

    variant: Variant
    setting: int


class Means(NamedTuple):
    """Means of all terms by variant, float64[1 + n_replicates, n_terms]; the replicates come after them.

    Attributes:
        drawn: replicates of circuits and calibrations.
        calibrated: replicates of the calibrations alone.
    """

    drawn: dict[Variant, Float]
    calibrated: dict[Variant, Float]


Shots = Mapping[Part, int]
"""Shots of each part, divided among its random circuits."""


@dataclass
class Data:
    """Outcomes of a problem's circuits.

    Attributes:
        problem: the problem.
        runner: runs its circuits.
        randomised: the random circuits in place of each.
        method: readout mitigation that calibrations serve, None for none.
        n_circuits: number of different circuits that have run.
        n_shots: number of shots so far.
    """

    problem: Problem
    runner: Runner
    randomised: Randomised
    method: str | None = None
    n_circuits: int = 0
    n_shots: int = 0
    _calibration: dict[int, Histogram] = field(default_factory=dict)
    _outcomes: dict[Part, list[Histogram]] = field(default_factory=dict)
    _variants: set[Variant] = field(default_factory=set)

    def parts(self, variants: Iterable[Variant]) -> list[Part]:
        """Return what has to be measured of some variants.

        Settings in which all terms of a known circuit vanish are left out: under Pauli noise, which only
        attenuates the terms of a Clifford circuit, they vanish in the noisy circuit as well.
        """
        settings, asked = self.problem.observables.settings, list(variants)
        self._variants.update(asked)
        return [
            Part(variant, number)
            for variant in asked
            for number, setting in enumerate(settings)
            if not self._vanishes(variant, setting)
        ]

    def least_shots(self, parts: Collection[Part]) -> int:
        """Return the fewest shots for some parts: a few for each of their random circuits."""
        return LEAST_SHOTS * self.randomised.copies(self.problem.isa.n_letters) * len(parts)

    @property
    def n_calibrating(self) -> int:
        """Shots of all calibration circuits so far; 0 for exact probabilities."""
        return sum(one.shots or 0 for one in self._calibration.values())

    @property
    def least_calibrating(self) -> int:
        """Fewest shots of all calibration circuits."""
        return 0 if self.method is None else LEAST_CALIBRATING * len(self._states())

    def measure(self, parts: Sequence[Part], shots: Shots | None, calibration_shots: int = 0) -> None:
        """Run parts and, if readout is mitigated, calibrations; add their outcomes.

        Args:
            parts: what to measure.
            shots: of each part, None for exact probabilities.
            calibration_shots: of all calibration circuits together.
        """
        circuits: list[CircuitRecord] = []
        owners: list[tuple[Part | int, int, int]] = []
        numbers: list[int] = []
        states = (
            () if self.method is None or (shots is not None and not calibration_shots) else self._states()
        )
        for state in states:
            circuits.append(self.problem.isa.prepared(state))
            owners.append((state, 0, 0))
            numbers.append(max(1, calibration_shots // len(states)))
        for part in parts:
            made = self._circuits(part)
            for copy, (record, flips) in enumerate(made):
                circuits.append(record)
                owners.append((part, copy, flips))
                numbers.append(0 if shots is None else max(1, shots[part] // len(made)))
        found = self.runner.run(circuits, None if shots is None else numbers)
        self.n_shots += 0 if shots is None else sum(numbers)
        for (owner, copy, flips), outcomes in zip(owners, found, strict=True):
            self._add(owner, copy, outcomes.flipped(flips))

    def _add(self, owner: Part | int, copy: int, outcomes: Histogram) -> None:
        if isinstance(owner, int):
            known = self._calibration.get(owner)
            self.n_circuits += known is None
            self._calibration[owner] = outcomes if known is None else known.joined(outcomes)
            return
        held = self._outcomes.setdefault(owner, [])
        if copy < len(held):
            held[copy] = held[copy].joined(outcomes)
        else:
            held.append(outcomes)
            self.n_circuits += 1

    def _states(self) -> tuple[int, ...]:
        assert self.method is not None
        n = self.problem.isa.n_letters
        return readout.states(self.method, n, self.randomised.flips(n))

    def _circuits(self, part: Part) -> list[tuple[CircuitRecord, int]]:
        """Return the random circuits of a part, each with the flips of its readings."""
        known = self._known(part.variant)
        isa = self.problem.isa if known is None else known.isa
        letters = self.problem.observables.settings[part.setting].letters
        return self.randomised.measured(folded(isa, part.variant.scale), letters)

    def _vanishes(self, variant: Variant, setting: Setting) -> bool:
        known = self._known(variant)
        return known is not None and not np.any(known.means[list(setting.terms)])

    def _known(self, variant: Variant) -> Known | None:
        if variant.circuit == TARGET:
            return None
        if variant.circuit == REFERENCE:
            return self.problem.reference
        numbered = {TRAINING.format(k): known for k, known in enumerate(self.problem.training)}
        return numbered[variant.circuit]

    def means(self, n_replicates: int, rng: np.random.Generator, *, corrected: bool) -> Means:
        """Return the means of all terms, followed by bootstrap replicates of them.

        Args:
            n_replicates: number of replicates over the shots of circuits and calibrations.
            rng: draws them.
            corrected: whether readout errors are inverted.
        """
        corrector = self._corrector(n_replicates, rng, corrected=corrected)
        shape = (1 + n_replicates, len(self.problem.observables.strings))
        found = Means(*({one: np.zeros(shape) for one in self._variants} for _ in range(2)))
        for part, held in self._outcomes.items():
            setting = self.problem.observables.settings[part.setting]
            columns = list(setting.terms)
            tables = [each[part.variant] for each in found]
            for outcomes in held:
                drawn = outcomes.resampled(n_replicates, rng)
                for begin in range(0, drawn.shape[1], CHUNK):
                    some = slice(begin, begin + CHUNK)
                    values = corrector.values(outcomes.outcomes[some], setting)
                    for table, weights in zip(tables, (drawn, drawn[:1]), strict=True):
                        table[:, columns] += np.einsum("rk,rkt->rt", weights[:, some], values) / len(held)
        return found

    def _corrector(self, n_replicates: int, rng: np.random.Generator, *, corrected: bool) -> Corrector:
        if not corrected or self.method is None:
            return Uncorrected()
        return readout.corrector(self.method, self._calibration, n_replicates, rng)

    def deviations(self, *, corrected: bool) -> dict[Part, Float]:
        """Return float64[n_rows] of each part: standard deviation of one shot's part of the rows.

        One more outcome, of opposite sign, is assumed among n + 2: a few equal shots do not show that all are
        (the rule of succession).
        """
        rng = np.random.default_rng(0)
        corrector = self._corrector(0, rng, corrected=corrected)
        found: dict[Part, Float] = {}
        for part, held in self._outcomes.items():
            setting = self.problem.observables.settings[part.setting]
            coefficients = self.problem.observables.coefficients[:, list(setting.terms)]
            variances = np.zeros(len(coefficients))
            for outcomes in held:
                rows = corrector.values(outcomes.outcomes, setting)[0] @ coefficients.T
                weights = outcomes.weights / outcomes.weights.sum()
                unseen = 0.0 if outcomes.shots is None else np.square(2 * np.abs(rows).max(axis=0))
                seen = weights @ np.square(rows) - np.square(weights @ rows)
                variances += (seen + unseen / ((outcomes.shots or 0) + 2)) / len(held)
            found[part] = np.sqrt(np.maximum(variances, 0.0))
        return found
