"""A plan in numbers: its steps, their dependencies, effort and dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from novacron.errors import BadInput
from novacron.migration.plan import Level, StepType
from scheduler.pqc.migration import calendar, order, rates, recipes
from scheduler.pqc.migration.calendar import Period
from scheduler.pqc.migration.choice import Move
from scheduler.pqc.migration.order import Chain
from scheduler.pqc.migration.rates import Effort, Tolerance
from scheduler.pqc.migration.schedule import Times, times

MAX_STEPS = 2000


@dataclass(frozen=True)
class Draft:
    """A plan before it is written out; steps are identified by their numbers.

    Attributes:
        chains: the steps of each component.
        before: for each step the steps it waits for.
        efforts: effort of each step.
        times: dates of each step.
        tolerance: accepted risk.
        period: first and last day of the plan.
    """

    chains: Sequence[Chain]
    before: list[set[int]]
    efforts: list[Effort]
    times: Times
    tolerance: Tolerance
    period: Period

    @cached_property
    def nodes(self) -> list[tuple[Move, StepType]]:
        """The move and the type of each step."""
        return _nodes(self.chains)

    def title(self, step: int) -> str:
        """Return a step's name, which is unique."""
        return recipes.title(*self.nodes[step])

    def gaps(self, step: int) -> dict[int, int]:
        """Return the days that must pass between a step and its predecessors, where any must."""
        types = [type_ for _, type_ in self.nodes]
        gaps = {one: _gap(types[one], types[step], self.tolerance) for one in self.before[step]}
        return {one: days for one, days in gaps.items() if days}

    def share(self, step: int) -> float | None:
        """Return the share of its component's objects that a step covers; None for all."""
        return _share(self.nodes[step][1], self.tolerance)


def draft(moves: Sequence[Move], level: Level, period: Period) -> Draft:
    """Return the numbers of a plan.

    Args:
        moves: replacements, each after those it depends on.
        level: level of accepted risk.
        period: first and last day of the plan.

    Raises:
        BadInput: the deadline cannot be kept, or there are too many steps.
    """
    tolerance, chains = rates.tolerance(level), order.chains(moves)
    nodes = _nodes(chains)
    if len(nodes) > MAX_STEPS:
        rule = f"make a plan of {len(nodes)} steps, more than {MAX_STEPS}"
        raise BadInput(rule, field="components", hint="plan them in several parts")
    before = order.edges(chains, tolerance.at_once)
    efforts = [rates.effort(move, type_, _share(type_, tolerance)) for move, type_ in nodes]
    gaps = _gaps(before, [type_ for _, type_ in nodes], tolerance)
    start, deadline = period.start.toordinal(), period.deadline.toordinal()
    timed = times(before, [one.days for one in efforts], gaps, start, deadline)
    made = Draft(chains, before, efforts, timed, tolerance, period)
    _check_deadline(made)
    return made


def _nodes(chains: Sequence[Chain]) -> list[tuple[Move, StepType]]:
    return [(chain.move, type_) for chain in chains for type_ in chain.steps.values()]


def _share(type_: StepType, tolerance: Tolerance) -> float | None:
    return tolerance.canary if type_ == "canary" else None


def _gaps(
    before: Sequence[set[int]], types: Sequence[StepType], tolerance: Tolerance
) -> dict[tuple[int, int], int]:
    """Return the days for monitoring a canary and for accepting both old and new algorithms."""
    return {
        (one, step): days
        for step, waits in enumerate(before)
        for one in waits
        if (days := _gap(types[one], types[step], tolerance))
    }


def _gap(first: StepType, second: StepType, tolerance: Tolerance) -> int:
    """Return the days between two steps, of which the second waits for the first."""
    if second == "retire":
        return tolerance.dual_days if first != "retire" else 0
    return tolerance.watch_days if first == "canary" else 0


def _check_deadline(draft: Draft) -> None:
    """Refuse a deadline that cannot be met.

    Raises:
        BadInput: it names the late step and the one that would have had to start earlier.
    """
    period, timed = draft.period, draft.times
    late = [step for step in timed.critical if timed.ends[step] > period.deadline.toordinal()]
    if not late:
        return
    first, ends = timed.critical[0], calendar.words(timed.ends[late[0]])
    begin = calendar.words(timed.must_start_by[first])
    raise BadInput(
        f"cannot be kept: step {draft.title(late[0])!r} ends on {ends} at the earliest, and step"
        f" {draft.title(first)!r} would have to begin on {begin}, before {period.start}",
        field="timeline.deadline", value=period.deadline.isoformat(),
        hint=f"the earliest deadline is {calendar.words(max(timed.ends))}; a higher risk_tolerance has old"
        " and new accepted together for a shorter time",
    )  # fmt: skip
