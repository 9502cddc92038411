"""Migration plans: steps, dates, risks and rollback."""

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
"""In the order in which a component passes through them; its kind and role determine which apply.

prepare: the new key or certificate is created beside the old one.
enable_verifiers, enable_readers: the old and the new are both accepted.
canary: a fraction of the objects is migrated.
switch: new objects use the new algorithm; a certificate is installed, a TLS group preferred.
rewrap: existing envelopes are sealed to the new key as well.
reissue: certificates below a trust anchor are issued again.
validate: a second library, or a handshake, verifies it.
retire: the point of no return; old keys are destroyed, old groups disabled.
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
    """The replaced and the replacing algorithm."""

    model_config = ConfigDict(serialize_by_alias=True)

    old: Label = Field(alias="from")
    new: Label = Field(alias="to")


class Check(Record):
    """A check that a step is done.

    Attributes:
        check: machine-readable name.
        text: human-readable description.
    """

    check: CheckName
    text: Text


class Step(Record):
    """One step of a plan, one task of its execution.

    Attributes:
        id: unique in the plan, `s01` for the first.
        name: display name.
        type: see `StepType`.
        dependencies: ids of the steps that must be done before it.
        algorithm: old and new algorithm.
        components: names of the components that it changes.
        targets: component -> target or key id; components not listed are changed by hand.
        counts: component -> number of objects in the request.
        estimated_time_s: machine time in seconds.
        effort_hours: hours of people's work.
        starts: first day, in the earliest schedule.
        ends: last day, in the earliest schedule.
        must_start_by: first day, in the latest schedule that meets the deadline.
        gaps: predecessor -> days that must pass after it is done.
        risk_level: see `risk_reasons`.
        risk_reasons: reasons for the risk level.
        validation: checks that it is done.
        canary: share of the objects that it changes; None for all.
        point_of_no_return: whether it needs separate approval.
        reversible: whether it can be rolled back.
        actions: actions in order.
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
    """The dates of a plan.

    Attributes:
        start: first day of the plan.
        deadline: last day by which everything is done.
        ends: last day, in the earliest schedule.
        must_start_by: latest start that meets the deadline.
        slack_days: days between `ends` and `deadline`.
        dual_period_days: days for which old and new are both accepted after the last use of the old.
        critical_path: ids of the steps that determine the end.
    """

    start: Day
    deadline: Day
    ends: Day
    must_start_by: Day
    slack_days: Annotated[Integer, Field(ge=0)]
    dual_period_days: Annotated[Integer, Field(ge=0)]
    critical_path: tuple[Identifier, ...]


class Undo(Record):
    """The rollback of a step.

    Attributes:
        step: id of the step.
        how: what is restored.
        possible_until: day from which it cannot be; None where it never can.
    """

    step: Identifier
    how: Text
    possible_until: Day | None


class Plan(Record):
    """A complete plan.

    Attributes:
        plan_id: `plan_` and sixteen hexadecimal digits.
        name: name in listings.
        created_at: time of creation.
        status: progress of its execution.
        policy: name of the policy that it follows.
        risk_tolerance: requested tolerance.
        steps: steps in dependency order.
        timeline: dates of the plan.
        risk_assessment: level, reasons, and the risky steps.
        rollback_plan: rollback of each step, last step first.
        estimated_cost: hours of people and machines and bytes written, with the rates they come from.
        residual_risk: exposure that remains after the last step.
        warnings: warnings for the plan's author.
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
