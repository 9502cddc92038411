"""The dates of a plan: its period, and the policies' deadlines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from novacron.errors import BadInput
from novacron.migration import requests
from novacron.migration.asset import Purpose
from novacron.migration.classification import classify
from novacron.migration.policy import Policy, Rule
from scheduler.pqc.migration import policies
from scheduler.pqc.migration.choice import Move

LAST = date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """The first and the last day of a plan."""

    start: date
    deadline: date


def period(wanted: requests.Period, today: date) -> Period:
    """Return the dates of a request's period.

    Raises:
        BadInput: the start is in the past, or the deadline is before the start or centuries away.
    """
    start = wanted.start or today
    if wanted.start and wanted.start < today:
        raise BadInput("is in the past", field="timeline.start", value=wanted.start.isoformat())
    if start > LAST:
        raise BadInput(f"must be before {LAST}", field="timeline.start", value=start.isoformat())
    deadline = wanted.end(start)
    if not start <= deadline <= LAST:
        rule = f"must be between {start} and {LAST}"
        raise BadInput(rule, field="timeline.deadline", value=deadline.isoformat())
    return Period(start, deadline)


def words(ordinal: int) -> str:
    """Return a date as text; in words where it is outside the calendar."""
    if 1 <= ordinal <= date.max.toordinal():
        return date.fromordinal(ordinal).isoformat()
    return "a day beyond the calendar" if ordinal > 0 else "a day before the calendar"


def late(policy: Policy, moves: Sequence[Move], period: Period) -> Iterator[str]:
    """Yield the policy's rules that expire before the deadline; every system counts as one of high value."""
    for rule in policy.rules:
        concerned = [move for move in moves if _about(rule, move)]
        for limit in policies.limits(policy, rule) if concerned else []:
            if date.fromisoformat(limit["after"]) < period.deadline:
                names = ", ".join(dict.fromkeys(move.component.name for move in concerned))
                date_ = policies.reason(limit, period.start)
                yield f"the deadline {period.deadline} is later than a date for {names}: {date_}"


def _about(rule: Rule, move: Move) -> bool:
    known = classify(move.old)
    if known is None or not known.quantum_vulnerable:
        return False
    purposes: tuple[Purpose, ...] = ("authenticity",) if move.signs else ("confidentiality",)
    return policies.applies(
        rule, move.component.kind, purposes, known.strength_bits, high_value=True, newly_acquired=False
    )
