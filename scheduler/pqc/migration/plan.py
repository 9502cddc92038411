"""From a request to a plan: replacements, steps, dates, risk and cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from novacron.migration.component import Component
from novacron.migration.plan import Change, Plan, Step, Timeline, Undo
from novacron.migration.requests import PlanRequest
from scheduler.pqc.migration import calendar, choice, cost, found, order, recipes, residual, risk
from scheduler.pqc.migration.choice import Move
from scheduler.pqc.migration.draft import Draft, draft
from shared.crypto.step_kinds import STEP_KINDS


def plan(request: PlanRequest, plan_id: str, now: datetime) -> Plan:
    """Return the plan; apart from its id and time it is deterministic for a request and date.

    Raises:
        BadInput: an algorithm does not fit, components form a cycle, or the deadline cannot be met.
    """
    components, left_out = _components(request)
    moves, warnings = choice.moves(request, components)
    made = draft(moves, request.risk_tolerance, calendar.period(request.timeline, now.date()))
    ids = _ids(made)
    steps = [_step(made, number, ids) for number in ids]
    timeline = _timeline(made, ids)
    return Plan(
        plan_id=plan_id, name=request.name, created_at=now, policy=request.policy.name,
        risk_tolerance=request.risk_tolerance, steps=steps, timeline=timeline,
        risk_assessment=risk.of_plan(steps, timeline.slack_days), rollback_plan=_rollback(steps),
        estimated_cost=cost.estimate({ids[number]: made.efforts[number] for number in ids}),
        residual_risk=residual.statement(_switched(made)),
        warnings=[*left_out, *warnings, *calendar.late(request.policy, moves, made.period)],
    )  # fmt: skip


def _components(request: PlanRequest) -> tuple[list[Component], list[str]]:
    inventoried, left_out = found.components(request.inventory) if request.inventory else ([], [])
    return order.sorted_components([*request.components, *inventoried]), left_out


def _ids(made: Draft) -> dict[int, str]:
    """Map step numbers to ids, by first day, so that each step comes after all that it waits for."""
    numbers = sorted(range(len(made.nodes)), key=lambda number: (made.times.starts[number], number))
    return {number: f"s{place:02}" for place, number in enumerate(numbers, 1)}


def _step(made: Draft, number: int, ids: Mapping[int, str]) -> Step:
    (move, type_), effort, days = made.nodes[number], made.efforts[number], made.times
    component, share, retires = move.component, made.share(number), not STEP_KINDS[type_].reversible
    slack = days.must_start_by[number] - days.starts[number]
    level, reasons = risk.of_step(move, type_, dependents=_dependents(made, component), slack_days=slack)
    return Step(
        id=ids[number], name=made.title(number), type=type_,
        dependencies=[ids[one] for one in ids if one in made.before[number]],
        algorithm=Change(**{"from": move.old, "to": move.new}), components=[component.name],
        targets={component.name: component.target} if component.target else {},
        counts={component.name: component.count},
        estimated_time_s=effort.machine_s, effort_hours=effort.hours,
        starts=date.fromordinal(days.starts[number]), ends=date.fromordinal(days.ends[number]),
        must_start_by=date.fromordinal(days.must_start_by[number]),
        gaps={ids[one]: gap for one, gap in sorted(made.gaps(number).items())},
        risk_level=level, risk_reasons=reasons, validation=recipes.checks(move, type_), canary=share,
        point_of_no_return=retires, reversible=not retires, actions=recipes.actions(move, type_, share),
    )  # fmt: skip


def _dependents(made: Draft, component: Component) -> int:
    """Return how many components depend on a component."""
    return sum(component.name in one.depends_on for one in {chain.move.component for chain in made.chains})


def _timeline(made: Draft, ids: Mapping[int, str]) -> Timeline:
    ends = date.fromordinal(max(made.times.ends))
    return Timeline(
        start=made.period.start, deadline=made.period.deadline, ends=ends,
        must_start_by=date.fromordinal(min(made.times.must_start_by)),
        slack_days=(made.period.deadline - ends).days, dual_period_days=made.tolerance.dual_days,
        critical_path=[ids[number] for number in made.times.critical],
    )  # fmt: skip


def _rollback(steps: Sequence[Step]) -> list[Undo]:
    """Return the rollback, last step first.

    A component's steps can be undone until the day before its old algorithm is retired.
    """
    retired = {(step.components, step.algorithm): step.starts for step in steps if step.point_of_no_return}
    last = {key: day - timedelta(days=1) for key, day in retired.items()}
    return [
        Undo(
            step=step.id,
            how=STEP_KINDS[step.type].undoing,
            possible_until=last[step.components, step.algorithm] if step.reversible else None,
        )
        for step in reversed(steps)
    ]


def _switched(made: Draft) -> dict[Move, date]:
    """Map each component that produces something to the last day on which it uses the old algorithm."""
    ends = zip(made.nodes, made.times.ends, strict=True)
    return {move: date.fromordinal(end) for (move, type_), end in ends if type_ == "switch"}
