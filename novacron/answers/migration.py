"""Migrations: progress of plans, assessments, policies."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from novacron.answers.answer import Answer

PlanState = Literal["planned", "running", "waiting", "completed", "failed", "rolling_back", "rolled_back"]
StepState = Literal["pending", "started", "done", "failed", "waiting", "rolled_back"]
"""A `failed` step was rolled back; a `waiting` one needs approval or confirmation."""
Verdict = Literal["exposed", "at_risk", "in_time", "unprotected", "safe"]


class StepProgress(Answer, shown=("step_id", "name", "state", "error")):
    """Progress of a step.

    Attributes:
        step_id: unique in the plan.
        name: name of the step.
        type: type of the step.
        components: names of the components that it changes.
        state: state of the step.
        job_id: job that executes it, or did last; empty before the first.
        facts: by component, data needed by later steps.
        evidence: proof that it was done, or what was rolled back; null until then.
        error: why it failed.
        started_at: last start.
        finished_at: last end.
    """

    step_id: str
    name: str | None
    type: str | None
    components: list[str] | None
    state: StepState
    job_id: str
    facts: dict[str, Any]
    evidence: Any
    error: str | None
    started_at: datetime | None
    finished_at: datetime | None


class DriftFinding(Answer, shown=("target", "severity", "text", "found_at")):
    """A deviation of a target from the state that the plan configured.

    Attributes:
        target: name of the target.
        severity: severity of the finding.
        text: description.
        observed: observed state.
        found_at: time of detection.
    """

    target: str
    severity: str
    text: str
    observed: Any
    found_at: datetime


class MigrationStatus(Answer, shown=("plan_id", "status", "job_id")):
    """Progress of a plan.

    Attributes:
        plan_id: id of the plan.
        job_id: job that executes it, or did last; null before the first.
        status: status of the plan.
        steps: in the plan's order.
        findings: monitoring findings, newest first, at most 100.
    """

    plan_id: str
    job_id: str | None
    status: PlanState
    steps: list[StepProgress]
    findings: list[DriftFinding]


class Threat(Answer, shown=("early", "late")):
    """When a cryptographically relevant quantum computer may exist.

    Attributes:
        early: earliest day to plan for.
        late: day by which it is likely.
        status: certainty of these dates.
        early_source: source of `early`.
        late_source: source of `late`.
    """

    early: date
    late: date
    status: str
    early_source: str
    late_source: str


class Limit(Answer, shown=("policy", "rule", "effect", "after")):
    """A date that a rule of a policy sets for an asset.

    Attributes:
        policy: name of the policy.
        rule: id of the rule.
        reason: wording of the policy.
        effect: `deprecated` or `disallowed` after the date.
        after: last day before the effect.
        status: legal force of the policy.
        binding: whether it is binding within its scope.
        checked: whether the date was verified against the source.
        scope: scope of the policy.
        source: reference of the rule.
    """

    policy: str
    rule: str
    reason: str
    effect: Literal["deprecated", "disallowed"]
    after: date
    status: str
    binding: bool
    checked: bool
    scope: str
    source: str


class Agility(Answer, shown=("score",)):
    """How easily an asset can change its algorithm.

    Attributes:
        score: from 0 (rigid) to 100 (agile).
        assumed: question -> answer assumed where none was given.
    """

    score: int
    assumed: dict[str, str]


class Days(Answer, shown=("early", "late")):
    """A date for each end of the threat's range.

    Attributes:
        early: date if the threat comes early.
        late: date if the threat comes late.
    """

    early: date
    late: date


class Exposure(Answer, shown=("verdict", "needed_until", "overdue")):
    """Mosca's inequality for one purpose of an asset.

    Attributes:
        x_years: required protection lifetime in years.
        y_years: duration of the migration in years.
        needed_until: date until which protection is needed: both added to the date of the assessment.
        verdict: whether that date is after, within, or before the threat's range.
        begin_by: latest dates to begin the migration.
        overdue: which of these have passed.
    """

    x_years: float
    y_years: float
    needed_until: date
    verdict: Literal["exposed", "at_risk", "in_time"]
    begin_by: Days
    overdue: list[Literal["early", "late"]]


class Summary(Answer, shown=("assets", "vulnerable", "exposed", "at_risk", "in_time", "unprotected", "safe")):
    """Counts of assets.

    Attributes:
        assets: total.
        vulnerable: assets that a quantum computer breaks.
        exposed: assets with this verdict.
        at_risk: assets with this verdict.
        in_time: assets with this verdict.
        unprotected: assets with this verdict.
        safe: assets with this verdict.
        first_binding: earliest date of a binding policy; null if there is none.
        agility: mean score; null without assets.
    """

    assets: int
    vulnerable: int
    exposed: int
    at_risk: int
    in_time: int
    unprotected: int
    safe: int
    first_binding: Limit | None
    agility: int | None


class AssessedAsset(Answer, shown=("rank", "name", "algorithm", "verdict", "location")):
    """An assessed asset of an inventory.

    Attributes:
        rank: priority, from 1 (most urgent).
        asset_id: unique in the inventory.
        kind: kind of asset.
        name: display name.
        location: `host:port`, path or key id.
        algorithm: its algorithm.
        purposes: `confidentiality`, `authenticity` or both.
        quantum_vulnerable: whether a quantum computer breaks it.
        agility: how easily it can change its algorithm.
        verdict: worst verdict of its purposes.
        mosca: purpose -> Mosca's inequality.
        binding: first date of a binding policy; null if there is none.
        advised: first date of a non-binding policy.
        reasons: explanations.
    """

    rank: int
    asset_id: str
    kind: str
    name: str
    location: str
    algorithm: str
    purposes: list[str]
    quantum_vulnerable: bool
    agility: Agility
    verdict: Verdict
    mosca: dict[str, Exposure]
    binding: Limit | None
    advised: Limit | None
    reasons: list[str]


class AssessedPolicy(Answer, shown=("name", "title", "status")):
    """A policy considered in an assessment, with the fields of `novacron.migration.Policy`.

    Attributes:
        name: name used in requests.
        title: title of the document.
        status: legal force.
        scope: who it applies to.
        source: reference of the document.
        published: date of publication, as far as known.
        as_of: date of this data.
        notes: caveats.
    """

    name: str
    title: str
    status: str
    scope: str
    source: str
    published: str | None
    as_of: date | None
    notes: list[str]


class Assessment(Answer, shown=("inventory_id", "day", "summary")):
    """An assessment of an inventory against the threat and policies.

    Attributes:
        inventory_id: id of the inventory.
        day: date of the assessment.
        threat: assumed threat.
        policies: policies considered.
        assumptions: assumptions, as text.
        summary: counts of assets.
        assets: assets, most urgent first.
        not_looked_at: number of targets that could not be examined.
    """

    inventory_id: str
    day: date
    threat: Threat
    policies: list[AssessedPolicy]
    assumptions: list[str]
    summary: Summary
    assets: list[AssessedAsset]
    not_looked_at: int


class Question(Answer, shown=("id", "text", "weight")):
    """A crypto-agility question.

    Attributes:
        id: id used in `answers`.
        text: text of the question.
        weight: weight in the score.
        assumed: kinds of assets for which yes is assumed.
    """

    id: str
    text: str
    weight: float
    assumed: list[str]


class Policies(Answer, shown=("threat",)):
    """Policies, threat and questions used by assessments and plans.

    Attributes:
        policies: see `novacron.migration.policy.Policy`.
        threat: the dates of the threat.
        questions: crypto-agility questions.
    """

    policies: list[dict[str, Any]]
    threat: Threat
    questions: list[Question]
