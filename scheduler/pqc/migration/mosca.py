"""Mosca's inequality: data are exposed where X + Y > Z.

X is the required confidentiality lifetime, Y the duration of the migration, Z the time until a quantum
computer breaks the protection. Z is a range of dates.

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
        early: first day to expect it.
        late: last day to expect it.
        status: certainty of the dates.
        early_source: source of `early`.
        late_source: source of `late`.
        data_lifetime_years: default of X.
        migration_years: default of Y.
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
    """Return the threat from the data files."""
    return Threat(**table("threat"))


def later(day: date, years: float) -> date:
    """Return the date this many years later; the calendar's limit where it has no such date."""
    whole = math.floor(years)
    year = day.year + whole
    if not date.min.year <= year < date.max.year:
        return date.max if whole > 0 else date.min
    anniversary = date(year, day.month, min(day.day, monthrange(year, day.month)[1]))
    return anniversary + timedelta(days=round((years - whole) * DAYS_A_YEAR))


def verdict(until: date) -> Verdict:
    """Return whether something that must hold until a date outlives the threat's arrival, early or late."""
    if until > threat().late:
        return "exposed"
    return "at_risk" if until > threat().early else "in_time"


def confidentiality(today: date, lifetime_years: float, migration_years: float) -> Exposure:
    """Return the exposure to harvest now, decrypt later.

    What is sent until the migration ends must outlast its own lifetime.
    """
    needed = later(today, lifetime_years + migration_years)
    return _told(today, needed, lifetime_years, migration_years)


def authenticity(today: date, migration_years: float) -> Exposure:
    """Return the exposure to forged signatures.

    Nobody can forge before the threat arrives, so only the migration has to end by then.
    """
    return _told(today, later(today, migration_years), 0.0, migration_years)


def _told(today: date, needed: date, x: float, y: float) -> Exposure:
    begin = {"early": later(threat().early, -(x + y)), "late": later(threat().late, -(x + y))}
    return Exposure(
        x_years=x, y_years=y, needed_until=needed.isoformat(), verdict=verdict(needed),
        begin_by={name: day.isoformat() for name, day in begin.items()},
        overdue=[name for name, day in begin.items() if day < today],
    )  # fmt: skip


def shown() -> answers.Threat:
    """Return the threat's range as JSON."""
    known = threat()
    return answers.Threat(
        early=known.early.isoformat(), late=known.late.isoformat(), status=known.status,
        early_source=known.early_source, late_source=known.late_source,
    )  # fmt: skip
