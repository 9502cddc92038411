"""Migration plans and their sections; of a renewal's plan risk, cost and residual risk are empty."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from novacron.answers.answer import Answer
from novacron.answers.migration import PlanState, Threat, Verdict

Level = Literal["low", "medium", "high"]


class Timeline(Answer, shown=("start", "deadline", "ends", "slack_days")):
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

    start: date
    deadline: date
    ends: date
    must_start_by: date
    slack_days: int
    dual_period_days: int
    critical_path: list[str]


class StepCheck(Answer, shown=("check", "text")):
    """How one knows that a step is done.

    Attributes:
        check: the name that machines know it by.
        text: for people.
    """

    check: str
    text: str


class PlannedStep(Answer, shown=("id", "name", "type", "starts", "ends", "risk_level")):
    """One step of a plan.

    Attributes:
        id: unique in the plan, `s01` for the first.
        name: for people.
        type: as `novacron.migration.plan.StepType`.
        dependencies: ids of the steps that must be done before it.
        algorithm: `from` the one that is replaced, `to` the one that replaces it.
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
        canary: fraction of the objects that it changes; null for all.
        point_of_no_return: whether it needs approval of its own.
        reversible: whether it can be undone.
        actions: what is done, in order.
    """

    id: str
    name: str
    type: str
    dependencies: list[str]
    algorithm: dict[Literal["from", "to"], str]
    components: list[str]
    targets: dict[str, str]
    counts: dict[str, int]
    estimated_time_s: float
    effort_hours: float
    starts: date
    ends: date
    must_start_by: date
    gaps: dict[str, int]
    risk_level: Level
    risk_reasons: list[str]
    validation: list[StepCheck]
    canary: float | None
    point_of_no_return: bool
    reversible: bool
    actions: list[str]


class Undo(Answer, shown=("step", "how", "possible_until")):
    """How a step is undone.

    Attributes:
        step: its id.
        how: what is put back.
        possible_until: last day on which it can be; null where it never can.
    """

    step: str
    how: str
    possible_until: date | None


class RiskAssessment(Answer, shown=("level", "reasons")):
    """How risky a plan is.

    Attributes:
        level: of its riskiest step that can be undone, high where time is short as well.
        reasons: in words.
        steps: level -> number of steps.
        high_risk_steps: ids of the steps of level high.
        points_of_no_return: ids of the steps that cannot be undone.
    """

    level: Level | None = None
    reasons: list[str] | None = None
    steps: dict[Level, int] | None = None
    high_risk_steps: list[str] | None = None
    points_of_no_return: list[str] | None = None


class StepCost(Answer, shown=("step", "effort_hours", "machine_s", "written_bytes")):
    """What one step of a plan takes.

    Attributes:
        step: its id.
        effort_hours: how long people work on it.
        machine_s: how long machines do, seconds.
        written_bytes: to disks.
    """

    step: str
    effort_hours: float
    machine_s: float
    written_bytes: int


class Rate(Answer, shown=("base_s", "object_s", "hours")):
    """What a type of step takes.

    Attributes:
        base_s: seconds of machines, whatever it changes.
        object_s: further seconds for each object.
        hours: of people, for few objects.
    """

    base_s: float
    object_s: float
    hours: float


class Rates(Answer, shown=("hours_per_day", "header_bytes", "bytes_per_s")):
    """What costs are computed from.

    Attributes:
        hours_per_day: that people work.
        header_bytes: of an envelope for each recipient.
        bytes_per_s: of files that are copied when their headers change.
        steps: type of step -> what it takes.
    """

    hours_per_day: float
    header_bytes: int
    bytes_per_s: float
    steps: dict[str, Rate]


class Cost(Answer, shown=("effort_hours", "machine_hours", "written_bytes")):
    """What a plan costs.

    Attributes:
        effort_hours: of people.
        machine_hours: of machines.
        written_bytes: to disks.
        steps: the same of each step, in the plan's order.
        rates: that these come from.
        note: how sure these are.
    """

    effort_hours: float | None = None
    machine_hours: float | None = None
    written_bytes: int | None = None
    steps: list[StepCost] | None = None
    rates: Rates | None = None
    note: str | None = None


class HarvestedCopies(Answer, shown=("component", "verdict", "text")):
    """What was copied from a component while it used its old algorithm.

    Attributes:
        component: its name.
        algorithm: the old one.
        copied_until: last day on which something was made with it.
        secret_until: day until which that must stay secret.
        data_lifetime_years: how long that is.
        assumed: whether nobody said how long.
        verdict: whether that is after the threat's range, in it, or before.
        text: the same in words.
    """

    component: str
    algorithm: str
    copied_until: date
    secret_until: date
    data_lifetime_years: float
    assumed: bool
    verdict: Verdict
    text: str


class OldSignatures(Answer, shown=("component", "verdict", "text")):
    """What a component signed with its old algorithm.

    Attributes:
        component: its name.
        algorithm: the old one.
        signed_until: last day on which it signed with it.
        verdict: whether that is after the threat's range, in it, or before.
        text: the same in words.
    """

    component: str
    algorithm: str
    signed_until: date
    verdict: Verdict
    text: str


class ResidualRisk(Answer, shown=("statement",)):
    """What stays exposed after the last step.

    Attributes:
        statement: in words.
        threat: that it assumes.
        harvested_copies: by component.
        old_signatures: by component.
    """

    statement: str | None = None
    threat: Threat | None = None
    harvested_copies: list[HarvestedCopies] | None = None
    old_signatures: list[OldSignatures] | None = None


class ListedPlan(Answer, shown=("plan_id", "name", "status", "policy", "n_steps")):
    """A migration plan as listings show it.

    Attributes:
        plan_id: its id.
        name: in listings.
        created_at: when it was made.
        status: how far its execution is.
        policy: name of the policy it was made by.
        timeline: when.
        n_steps: number of steps.
    """

    plan_id: str
    name: str
    created_at: datetime
    status: PlanState
    policy: str
    timeline: Timeline
    n_steps: int


class MigrationPlan(Answer, shown=("plan_id", "name", "status", "policy", "risk_tolerance")):
    """A migration plan; `novacron.migration.Plan` reads the whole of it into a model.

    Attributes:
        plan_id: its id.
        name: in listings.
        created_at: when it was made.
        status: how far its execution is.
        policy: name of the policy it was made by.
        risk_tolerance: `low`, `medium` or `high`, as asked for.
        steps: in an order that respects every dependency.
        timeline: when.
        risk_assessment: level, reasons, and the steps at risk.
        rollback_plan: how each step is undone, the last one first.
        estimated_cost: hours of people and machines, bytes written, and the rates they come from.
        residual_risk: what stays exposed after the last step.
        warnings: what the plan's maker should know.
    """

    plan_id: str
    name: str
    created_at: datetime
    status: PlanState
    policy: str
    risk_tolerance: Literal["low", "medium", "high"]
    steps: list[PlannedStep]
    timeline: Timeline
    risk_assessment: RiskAssessment
    rollback_plan: list[Undo]
    estimated_cost: Cost
    residual_risk: ResidualRisk
    warnings: list[str]
