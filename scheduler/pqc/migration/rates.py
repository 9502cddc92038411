"""Effort of steps and risk levels of a plan, from the table of rates."""

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
    """The risk that a plan accepts.

    Attributes:
        canary: share of the objects that migrate first.
        watch_days: days for which they are monitored.
        dual_days: days for which old and new are both accepted.
        at_once: number of components that change at a time.
    """

    canary: float
    watch_days: int
    dual_days: int
    at_once: int


@cache
def tolerance(level: Level) -> Tolerance:
    """Return the values for a level of tolerance."""
    return Tolerance(**table("rates")["tolerance"][level])


@dataclass(frozen=True, slots=True)
class Effort:
    """The effort of one step.

    Attributes:
        machine_s: machine time in seconds.
        hours: hours of people's work.
        written_bytes: bytes written to disks.
        days: calendar days.
    """

    machine_s: float
    hours: float
    written_bytes: int
    days: int


def effort(move: Move, type_: StepType, share: float | None) -> Effort:
    """Return the effort of a step, from the table.

    Args:
        move: replacement that the step belongs to.
        type_: type of the step.
        share: share of its objects; None for all.
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
    """Return the rates behind a cost, as JSON."""
    rates = table("rates")
    return Rates({key: rates[key] for key in ("hours_per_day", "header_bytes", "bytes_per_s", "steps")})
