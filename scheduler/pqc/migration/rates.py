"""What steps take and what a plan may risk, from the table of rates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from novacron.answers.plan import Rates
from novacron.migration.plan import Level, StepType
from scheduler.pqc.migration.choice import Move
from scheduler.pqc.migration.tables import table
from shared.crypto.step_kinds import STEP_KINDS

DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What a plan may risk.

    Attributes:
        canary: share of the objects that go over first.
        watch_days: how long they are watched.
        dual_days: how long old and new are both accepted.
        at_once: how many components change at a time.
    """

    canary: float
    watch_days: int
    dual_days: int
    at_once: int


@cache
def tolerance(level: Level) -> Tolerance:
    """What a level of tolerance means."""
    return Tolerance(**table("rates")["tolerance"][level])


@dataclass(frozen=True, slots=True)
class Effort:
    """What one step takes.

    Attributes:
        machine_s: how long machines work on it.
        hours: how long people do.
        written_bytes: to disks.
        days: of the calendar that it fills.
    """

    machine_s: float
    hours: float
    written_bytes: int
    days: int


def effort(move: Move, type_: StepType, share: float | None) -> Effort:
    """What a step takes, by the table.

    Args:
        move: of which component.
        type_: of the step.
        share: of its objects; None for all.
    """
    rates, component = table("rates"), move.component
    rate = rates["steps"][type_]
    objects = math.ceil(component.count * (share or 1.0))
    written = 0
    if move.type == "encryption" and STEP_KINDS[type_].rewrites:
        written = math.ceil(component.size_bytes * (share or 1.0)) + objects * rates["header_bytes"]
    machine_s = rate["base_s"] + rate["object_s"] * objects + written / rates["bytes_per_s"]
    hours = rate["hours"] * (1.0 + math.log10(objects))
    days = math.ceil(hours / rates["hours_per_day"] + machine_s / DAY_S)
    return Effort(round(machine_s, 3), round(hours, 2), written, max(1, days))


def shown() -> Rates:
    """The rates behind a cost, as JSON."""
    rates = table("rates")
    return Rates({key: rates[key] for key in ("hours_per_day", "header_bytes", "bytes_per_s", "steps")})
