"""The contest of the candidates of one compilation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import exp
from typing import Any

from novacron.json_types import JsonObject
from shared.quantum.devices import Device
from workers.quantum.compiler import cost
from workers.quantum.compiler.compiled import Candidate, Options
from workers.quantum.compiler.schedule import Schedule, schedule

DIGITS = 9
"""Decimals of the log of the success probability that count: rounding errors decide nothing."""


@dataclass(frozen=True, slots=True)
class Score:
    """What candidates are compared by.

    Attributes:
        strategy: name of the strategy.
        log_success: log of the estimated success probability.
        from_zero: whether the candidate equals the source only for the input |0...0>.
        two_qubit_count: number of two-qubit gates.
        two_qubit_depth: length of the longest chain of them.
        cpu_s: processor time that the candidate took.
    """

    strategy: str
    log_success: float
    from_zero: bool
    two_qubit_count: int
    two_qubit_depth: int
    cpu_s: float

    @property
    def rank(self) -> tuple[float, bool, int]:
        """Key of the order from best to worst: success probability, exactness, two-qubit depth."""
        return -round(self.log_success, DIGITS), self.from_zero, self.two_qubit_depth

    def told(self) -> JsonObject:
        """Return the row of the result's `strategies`."""
        return {
            "name": self.strategy,
            "two_qubit_count": self.two_qubit_count,
            "success_probability": exp(self.log_success),
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """A candidate with its score.

    Attributes:
        candidate: the candidate.
        timed: its schedule.
        score: its score.
    """

    candidate: Candidate
    timed: Schedule
    score: Score

    @classmethod
    def of(cls, candidate: Candidate, device: Device, options: Options, cpu_s: float) -> Entry:
        """Schedule and score a candidate."""
        record = candidate.record
        timed = schedule(record.instructions, device, options.scheduling)
        score = Score(
            candidate.strategy, cost.log_success(record, device, timed.gaps), candidate.from_zero,
            cost.two_qubit_count(record), cost.two_qubit_depth(record), cpu_s,
        )  # fmt: skip
        return cls(candidate, timed, score)

    def to_json(self) -> JsonObject:
        """Return the entry as JSON data, for the task that chooses; it schedules the winner again."""
        return {"candidate": self.candidate.to_json(), "score": asdict(self.score)}


def best(scores: Sequence[Score]) -> int:
    """Return the position of the winner, the first of equals."""
    return min(range(len(scores)), key=lambda k: scores[k].rank)


def score_of(data: Mapping[str, Any]) -> Score:
    """Return the score of an entry as JSON data."""
    return Score(**data["score"])
