"""The cost of a plan: hours of people and machines, and bytes written."""

from __future__ import annotations

from collections.abc import Mapping

from novacron.answers.plan import Cost, StepCost
from scheduler.pqc.migration import rates
from scheduler.pqc.migration.rates import Effort


def estimate(efforts: Mapping[str, Effort]) -> Cost:
    """Return the cost of a plan, in total and by step, with the rates it is based on.

    Args:
        efforts: id of the step -> its effort, in the plan's order.
    """
    return Cost(
        effort_hours=round(sum(one.hours for one in efforts.values()), 2),
        machine_hours=round(sum(one.machine_s for one in efforts.values()) / 3600, 3),
        written_bytes=sum(one.written_bytes for one in efforts.values()),
        steps=[
            StepCost(
                step=step, effort_hours=one.hours, machine_s=one.machine_s, written_bytes=one.written_bytes
            )
            for step, one in efforts.items()
        ],
        rates=rates.shown(),
        note="Hours of people are assumptions; seconds of machines are rounded up from measured rates.",
    )
