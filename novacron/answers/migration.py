"""Migrations: how far plans are, assessments, policies."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from novacron.answers.answer import Answer

PlanState = Literal["planned", "running", "waiting", "completed", "failed", "rolling_back", "rolled_back"]
StepState = Literal["pending", "started", "done", "failed", "waiting", "rolled_back"]
"""A `failed` step was put back; a `waiting` one needs approval or confirmation."""
Verdict = Literal["exposed", "at_risk", "in_time", "unprotected", "safe"]


class StepProgress(Answer, shown=("step_id", "name", "state", "error")):
    """How far a step is.

    Attributes:
        step_id: unique in the plan.
        name: of the step.
        type: of the step.
        components: names of the components that it changes.
        state: where it stands.
        job_id: of the job that carries it out, or did so last; empty before the first.
        facts: by component, what later steps need to know of it.
        evidence: what proves that it was done, or what was put back; null before that.
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
    """A difference between a target and what the plan left it with.

    Attributes:
        target: name of the target.
        severity: of the finding.
        text: in words.
        observed: what was found.
        found_at: when.
    """

    target: str
    severity: str
    text: str
    observed: Any
    found_at: datetime


class MigrationStatus(Answer, shown=("plan_id", "status", "job_id")):
    """How far a plan is.

    Attributes:
        plan_id: its id.
        job_id: of the job that carries it out, or did so last; null before the first.
        status: of the whole plan.
        steps: in the plan's order.
        findings: of watching it, newest first, at most 100.
    """

    plan_id: str
    job_id: str | None
    status: PlanState
    steps: list[StepProgress]
    findings: list[DriftFinding]


class Threat(Answer, shown=("early", "late")):
    """When a quantum computer that breaks today's public keys may exist.

    Attributes:
        early: day to be safe.
        late: day by which it is likely.
        status: how these data are backed.
        early_source: where `early` is from.
        late_source: where `late` is from.
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
        reason: what the policy says.
        effect: `deprecated` or `disallowed` after the day.
        after: last day before that.
        status: how far the policy binds.
        binding: whether it binds whoever is in its scope.
        checked: whether the date was compared with the source.
        scope: of the policy.
        source: where it is written.
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
    """How easily an asset goes over to another algorithm.

    Attributes:
        score: from 0 (rigid) to 100 (agile).
        assumed: question -> the answer that was assumed, where nobody answered.
    """

    score: int
    assumed: dict[str, str]


class Days(Answer, shown=("early", "late")):
    """A day for each end of the range in which the threat may come.

    Attributes:
        early: where it comes early.
        late: where it comes late.
    """

    early: date
    late: date


class Exposure(Answer, shown=("verdict", "needed_until", "overdue")):
    """Mosca's inequality for one purpose of an asset.

    Attributes:
        x_years: how long it must hold.
        y_years: how long the migration takes.
        needed_until: day until which both last, from the day of the assessment.
        verdict: whether that is after the threat's range, in it, or before.
        begin_by: last days to begin the migration.
        overdue: which of these are past.
    """

    x_years: float
    y_years: float
    needed_until: date
    verdict: Literal["exposed", "at_risk", "in_time"]
    begin_by: Days
    overdue: list[Literal["early", "late"]]


class Summary(Answer, shown=("assets", "vulnerable", "exposed", "at_risk", "in_time", "unprotected", "safe")):
    """How many assets there are.

    Attributes:
        assets: all of them.
        vulnerable: that a quantum computer breaks.
        exposed: with this verdict.
        at_risk: with this verdict.
        in_time: with this verdict.
        unprotected: with this verdict.
        safe: with this verdict.
        first_binding: earliest date of a policy that binds; null where none does.
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
    """An asset of an inventory, weighed.

    Attributes:
        rank: from 1, the one to see to first.
        asset_id: unique in the inventory.
        kind: of the asset.
        name: for people.
        location: `host:port`, path or key id.
        algorithm: that it uses.
        purposes: `confidentiality`, `authenticity` or both.
        quantum_vulnerable: whether a quantum computer breaks it.
        agility: how easily it goes over to another algorithm.
        verdict: the worst of its purposes.
        mosca: purpose -> Mosca's inequality.
        binding: first date of a policy that binds; null where none does.
        advised: first date of another policy.
        reasons: in words.
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
    """A policy whose dates an assessment looked at; its fields are those of `novacron.migration.Policy`.

    Attributes:
        name: by which requests name it.
        title: for people.
        status: how far it binds.
        scope: whom.
        source: where it is written.
        published: when, as far as known.
        as_of: when these data were written.
        notes: what one should know before relying on it.
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
    """An inventory weighed against the threat and policies.

    Attributes:
        inventory_id: of the inventory.
        day: of the assessment.
        threat: that it assumes.
        policies: whose dates were looked at.
        assumptions: in words.
        summary: how many there are.
        assets: the one to see to first, first.
        not_looked_at: number of targets that could not be looked at.
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
    """A question about how easily assets change their algorithm.

    Attributes:
        id: by which `answers` names it.
        text: of the question.
        weight: in the score.
        assumed: kinds of assets for which yes is assumed.
    """

    id: str
    text: str
    weight: float
    assumed: list[str]


class Policies(Answer, shown=("threat",)):
    """What assessments and plans go by.

    Attributes:
        policies: as `novacron.migration.policy.Policy`.
        threat: the dates of the threat.
        questions: of agility.
    """

    policies: list[dict[str, Any]]
    threat: Threat
    questions: list[Question]
