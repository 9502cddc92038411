"""A plan: the steps of a migration, when they happen, what may go wrong and how to go back."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from novacron.migration.moments import Day, Moment
from novacron.specs.record import Record
from novacron.specs.scalars import Flag, Identifier, Integer, JsonObject, Label, Number, Text

StepType = Literal[
    "prepare",
    "enable_verifiers",
    "enable_readers",
    "canary",
    "switch",
    "rewrap",
    "reissue",
    "validate",
    "retire",
]
"""In the order a component goes through them; which of them it takes is decided by its kind and role.

prepare: the new key or certificate is made beside the old one.
enable_verifiers, enable_readers: the old and the new are both accepted.
canary: a fraction of the objects goes over.
switch: what is made from now on uses the new; a certificate is installed, a TLS group preferred.
rewrap: envelopes made before are sealed for the new key as well.
reissue: certificates below a trust anchor are issued anew.
validate: a second library, or a handshake, proves it.
retire: the point of no return; old keys are destroyed, old groups off.
"""

Level = Literal["low", "medium", "high"]
PlanStatus = Literal["planned", "running", "waiting", "completed", "failed", "rolling_back", "rolled_back"]
CheckName = Literal[
    "key_exists",
    "both_accepted",
    "fraction_converted",
    "new_in_use",
    "all_converted",
    "second_provider",
    "handshake",
    "old_gone",
    "confirmed",
]


class Change(Record):
    """The algorithm that is left and the one that is taken up."""

    model_config = ConfigDict(serialize_by_alias=True)

    old: Label = Field(alias="from")
    new: Label = Field(alias="to")


class Check(Record):
    """How one knows that a step is done.

    Attributes:
        check: the name that machines know it by.
        text: for people.
    """

    check: CheckName
    text: Text


class Step(Record):
    """One step of a plan, one task of its execution.

    Attributes:
        id: unique in the plan, `s01` for the first.
        name: for people.
        type: see `StepType`.
        dependencies: ids of the steps that must be done before it.
        algorithm: what is replaced by what.
        components: names of the components it changes.
        targets: component -> the operator's target or key id; one that is not here is changed by hand.
        counts: component -> how many objects the request counted.
        estimated_time_s: how long machines work on it.
        effort_hours: how long people work on it.
        starts: first day, when everything happens as early as it can.
        ends: last day.
        must_start_by: first day, when everything happens as late as the deadline allows.
        gaps: step before it -> days that must pass after that one is done.
        risk_level: see `risk_reasons`.
        risk_reasons: what makes it risky.
        validation: how one knows that it is done.
        canary: fraction of the objects that it changes; None for all.
        point_of_no_return: whether it needs approval of its own.
        reversible: whether it can be undone.
        actions: what is done, in order.
    """

    id: Identifier
    name: Text
    type: StepType
    dependencies: tuple[Identifier, ...] = ()
    algorithm: Change
    components: Annotated[tuple[Label, ...], Field(min_length=1)]
    targets: dict[Label, Label] = Field(default_factory=dict)
    counts: dict[Label, Integer] = Field(default_factory=dict)
    estimated_time_s: Annotated[Number, Field(gt=0)]
    effort_hours: Annotated[Number, Field(ge=0)]
    starts: Day
    ends: Day
    must_start_by: Day
    gaps: dict[Identifier, Integer] = Field(default_factory=dict)
    risk_level: Level
    risk_reasons: tuple[Text, ...] = ()
    validation: tuple[Check, ...]
    canary: Annotated[Number, Field(gt=0, le=1)] | None = None
    point_of_no_return: Flag = False
    reversible: Flag = True
    actions: tuple[Text, ...] = ()


class Timeline(Record):
    """When a plan happens.

    Attributes:
        start: first day it may begin.
        deadline: last day by which everything is done.
        ends: last day, when everything happens as early as it can.
        must_start_by: last day to begin and still keep the deadline.
        slack_days: days between `ends` and `deadline`.
        dual_period_days: how long old and new are both accepted after the last of the old was made.
        critical_path: ids of the steps that decide when it ends.
    """

    start: Day
    deadline: Day
    ends: Day
    must_start_by: Day
    slack_days: Annotated[Integer, Field(ge=0)]
    dual_period_days: Annotated[Integer, Field(ge=0)]
    critical_path: tuple[Identifier, ...]


class Undo(Record):
    """How a step is taken back.

    Attributes:
        step: its id.
        how: what is put back.
        possible_until: day from which it cannot be; None where it never can.
    """

    step: Identifier
    how: Text
    possible_until: Day | None


class Plan(Record):
    """A whole plan.

    Attributes:
        plan_id: `plan_` and sixteen hexadecimal digits.
        name: what listings call it.
        created_at: when it was made.
        status: how far its execution is.
        policy: name of the policy it was made by.
        risk_tolerance: what it was asked to risk.
        steps: in an order that keeps every dependency.
        timeline: when.
        risk_assessment: level, reasons, and which steps are the risky ones.
        rollback_plan: how each step is taken back, the last one first.
        estimated_cost: hours of people and machines and bytes written, with the rates they come from.
        residual_risk: what stays exposed when all is done.
        warnings: what the plan's maker should know.
    """

    plan_id: Identifier
    name: Label
    created_at: Moment
    status: PlanStatus = "planned"
    policy: Label
    risk_tolerance: Level
    steps: tuple[Step, ...]
    timeline: Timeline
    risk_assessment: JsonObject
    rollback_plan: tuple[Undo, ...]
    estimated_cost: JsonObject
    residual_risk: JsonObject
    warnings: tuple[Text, ...] = ()
