"""A step of a stored plan: the JSON of a `Step`, written by this version or an older one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from novacron.migration.plan import StepType

PlannedChange = TypedDict("PlannedChange", {"from": str, "to": str})
"""See `novacron.migration.plan.Change`."""


class PlannedStep(TypedDict, total=False):
    """The members of a step that its execution reads; see `novacron.migration.plan.Step`."""

    id: str
    name: str
    type: StepType
    dependencies: Sequence[str]
    algorithm: PlannedChange
    components: Sequence[str]
    targets: Mapping[str, str]
    counts: Mapping[str, int]
    estimated_time_s: float
    starts: str
    gaps: Mapping[str, int]
    canary: float | None
    point_of_no_return: bool
    reversible: bool
    actions: Sequence[str]
