"""A plan in numbers: which steps there are, what each waits for, takes and fills of the calendar."""

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
    """A plan before it is written out; steps go by their numbers.

    Attributes:
        chains: the steps of each component.
        before: for each step those it waits for.
        efforts: what each step takes.
        times: when each step happens.
        tolerance: what may be risked.
        period: when it may happen.
    """

    chains: Sequence[Chain]
    before: list[set[int]]
    efforts: list[Effort]
    times: Times
    tolerance: Tolerance
    period: Period

    @cached_property
    def nodes(self) -> list[tuple[Move, StepType]]:
        """Whose step each is, and its type."""
        return _nodes(self.chains)

    def title(self, step: int) -> str:
        """A step's name; no two have the same."""
        return recipes.title(*self.nodes[step])

    def gaps(self, step: int) -> dict[int, int]:
        """Days that must pass between a step and those before it, where any must."""
        types = [type_ for _, type_ in self.nodes]
        gaps = {one: _gap(types[one], types[step], self.tolerance) for one in self.before[step]}
        return {one: days for one, days in gaps.items() if days}

    def share(self, step: int) -> float | None:
        """The share of its component's objects that a step is about; None for all."""
        return _share(self.nodes[step][1], self.tolerance)


def draft(moves: Sequence[Move], level: Level, period: Period) -> Draft:
    """The numbers of a plan.

    Args:
        moves: who goes over to what, each after those it depends on.
        level: what may be risked.
        period: when it may happen.

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
    """Days in which a canary is watched, and in which old and new are both accepted."""
    return {
        (one, step): days
        for step, waits in enumerate(before)
        for one in waits
        if (days := _gap(types[one], types[step], tolerance))
    }


def _gap(first: StepType, second: StepType, tolerance: Tolerance) -> int:
    """Days between two steps of which the second waits for the first."""
    if second == "retire":
        return tolerance.dual_days if first != "retire" else 0
    return tolerance.watch_days if first == "canary" else 0


def _check_deadline(draft: Draft) -> None:
    """Refuse a deadline that cannot be kept.

    Raises:
        BadInput: it names the step that is too late and the one that would have had to begin earlier.
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
