"""What every planner shares: its protocol, and the choice between one task and many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from novacron._units import duration
from shared.tasks import TaskSpec

DISPATCH_S = 0.01
"""What handing a task to another process costs; work dearer than a hundred times this is worth it."""
FAN_OUT_S = 100 * DISPATCH_S


@dataclass(frozen=True, slots=True)
class Work:
    """What a planner makes of a spec: the tasks, and what explains them.

    Attributes:
        tasks: the last one's result is the job's.
        granularity: `fused`, `fanned_out` or `single`.
        why: one sentence.
        shape: name of the class of jobs expected to take equally long.
        cost_s: expected seconds of one core.
        loop: of a variational job: loops, units of work an evaluation (None where only a worker can tell),
            expected evaluations.
        known: lines to compare with, told in the `reference` event.
        warnings: what planning found that a user should know of the result.
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
    """Fused or fanned out, and why: by what one unit of work costs, unless the job says."""
    if asked != "auto":
        return asked, "the job asks for it"
    if unit_cost_s > FAN_OUT_S:
        return "fanned_out", f"{what} costs about {duration(unit_cost_s)}, far more than a dispatch"
    return "fused", f"{what} costs about {duration(unit_cost_s)}, too little to hand to another process"
