"""`crypto execute`, `rollback`, `status` and `watch`: execution of migration plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from novacron.cli import output
from novacron.cli.crypto import evidence, needs

if TYPE_CHECKING:
    from novacron.client import Job

PlanId = Annotated[str, typer.Argument(metavar="PLAN", help="Plan id.")]


def execute(
    plan_id: PlanId,
    approve_retire: Annotated[
        bool, typer.Option("--approve-retire", help="Also execute irreversible steps.")
    ] = False,
    confirm: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STEP",
            help="Confirm manual steps as done: a step, a range such as s03-s09, or a component.",
        ),
    ] = None,
    confirm_all: Annotated[
        bool, typer.Option("--confirm-all", help="Confirm that all pending manual steps are done.")
    ] = False,
    until: Annotated[str | None, typer.Option(metavar="STEP", help="Stop after this step.")] = None,
    now: Annotated[
        bool, typer.Option("--now", help="Skip the waiting periods for retirement and canary observation.")
    ] = False,
    unattended: Annotated[
        bool,
        typer.Option(
            "--unattended",
            help="Wait for those dates without a worker and continue automatically; return at once.",
        ),
    ] = False,
    abandon: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Allow this object to lose a key that it depends on; repeatable."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done, without doing it.")
    ] = False,
    as_json: output.AsJson = False,
) -> None:
    """Execute or resume a plan; a step that fails is rolled back."""
    job = output.client().migrations.execute(
        plan_id, approve_retire=approve_retire, confirm=confirm or (), confirm_all=confirm_all,
        until=until, now=now, unattended=unattended, abandon=abandon or (), dry_run=dry_run,
    )  # fmt: skip
    if unattended and not dry_run:
        return _left_alone(job, plan_id, as_json)
    finish(job, as_json)
    if as_json:
        return
    if dry_run:
        return _rehearsal(job.document["result"]["steps"])
    _table(output.client().migrations.status(plan_id))
    for step, why in job.document["result"]["waiting"].items():
        output.notice(f"step {step} {why}" if why.startswith("waits for ") else f"step {step} waits: {why}")


def _left_alone(job: Job, plan_id: str, as_json: bool) -> None:
    """Say how to follow a job that the command does not wait for."""
    if as_json:
        return output.emit(job.document)
    output.say(
        f"job {job.id} continues by itself on the dates of {plan_id}; stop it with: novacron cancel {job.id}"
    )
    output.say(f"see its progress with: novacron crypto status {plan_id}")


def rollback(plan_id: PlanId, as_json: output.AsJson = False) -> None:
    """Roll back all changes of a plan, newest step first."""
    finish(output.client().migrations.rollback(plan_id), as_json)
    if not as_json:
        _table(output.client().migrations.status(plan_id))


def status(plan_id: PlanId, as_json: output.AsJson = False) -> None:
    """Show a plan's progress: steps, their evidence, and drift detected since."""
    found = output.client().migrations.status(plan_id)
    if as_json:
        return output.emit(found)
    _table(found)


def watch(
    plan_id: PlanId,
    every: Annotated[
        str, typer.Option(metavar="TIME", help="Interval between checks: seconds, or a duration such as 12h.")
    ] = "1d",
    renew: Annotated[bool, typer.Option("--renew", help="Also renew its certificates that are due.")] = False,
    as_json: output.AsJson = False,
) -> None:
    """Check a plan's endpoints periodically; see the results with `crypto status`."""
    job = output.client().migrations.watch(plan_id, every_s=every, renew=renew)
    if as_json:
        return output.emit(job.document)
    pause_s = job.document["spec"]["every_s"]
    output.say(f"job {job.id} checks every {pause_s:g} s; stop it with: novacron cancel {job.id}")


def finish(job: Job, as_json: bool) -> None:
    """Wait for the job's end; Ctrl-C leaves it running.

    Raises:
        Exit: status 1, it failed; 130, the user stopped waiting.
    """
    with output.left_running(job):
        job.wait()
    if as_json:
        output.emit(job.document)
    output.end(job.document)


def _rehearsal(steps: Iterable[Mapping[str, Any]]) -> None:
    for step in steps:
        if step.get("done"):
            output.say(f"{step['step_id']} {step['name']}  (done)")
            continue
        gate = f"  (needs --approve-retire, on {step['starts']})" if step["point_of_no_return"] else ""
        output.say(f"{step['step_id']} {step['name']}{gate}")
        refusing = needs.lines(step["needs"], abandonable=step["point_of_no_return"])
        for line in [*(step["actions"] or ["nothing to do"]), *refusing]:
            output.say(f"    {line}")


def _table(found: Mapping[str, Any]) -> None:
    from novacron.cli.tables import table_of

    table = table_of(
        "step", "what", "state", "took", "evidence", title=f"{found['plan_id']}: {found['status']}"
    )
    for step in found["steps"]:
        proof = "; ".join(filter(None, (step["error"], evidence.words(step["evidence"] or {}))))
        table.add_row(step["step_id"], step["name"], step["state"], _took(step), proof)
    output.console().print(table)
    for one in found["findings"]:
        output.notice(f"{one['found_at'][:16]} {one['severity']}: {one['target']}: {one['text']}")


def _took(step: Mapping[str, Any]) -> str:
    from datetime import datetime

    if step["state"] not in ("done", "failed") or not step["started_at"]:
        return ""
    seconds = datetime.fromisoformat(step["finished_at"]) - datetime.fromisoformat(step["started_at"])
    return f"{seconds.total_seconds():.2f} s"
