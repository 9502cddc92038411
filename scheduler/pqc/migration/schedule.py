"""Earliest and latest dates of each step (critical path method)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

Gap = int
"""Days that must pass between two steps."""


@dataclass(frozen=True, slots=True)
class Times:
    """Dates of every step, as ordinals.

    Attributes:
        starts: first day in the earliest schedule.
        ends: last day in the earliest schedule.
        must_start_by: first day in the latest schedule that meets the deadline.
        critical: the steps that determine when the last one ends, in order.
    """

    starts: list[int]
    ends: list[int]
    must_start_by: list[int]
    critical: list[int]


def times(
    before: Sequence[set[int]],
    days: Sequence[int],
    gaps: dict[tuple[int, int], Gap],
    start: int,
    deadline: int,
) -> Times:
    """Return the dates of all steps; where the deadline is too early, some must start before the start.

    Args:
        before: for each step its predecessors; acyclic.
        days: duration of each step, at least 1.
        gaps: days that must pass between two steps, where any must.
        start: first day of the plan.
        deadline: last day of the plan.
    """
    order = list(TopologicalSorter({step: sorted(found) for step, found in enumerate(before)}).static_order())
    starts = [start] * len(days)
    for step in order:
        starts[step] = max([start, *(_next(starts, days, gaps, one, step) for one in before[step])])
    latest = [deadline - length + 1 for length in days]
    for step in reversed(order):
        for one in before[step]:
            free = latest[step] - gaps.get((one, step), 0) - days[one]
            latest[one] = min(latest[one], free)
    ends = [first + length - 1 for first, length in zip(starts, days, strict=True)]
    return Times(starts, ends, latest, _critical(before, days, gaps, starts, ends))


def _next(
    starts: Sequence[int], days: Sequence[int], gaps: dict[tuple[int, int], Gap], one: int, other: int
) -> int:
    """Return the first day on which a step may start after another."""
    return starts[one] + days[one] + gaps.get((one, other), 0)


def _critical(
    before: Sequence[set[int]], days: Sequence[int], gaps: dict[tuple[int, int], Gap],
    starts: Sequence[int], ends: Sequence[int],
) -> list[int]:  # fmt: skip
    """Return the critical path, from the step that ends last backwards along the binding predecessors."""
    step: int | None = max(range(len(ends)), key=lambda one: (ends[one], -one))
    path: list[int] = []
    while step is not None:
        path.append(step)
        holding = [
            one for one in sorted(before[step]) if _next(starts, days, gaps, one, step) == starts[step]
        ]
        step = holding[0] if holding else None
    return path[::-1]
