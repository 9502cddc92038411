"""A job's state, accumulated from its events, for the live display."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from novacron import _quantity
from novacron._transport.stream import Event, references
from novacron._view import known

SETTLED = frozenset({"completed", "failed", "cancelled"})
MOVED = 1e-10
ENOUGH_RUNS = 2
"""Number of past runs needed to show the remaining time: one is not enough."""


@dataclass
class Progress:
    """A job's progress according to its events.

    Attributes:
        job: the job's document.
        loops: the values of each variational loop, in order of evaluation.
        references: known values: ``e_hf``, ``e_exact``, ``optimum``.
        jobs: of a sweep, the number of its jobs by state, and in ``total``.
        rates: points of an error-correction study with their logical error rates so far.
    """

    job: Mapping[str, Any]
    status: str = "queued"
    placement: dict[str, Any] = field(default_factory=dict)
    references: dict[str, float] = field(default_factory=dict)
    loops: dict[int, list[float]] = field(default_factory=dict)
    tasks: dict[Any, str] = field(default_factory=dict)
    jobs: dict[str, int] = field(default_factory=dict)
    rates: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    _times: list[float] = field(default_factory=list)
    _newest: float | None = None
    _loops_ended: int = 0

    def __post_init__(self) -> None:
        self.references = known(self.job)
        self.quantity = _quantity.of(self.job)

    @property
    def maximises(self) -> bool:
        """Whether the objective is maximized, as the cut of MaxCut."""
        return self.quantity.maximized

    @property
    def n_starts(self) -> int:
        """Number of optimizer starts, as far as known."""
        asked = (self.job.get("spec") or {}).get("starts") or 1
        return max(int(asked), 1 + max(self.loops, default=0))

    @property
    def starts_ended(self) -> int:
        """Number of starts that have ended; unknown for loops fanned out over many tasks."""
        return min(self._loops_ended, len(self.loops))

    @property
    def exact(self) -> float | None:
        """The exact value for comparison with the best one, if known."""
        return self.references.get("e_exact", self.references.get("optimum"))

    @property
    def age_s(self) -> float:
        """Seconds from submission to the newest event, by the server's clock."""
        created = self.job.get("created_at")
        if self._newest is None or not created:
            return 0.0
        return max(0.0, self._newest - datetime.fromisoformat(created).timestamp())

    def left_s(self, elapsed_s: float) -> float | None:
        """Return the expected remaining seconds from past runs of this shape; None without enough of them.

        Args:
            elapsed_s: seconds since submission.
        """
        estimate = self.job.get("estimate") or {}
        if (estimate.get("learnt_from") or 0) < ENOUGH_RUNS or not estimate.get("finish_s"):
            return None
        left = float(estimate["finish_s"]) - elapsed_s
        return left if left > 0 else None

    @property
    def best(self) -> tuple[int, int, float] | None:
        """Loop, evaluation (from 1) and value of the best so far."""
        sign = -1.0 if self.maximises else 1.0
        ranked = [
            (sign * value, loop, index)
            for loop, values in self.loops.items()
            for index, value in enumerate(values)
        ]
        if not ranked:
            return None
        key, loop, index = min(ranked)
        return loop, index + 1, sign * key

    @property
    def n_evaluations(self) -> int:
        """Evaluations over all loops."""
        return sum(map(len, self.loops.values()))

    @property
    def evaluations_per_s(self) -> float | None:
        """Mean rate between the first and the last reported evaluations, by the server's clock."""
        if len(self._times) < 2 or self._times[-1] <= self._times[0]:
            return None
        return self.n_evaluations / (self._times[-1] - self._times[0])

    @property
    def stuck(self) -> list[int]:
        """The loops whose best value is still the first after three or more evaluations."""
        pick = max if self.maximises else min
        return [
            loop
            for loop, values in self.loops.items()
            if len(values) >= 3 and abs(pick(values) - values[0]) <= MOVED
        ]

    @property
    def tasks_done(self) -> tuple[int, int]:
        """Number of finished tasks, and of known tasks."""
        counts = self.job.get("tasks") or {}
        done = sum(state in SETTLED for state in self.tasks.values())
        return max(done, counts.get("done") or 0), max(len(self.tasks), counts.get("total") or 0)

    def take(self, event: Event) -> None:
        """Process an event."""
        if "at" in event.data:
            self._newest = datetime.fromisoformat(event.data["at"]).timestamp()
        fold = getattr(self, f"_{event.kind}", None)
        if fold is not None:
            fold(event.data)
        if event.kind == "reference":
            self.references.update(references([event]))

    def _job(self, data: Mapping[str, Any]) -> None:
        self.status = str(data.get("status", self.status))
        if self.status == "running":
            self._note_time(data)

    def _task(self, data: Mapping[str, Any]) -> None:
        self.tasks.update(dict.fromkeys(data.get("tasks", ()), str(data.get("to"))))
        if data.get("operation") == "optimize" and data.get("to") == "completed":
            self._loops_ended += len(data.get("tasks", ()))

    def _evaluations(self, data: Mapping[str, Any]) -> None:
        values = self.loops.setdefault(int(data.get("loop", 0)), [])
        # Loops minimise: for MaxCut they report the negative cut.
        sign = -1.0 if self.maximises else 1.0
        for one in data.get("evaluations", ()):
            # A restarted attempt may report an evaluation again; its position identifies it.
            del values[max(0, one["evaluation"] - 1) :]
            values.append(sign * one["value"])
        self._note_time(data)

    def _jobs(self, data: Mapping[str, Any]) -> None:
        self.jobs = {name: int(n) for name, n in data.items() if name != "at"}

    def _rates(self, data: Mapping[str, Any]) -> None:
        self.rates = list(data.get("points", ()))

    def _placement(self, data: Mapping[str, Any]) -> None:
        self.placement = dict(data)

    def _warning(self, data: Mapping[str, Any]) -> None:
        self.warnings.append(str(data.get("message")))

    def _notice(self, data: Mapping[str, Any]) -> None:
        self.notices.append(str(data.get("message")))

    def _note_time(self, data: Mapping[str, Any]) -> None:
        if "at" in data:
            self._times.append(datetime.fromisoformat(data["at"]).timestamp())
