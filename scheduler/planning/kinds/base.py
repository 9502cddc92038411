"""Interface of all planners, and the choice between one task and many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from novacron._units import duration
from shared.tasks import TaskSpec

DISPATCH_S = 0.01
"""Cost in seconds of handing a task to another process; work a hundred times as expensive is worth it."""
FAN_OUT_S = 100 * DISPATCH_S


@dataclass(frozen=True, slots=True)
class Work:
    """A planner's result: the tasks, and how they were chosen.

    Attributes:
        tasks: tasks of the job; the result of the last one is the job's.
        granularity: `fused`, `fanned_out` or `single`.
        why: one sentence.
        shape: name of the class of jobs with the same expected duration.
        cost_s: expected core seconds.
        loop: of a variational job: number of loops, units of work per evaluation (None where only a worker
            can tell), expected evaluations.
        known: reference values, reported in the `reference` event.
        warnings: warnings about the result, known at planning time.
    """

    tasks: Sequence[TaskSpec]
    granularity: str
    why: str
    shape: str
    cost_s: float
    loop: dict[str, int | None] | None = None
    known: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


Planner = Callable[[Any, str, int], Work]
"""(spec, queue, memory in bytes) -> Work; pure."""


def granularity(asked: str, unit_cost_s: float, what: str) -> tuple[str, str]:
    """Choose fused or fanned out by the cost of a unit of work, unless the job says; with the reason."""
    if asked != "auto":
        return asked, "the job asks for it"
    if unit_cost_s > FAN_OUT_S:
        return "fanned_out", f"{what} costs about {duration(unit_cost_s)}, far more than a dispatch"
    return "fused", f"{what} costs about {duration(unit_cost_s)}, too little to hand to another process"
