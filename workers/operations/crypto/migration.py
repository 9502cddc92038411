"""Execution of a migration plan: one task per step, and one that reports the result."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from novacron.json_types import JsonObject
from novacron.migration import selection
from novacron.migration.planned_step import PlannedStep
from novacron.specs.crypto.migration import ExecuteMigration, RollbackMigration, WatchMigration
from shared.db.crypto import plans, steps
from shared.db.crypto.steps import HeldError, Holder, StepRow
from shared.tasks import TaskSpec
from workers.crypto.migration import binding, drift, locking, preflight, step, targets, waiting
from workers.crypto.migration.action import StepBrokenError
from workers.crypto.migration.drift import Drift
from workers.crypto.migration.targets import Target
from workers.crypto.migration.waiting import Wait
from workers.operations.crypto import renewal
from workers.runtime.context import Context
from workers.runtime.outcome import Done, Expand, Snooze, UserError

SETTLE_S = 0.01
LONGEST_SNOOZE_S = 86400.0
"""Maximum snooze in seconds of a step that waits for its date."""
BUSY_S = 1.0
"""Seconds until a target locked by another step or plan is tried again."""

Targets = Mapping[str, Target]
OfPlan = ExecuteMigration | RollbackMigration | WatchMigration


def _holder(context: Context[OfPlan]) -> Holder:
    origin = context.origin
    return Holder(
        origin.database(), context.spec.plan_id, origin.tenant_id, origin.job_id, origin.submitted_by
    )


def _steps(context: Context[OfPlan]) -> Sequence[PlannedStep]:
    plan_id, origin = context.spec.plan_id, context.origin
    found = plans.find(origin.database(), origin.tenant_id, plan_id)
    if found is None:
        raise UserError(f"there is no migration plan {plan_id!r} in this tenant")
    listed: Sequence[PlannedStep] = found["steps"]
    return listed


def execute(context: Context[ExecuteMigration]) -> Done | Expand:
    """Expand into one task per step, in the plan's order; or, as a dry run, describe what each would do.

    Raises:
        UserError: there is no such plan, or another job holds it.
        BadInput: it names undeclared targets, targets that cannot be migrated, or unknown steps.
    """
    spec, listed = context.spec, _steps(context)
    declared, holder = targets.declared(context), _holder(context)
    binding.check(listed, declared)
    selection.check(listed, spec.confirm, spec.until)
    preflight.check(holder, listed, declared)
    if spec.dry_run:
        return Done(_rehearsed(context, listed, declared))
    _hold(holder, listed, "running")
    return Expand(_tasks(listed, context.queue, _confirmed(context, holder)))


def _confirmed(context: Context[ExecuteMigration], holder: Holder) -> set[str]:
    """Return the steps confirmed as done manually."""
    rows, spec = holder.rows(), context.spec
    named = selection.selected([row.step for row in rows], spec.confirm)
    return named | (waiting.due(rows) if spec.confirm_all else set())


def _hold(holder: Holder, found: Sequence[PlannedStep], state: str) -> None:
    try:
        holder.hold(found, state=state)
    except HeldError as error:
        raise UserError(str(error)) from None


def _tasks(found: Sequence[PlannedStep], queue: str, confirmed: Collection[str]) -> list[TaskSpec]:
    place = {one["id"]: number for number, one in enumerate(found)}
    followed = {name for one in found for name in one["dependencies"]}
    made = [
        TaskSpec(
            "migration_step", queue, {"step": one["id"], "confirmed": one["id"] in confirmed},
            tuple(place[name] for name in one["dependencies"]),
            float(one["estimated_time_s"]), name=f"{one['id']} {one['name']}",
        )
        for one in found
    ]  # fmt: skip
    last = tuple(place[one["id"]] for one in found if one["id"] not in followed)
    return [*made, TaskSpec("migration_end", queue, {}, last, SETTLE_S, name="how it went")]


def _rehearsed(
    context: Context[ExecuteMigration], found: Sequence[PlannedStep], declared: Targets
) -> JsonObject:
    holder, spec = _holder(context), context.spec
    shown: list[JsonObject] = []
    done = {row.step_id for row in holder.rows() if row.state == "done"}
    for one in found:
        left = one["id"] not in done
        actions = binding.actions(holder, one, declared, spec.abandon, found).values() if left else ()
        shown.append({
            "step_id": one["id"], "name": one["name"], "type": one["type"], "done": not left,
            "actions": [line for action in actions for line in action.lines()],
            "needs": [need.document() for action in actions for need in action.needs()],
            "point_of_no_return": one["point_of_no_return"], "starts": one.get("starts"),
        })  # fmt: skip
        if one["id"] == spec.until:
            break
    return {"operation": "execute_migration", "plan_id": holder.plan_id, "status": "dry_run", "steps": shown}


def perform(context: Context[ExecuteMigration]) -> Done | Snooze:
    """Complete one step, or leave it waiting for approval.

    Raises:
        UserError: it failed; the message says what was restored.
        StepBrokenError: it failed for a reason that is not the user's.
    """
    holder, declared = _holder(context), targets.declared(context)
    row = holder.read(context.payload["step"])
    if row.state in steps.NOT_STARTED and (wait := _waits_for(context, holder, row, declared)):
        return _wait(context, holder, row, wait)
    with locking.taken(holder, binding.locks(row.step, declared)) as mine:
        if not mine:
            return Snooze(BUSY_S, context.payload)
        row = holder.read(row.step_id)
        try:
            actions = binding.actions(holder, row.step, declared, context.spec.abandon)
            evidence = step.perform(holder, row, actions, context.checkpoint)
        except (UserError, StepBrokenError):
            holder.settle("failed")
            raise
    return Done({"step_id": row.step_id, "state": "done", "evidence": evidence})


def _wait(context: Context[ExecuteMigration], holder: Holder, row: StepRow, wait: Wait) -> Done | Snooze:
    """Leave a step waiting: until its date, if the job is unattended and nothing else is missing."""
    if (row.state, row.error) != ("waiting", wait.why):
        holder.wait(row.step_id, wait.why)
    if wait.until and context.spec.unattended:
        left_s = (wait.until - holder.now()).total_seconds()
        return Snooze(min(max(left_s, BUSY_S), LONGEST_SNOOZE_S), context.payload)
    return Done({"step_id": row.step_id, "state": "waiting", "why": wait.why})


def _waits_for(
    context: Context[ExecuteMigration], holder: Holder, row: StepRow, declared: Targets
) -> Wait | None:
    """Return what a step waits for; None if it may begin. Steps behind a waiting step wait, too."""
    before = [one["step_id"] for one in context.inputs if one["state"] == "waiting"]
    if before:
        return Wait(f"waits for {', '.join(before)}")
    confirmed = context.payload.get("confirmed", row.step_id in context.spec.confirm)
    return waiting.reason(
        row, holder.rows(), context.spec,
        by_hand=binding.by_hand(row.step, declared), confirmed=confirmed, at=holder.now(),
    )  # fmt: skip


def conclude(context: Context[ExecuteMigration]) -> Done:
    """Report whether everything is done, or what is still waiting and for what."""
    holder = _holder(context)
    rows = holder.rows()
    waiting = {row.step_id: row.error for row in rows if row.state == "waiting"}
    state = "waiting" if waiting else "completed"
    holder.settle(state)
    return Done({
        "operation": "execute_migration", "plan_id": holder.plan_id, "status": state,
        "waiting": waiting, "steps": [row.document() for row in rows],
    })  # fmt: skip


def rollback(context: Context[RollbackMigration]) -> Expand:
    """Expand into one task per step that has changed something, the newest first.

    Raises:
        UserError: the plan was never started, another job holds it, or it is past the point of no return.
    """
    holder = _holder(context)
    if steps.status(holder.connection, holder.tenant_id, holder.plan_id) is None:
        raise UserError(f"the plan {holder.plan_id} has not been started: there is nothing to roll back")
    rows = holder.rows()
    if gone := [row.step_id for row in rows if row.step["point_of_no_return"] and row.state == "done"]:
        raise UserError(f"step {gone[0]} is done and irreversible: what it retired is destroyed")
    _hold(holder, [row.step for row in rows], "rolling_back")
    changed = [row for row in reversed(rows) if row.state in ("started", "done") or row.untold]
    made = [
        TaskSpec(
            "migration_undo", context.queue, {"step": row.step_id}, (number - 1,) if number else (),
            float(row.step["estimated_time_s"]), name=f"undo {row.step_id} {row.step['name']}",
        )
        for number, row in enumerate(changed)
    ]  # fmt: skip
    after = (len(made) - 1,) if made else ()
    return Expand(
        [*made, TaskSpec("migration_undone", context.queue, {}, after, SETTLE_S, name="how it went")]
    )


def undo(context: Context[RollbackMigration]) -> Done | Snooze:
    """Roll back one step.

    Raises:
        UserError: it failed; it may be retried.
    """
    holder, declared = _holder(context), targets.declared(context)
    row = holder.read(context.payload["step"])
    with locking.taken(holder, binding.locks(row.step, declared)) as mine:
        if not mine:
            return Snooze(BUSY_S, context.payload)
        row = holder.read(row.step_id)
        try:
            restored = step.undo(holder, row, binding.actions(holder, row.step, declared))
        except (UserError, StepBrokenError):
            holder.settle("failed")
            raise
    return Done({"step_id": row.step_id, "restored": restored.lines})


def undone(context: Context[RollbackMigration]) -> Done:
    """Report that the rollback is complete."""
    holder = _holder(context)
    holder.settle("rolled_back")
    return Done({
        "operation": "rollback_migration", "plan_id": holder.plan_id, "status": "rolled_back",
        "steps": [row.document() for row in holder.rows()],
    })  # fmt: skip


def watch(context: Context[WatchMigration]) -> Snooze:
    """Probe every endpoint of the plan again, and report what it has lost since the last time.

    With `renew`, certificates that are due are renewed first.

    Raises:
        UserError: the plan was never started, or no endpoint was probed when it was executed.
    """
    holder, declared = _holder(context), targets.declared(context)
    rows = holder.rows()
    before, watched = drift.left(rows), drift.watched(rows, declared)
    if not watched:
        raise UserError(f"nothing to watch: the plan {holder.plan_id} has not changed an endpoint")
    failed = renewal.due(context, watched.values(), declared) if context.spec.renew else {}
    found = [
        *(
            Drift(name, "high", f"its certificate could not be renewed: {why}", {})
            for name, why in failed.items()
        ),
        *(one for component, target in watched.items() for one in drift.look(target, before.get(component))),
    ]
    known = set(context.payload.get("open", ()))
    for one in found:
        if f"{one.target}: {one.text}" not in known:
            _raise(context, holder, one)
    open_ = sorted({f"{one.target}: {one.text}" for one in found})
    return Snooze(context.spec.every_s, {"open": open_})


def _raise(context: Context[WatchMigration], holder: Holder, found: Drift) -> None:
    """Store a finding, record it in the audit log, and emit it as an event of the job."""
    holder.find(found.target, found.severity, found.text, found.observed)
    context.warn(f"drift, {found.severity}: {found.target}: {found.text}")
