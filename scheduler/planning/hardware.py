"""Expected use of a provider's device by a job, and whether its budget covers the first submission."""

from __future__ import annotations

from dataclasses import dataclass

from novacron.errors import BadInput
from novacron.specs import Spec
from scheduler.planning.kinds.base import Work
from scheduler.planning.placement import Placement
from shared.quantum import pricing
from shared.quantum.backends import HARDWARE
from shared.quantum.pricing import Band


@dataclass(frozen=True, slots=True)
class Use:
    """Expected use of a device.

    Attributes:
        n_circuits: number of circuits with all parameters bound; None where only the worker can tell.
        n_shots: shots of all circuits.
        qpu_s: seconds of the device.
        usd: price in dollars, None if no price is known.
    """

    n_circuits: int | None
    n_shots: int | None
    qpu_s: Band | None
    usd: Band | None


FREE = Band(0.0, 0.0, 0.0)
NO_DEVICE = Use(0, 0, FREE, FREE)


def use(spec: Spec, made: Work, placement: Placement) -> Use:
    """Return the expected use of a device, nothing for a job that runs on none."""
    if placement.backend not in HARDWARE:
        return NO_DEVICE
    loop, shots = made.loop or {}, spec.shots or 0
    units = loop.get("units_per_evaluation", 1)
    n_jobs = loop.get("expected_evaluations") or 1
    if units is None:
        return Use(None, None, None, None)
    n_circuits = units * n_jobs
    qpu_s = pricing.qpu_seconds(n_circuits, shots, n_jobs=n_jobs)
    usd_per_s = placement.usd_per_qpu_second
    usd = None if usd_per_s is None else pricing.band(usd_per_s * qpu_s)
    return Use(n_circuits, n_circuits * shots, pricing.band(qpu_s), usd)


def check_budget(spec: Spec, made: Work, placement: Placement) -> None:
    """Refuse a budget that cannot cover one circuit or evaluation, or not be compared with a price.

    Raises:
        BadInput: names the limit, and what is needed.
    """
    if spec.budget is None or placement.backend not in HARDWARE:
        return
    n_circuits = (made.loop or {}).get("units_per_evaluation") or 1
    least_s = pricing.band(pricing.qpu_seconds(n_circuits, spec.shots or 0)).low
    limit_s, limit_usd = spec.budget.qpu_seconds, spec.budget.usd
    if limit_s is not None and limit_s < least_s:
        rule = f"is less than one submission needs: about {least_s:.3g} s or more"
        raise BadInput(rule, field="budget.qpu_seconds", value=limit_s, hint="raise it, or take fewer shots")
    if limit_usd is None:
        return
    usd_per_s = placement.usd_per_qpu_second
    if usd_per_s is None:
        rule = f"cannot be kept: the price of {placement.backend}:{placement.device} is not known"
        hint = "give budget.qpu_seconds, or let the operator state usd_per_qpu_second"
        raise BadInput(rule, field="budget.usd", value=limit_usd, hint=hint)
    if limit_usd < usd_per_s * least_s:
        rule = f"is less than one submission costs: about {usd_per_s * least_s:.3g} USD or more"
        raise BadInput(rule, field="budget.usd", value=limit_usd, hint="raise it, or take fewer shots")
