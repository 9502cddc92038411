"""Mosca's inequality: data are exposed where X + Y > Z.

X is how long they must stay secret, Y how long the migration takes, Z the time until a quantum computer
breaks what protects them. Z is a range of days.

Source: Mosca, Cybersecurity in an era with quantum computers: will we be ready? (2018).
"""

from __future__ import annotations

import math
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal

from novacron.answers import migration as answers
from novacron.answers.migration import Exposure
from scheduler.pqc.migration.tables import table

DAYS_A_YEAR = 365.25
Verdict = Literal["exposed", "at_risk", "in_time"]


@dataclass(frozen=True, slots=True)
class Threat:
    """When a quantum computer may break classical public keys.

    Attributes:
        early: first day to reckon with.
        late: last day to reckon with.
        status: how sure that is.
        early_source: where `early` comes from.
        late_source: where `late` comes from.
        data_lifetime_years: X where nobody says.
        migration_years: Y where nobody says.
    """

    early: date
    late: date
    status: str
    early_source: str
    late_source: str
    data_lifetime_years: float
    migration_years: float


@cache
def threat() -> Threat:
    """The threat as the data have it."""
    return Threat(**table("threat"))


def later(day: date, years: float) -> date:
    """A day so many years later; an end of the calendar where it has no such day."""
    whole = math.floor(years)
    year = day.year + whole
    if not date.min.year <= year < date.max.year:
        return date.max if whole > 0 else date.min
    anniversary = date(year, day.month, min(day.day, monthrange(year, day.month)[1]))
    return anniversary + timedelta(days=round((years - whole) * DAYS_A_YEAR))


def verdict(until: date) -> Verdict:
    """Whether something that must hold until a day outlives the threat's arrival, early or late."""
    if until > threat().late:
        return "exposed"
    return "at_risk" if until > threat().early else "in_time"


def confidentiality(today: date, lifetime_years: float, migration_years: float) -> Exposure:
    """Harvest now, decrypt later: what is sent until the migration ends must outlast its own lifetime."""
    needed = later(today, lifetime_years + migration_years)
    return _told(today, needed, lifetime_years, migration_years)


def authenticity(today: date, migration_years: float) -> Exposure:
    """Nobody can forge before the threat arrives, so only the migration has to be done by then."""
    return _told(today, later(today, migration_years), 0.0, migration_years)


def _told(today: date, needed: date, x: float, y: float) -> Exposure:
    begin = {"early": later(threat().early, -(x + y)), "late": later(threat().late, -(x + y))}
    return Exposure(
        x_years=x, y_years=y, needed_until=needed.isoformat(), verdict=verdict(needed),
        begin_by={name: day.isoformat() for name, day in begin.items()},
        overdue=[name for name, day in begin.items() if day < today],
    )  # fmt: skip


def shown() -> answers.Threat:
    """The threat's range as JSON."""
    known = threat()
    return answers.Threat(
        early=known.early.isoformat(), late=known.late.isoformat(), status=known.status,
        early_source=known.early_source, late_source=known.late_source,
    )  # fmt: skip
