"""When each step happens: as early as it can, and as late as the deadline allows (critical path method)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

Gap = int
"""Days that must pass between two steps."""


@dataclass(frozen=True, slots=True)
class Times:
    """Days of every step, as ordinals.

    Attributes:
        starts: first day, when everything happens as early as it can.
        ends: last day then.
        must_start_by: first day, when everything happens as late as it may.
        critical: the steps that decide when the last one ends, in order.
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
    """The days of all steps; where the deadline is too early, some must start before the start.

    Args:
        before: for each step those that must be done before it; without a cycle.
        days: how long each step takes, at least 1.
        gaps: days between two steps, where they do not follow each other at once.
        start: first day there is.
        deadline: last day there is.
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
    """The first day on which a step may start after another."""
    return starts[one] + days[one] + gaps.get((one, other), 0)


def _critical(
    before: Sequence[set[int]], days: Sequence[int], gaps: dict[tuple[int, int], Gap],
    starts: Sequence[int], ends: Sequence[int],
) -> list[int]:  # fmt: skip
    """From the step that ends last back along those that kept each from starting earlier."""
    step: int | None = max(range(len(ends)), key=lambda one: (ends[one], -one))
    path: list[int] = []
    while step is not None:
        path.append(step)
        holding = [
            one for one in sorted(before[step]) if _next(starts, days, gaps, one, step) == starts[step]
        ]
        step = holding[0] if holding else None
    return path[::-1]
