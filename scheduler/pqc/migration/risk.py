"""Risk levels of steps and plans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from novacron.answers.plan import RiskAssessment
from novacron.migration.classification import classify
from novacron.migration.plan import Level, Step, StepType
from scheduler.pqc.migration.choice import Move
from shared.crypto.step_kinds import STEP_KINDS

MANY_OBJECTS = 10_000
MANY_DEPENDENTS = 5
SHORT_SLACK_DAYS = 14
_LEVELS: tuple[Level, ...] = ("low", "medium", "high")
Reason = tuple[Level, str]


def of_step(move: Move, type_: StepType, *, dependents: int, slack_days: int) -> tuple[Level, list[str]]:
    """Return a step's level and the reasons for it.

    Args:
        move: replacement that the step belongs to.
        type_: type of the step.
        dependents: number of components that depend on this one.
        slack_days: days by which the step may be late without missing the deadline.
    """
    found = [*_lasting(move, type_), *_reach(move, type_, dependents)]
    if slack_days < SHORT_SLACK_DAYS:
        found.append(("medium", f"{slack_days} days of slack"))
    return _worst([level for level, _ in found]), [text for _, text in found]


def _lasting(move: Move, type_: StepType) -> list[Reason]:
    """Return the reasons that concern irreversible steps and drafts that may change."""
    if not STEP_KINDS[type_].reversible:
        return [("high", f"what needs {move.old} after this fails for ever")]
    known = classify(move.new)
    if type_ == "switch" and known and known.status == "draft":
        return [("medium", f"{move.new} is built on a draft")]
    return []


def _reach(move: Move, type_: StepType, dependents: int) -> list[Reason]:
    """Return the reasons that concern the extent of a failure."""
    component = move.component
    if not STEP_KINDS[type_].far_reaching:
        return []
    found: list[Reason] = []
    if component.kind == "trust_anchor":
        found.append(("high", "every certificate below it depends on it"))
    if dependents >= MANY_DEPENDENTS:
        found.append(("medium", f"{dependents} components depend on it"))
    if component.count >= MANY_OBJECTS:
        found.append(("medium", f"{component.count:,} objects"))
    if component.target is None:
        found.append(("medium", "no target is named for it: it is changed by hand unless one bears its name"))
    return found


def _worst(levels: Sequence[Level]) -> Level:
    return max(levels, key=_LEVELS.index, default="low")


def of_plan(steps: Sequence[Step], slack_days: int) -> RiskAssessment:
    """Return a plan's level: that of its riskiest reversible step, high where slack is short as well."""
    counts = Counter(step.risk_level for step in steps)
    level = _worst([step.risk_level for step in steps if not step.point_of_no_return])
    reasons = Counter(reason for step in steps for reason in step.risk_reasons)
    counted = [f"{reason} ({n} steps)" if n > 1 else reason for reason, n in sorted(reasons.items())]
    if slack_days < SHORT_SLACK_DAYS:
        level = "high"
        counted.insert(0, f"the whole plan has {slack_days} days of slack")
    return RiskAssessment(
        level=level,
        reasons=counted,
        steps={name: counts[name] for name in _LEVELS},
        high_risk_steps=[step.id for step in steps if step.risk_level == "high"],
        points_of_no_return=[step.id for step in steps if step.point_of_no_return],
    )
