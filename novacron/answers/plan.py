"""Migration plans and their sections; a renewal's plan has no risk, cost and residual risk."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from novacron.answers.answer import Answer
from novacron.answers.migration import PlanState, Threat, Verdict

Level = Literal["low", "medium", "high"]


class Timeline(Answer, shown=("start", "deadline", "ends", "slack_days")):
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

    start: date
    deadline: date
    ends: date
    must_start_by: date
    slack_days: int
    dual_period_days: int
    critical_path: list[str]


class StepCheck(Answer, shown=("check", "text")):
    """A check that a step is done.

    Attributes:
        check: machine-readable name.
        text: human-readable description.
    """

    check: str
    text: str


class PlannedStep(Answer, shown=("id", "name", "type", "starts", "ends", "risk_level")):
    """One step of a plan.

    Attributes:
        id: unique in the plan, `s01` for the first.
        name: display name.
        type: see `novacron.migration.plan.StepType`.
        dependencies: ids of the steps that must be done before it.
        algorithm: `from`: the old algorithm; `to`: the new one.
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
        canary: share of the objects that it changes; null for all.
        point_of_no_return: whether it needs separate approval.
        reversible: whether it can be rolled back.
        actions: actions in order.
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
    """The rollback of a step.

    Attributes:
        step: id of the step.
        how: what is restored.
        possible_until: last day on which it is possible; null if it never is.
    """

    step: str
    how: str
    possible_until: date | None


class RiskAssessment(Answer, shown=("level", "reasons")):
    """The risk of a plan.

    Attributes:
        level: level of its riskiest reversible step; high where slack is short as well.
        reasons: explanations.
        steps: level -> number of steps.
        high_risk_steps: ids of the steps of level high.
        points_of_no_return: ids of the irreversible steps.
    """

    level: Level | None = None
    reasons: list[str] | None = None
    steps: dict[Level, int] | None = None
    high_risk_steps: list[str] | None = None
    points_of_no_return: list[str] | None = None


class StepCost(Answer, shown=("step", "effort_hours", "machine_s", "written_bytes")):
    """The cost of one step.

    Attributes:
        step: id of the step.
        effort_hours: hours of people's work.
        machine_s: machine time in seconds.
        written_bytes: bytes written to disks.
    """

    step: str
    effort_hours: float
    machine_s: float
    written_bytes: int


class Rate(Answer, shown=("base_s", "object_s", "hours")):
    """The effort of a type of step.

    Attributes:
        base_s: fixed machine time in seconds.
        object_s: additional machine time for each object, in seconds.
        hours: hours of people's work, for few objects.
    """

    base_s: float
    object_s: float
    hours: float


class Rates(Answer, shown=("hours_per_day", "header_bytes", "bytes_per_s")):
    """Rates that costs are computed from.

    Attributes:
        hours_per_day: working hours a day.
        header_bytes: size of an envelope's header for each recipient.
        bytes_per_s: throughput of rewriting files whose headers change.
        steps: type of step -> its effort.
    """

    hours_per_day: float
    header_bytes: int
    bytes_per_s: float
    steps: dict[str, Rate]


class Cost(Answer, shown=("effort_hours", "machine_hours", "written_bytes")):
    """The cost of a plan.

    Attributes:
        effort_hours: hours of people's work.
        machine_hours: machine time in hours.
        written_bytes: bytes written to disks.
        steps: cost of each step, in the plan's order.
        rates: rates it was computed from.
        note: certainty of the estimate.
    """

    effort_hours: float | None = None
    machine_hours: float | None = None
    written_bytes: int | None = None
    steps: list[StepCost] | None = None
    rates: Rates | None = None
    note: str | None = None


class HarvestedCopies(Answer, shown=("component", "verdict", "text")):
    """Data that may have been copied from a component while it used its old algorithm.

    Attributes:
        component: name of the component.
        algorithm: old algorithm.
        copied_until: last day on which data were protected with it.
        secret_until: date until which these data must stay secret.
        data_lifetime_years: required confidentiality lifetime in years.
        assumed: whether that lifetime is a default.
        verdict: whether that date is after, within, or before the threat's range.
        text: description.
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
    """Signatures that a component made with its old algorithm.

    Attributes:
        component: name of the component.
        algorithm: old algorithm.
        signed_until: last day on which it signed with it.
        verdict: whether that date is after, within, or before the threat's range.
        text: description.
    """

    component: str
    algorithm: str
    signed_until: date
    verdict: Verdict
    text: str


class ResidualRisk(Answer, shown=("statement",)):
    """The exposure that remains after the last step.

    Attributes:
        statement: description.
        threat: assumed threat.
        harvested_copies: data that may have been copied, by component.
        old_signatures: signatures with old algorithms, by component.
    """

    statement: str | None = None
    threat: Threat | None = None
    harvested_copies: list[HarvestedCopies] | None = None
    old_signatures: list[OldSignatures] | None = None


class ListedPlan(Answer, shown=("plan_id", "name", "status", "policy", "n_steps")):
    """A migration plan in a listing.

    Attributes:
        plan_id: id of the plan.
        name: name in listings.
        created_at: time of creation.
        status: progress of its execution.
        policy: name of the policy that it follows.
        timeline: dates of the plan.
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
        plan_id: id of the plan.
        name: name in listings.
        created_at: time of creation.
        status: progress of its execution.
        policy: name of the policy that it follows.
        risk_tolerance: requested tolerance: `low`, `medium` or `high`.
        steps: steps in dependency order.
        timeline: dates of the plan.
        risk_assessment: level, reasons, and the risky steps.
        rollback_plan: rollback of each step, last step first.
        estimated_cost: hours of people and machines, bytes written, and the rates they come from.
        residual_risk: exposure that remains after the last step.
        warnings: warnings for the plan's author.
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
