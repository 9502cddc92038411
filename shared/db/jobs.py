"""All transitions of a job's state except the completion of its final task."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypedDict

from novacron import traceparent
from novacron.answers.explanation import Estimate
from novacron.json_types import JsonObject
from novacron.traceparent import Parent
from shared.db import graph
from shared.db.session import Connection
from shared.db.statements import statement
from shared.failures import Failure, storable
from shared.states import FailureClass, JobState
from shared.tasks import TaskSpec

STATES = tuple(state.value for state in JobState)


@dataclass(frozen=True, slots=True)
class NewJob:
    """A validated submission.

    Attributes:
        tenant_id: owning tenant.
        spec: the canonical spec.
        content_key: hash of everything that determines the result, None if it is not to be shared. A job that
            depends on others never shares: its twin would not wait for them, or would have to.
        idempotency_key: the client's, None without.
        request_hash: hash of the request body.
        replay_of: the job this one repeats.
        submitted_by: name of the token it came with.
        token_id: id of that token.
        role: role of that token; an idempotency key is scoped to the role it came with.
        traceparent: parent of the job's spans, None if it is not traced.
        integrals: the job that computes the integrals of its molecule, for which it waits.
    """

    tenant_id: int
    spec: Mapping[str, Any]
    content_key: str | None = None
    idempotency_key: str | None = None
    request_hash: str | None = None
    replay_of: str | None = None
    submitted_by: str = ""
    token_id: str = ""
    role: str = "submit"
    traceparent: str | None = None
    integrals: str | None = None
    job_id: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def depends_on(self) -> list[str]:
        """Ids of all jobs that it waits for."""
        return [*self.spec["depends_on"], *([self.integrals] if self.integrals else ())]

    @property
    def shared_key(self) -> str | None:
        """The content key, unless the job waits for others than the one at whose parameters it starts."""
        start = (self.spec.get("initial_point") or {}).get("job")
        return self.content_key if {*self.spec["depends_on"]} <= {start} else None


Event: TypeAlias = tuple[str, JsonObject]
"""Event type and body."""


class Facts(TypedDict, total=False):
    """Facts of a plan stored on its job; empty for a result from the cache.

    Attributes:
        granularity: `fused`, `fanned_out` or `single`.
        why: the reason for that granularity.
        shape: class of jobs with the same expected run time.
        backend: the selected backend; None if it runs no circuit.
        device: device of that backend; None if it has none.
        calibration: id of the device's calibration, if known.
        queue: the selected queue.
        placement_why: the reason for the placement.
        loop: the variational loop; None without one.
        estimate: expected start, end and resources.
        warnings: part of the result.
    """

    granularity: str
    why: str
    shape: str
    backend: str | None
    device: str | None
    calibration: str | None
    queue: str
    placement_why: str
    loop: Mapping[str, int | None] | None
    estimate: Estimate
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """A planned spec: the tasks (the last one's result is the job's) and the reasons."""

    tasks: Sequence[TaskSpec]
    facts: Facts
    events: Sequence[Event] = ()


INSERT = statement("jobs.insert")


def insert(connection: Connection, job: NewJob, plan: Plan | None, *, cached: Any = None) -> str | None:
    """Accept a job: queued with its tasks, queued as the twin of one in flight, or completed from the cache.

    Args:
        connection: outside a transaction.
        job: the submission.
        plan: None if planning has to wait for other jobs (or is not needed).
        cached: a result served from the cache.

    Returns:
        The job's id; None if the idempotency key was used before, a concurrent submission of the same content
        won, or its session has ended: look these up, then call again.
    """
    tasks = plan.tasks if plan is not None and cached is None else ()
    many = len(tasks) > graph.FEW
    arguments = _row(job, plan, cached) | graph.parameters(() if many else tasks, final=True)
    with connection.transaction() if many else nullcontext():
        row = connection.execute(INSERT, arguments | {"n_tasks": len(tasks)}).fetchone()
        if many and row and row[0] is None:
            owner = graph.Owner(job.job_id, job.tenant_id, job.spec["priority"])
            graph.copy(connection, [(owner, tasks)], final=True)
    return job.job_id if row else None


def facts(job: NewJob, plan: Plan | None) -> dict[str, Any]:
    """Return the facts stored with a job: those of its plan, and where it came from."""
    came_with = {"submitted_by": job.submitted_by, "token_id": job.token_id}
    if job.traceparent is not None:
        came_with["traceparent"] = job.traceparent
    return {**(plan.facts if plan else {}), **came_with}


def _row(job: NewJob, plan: Plan | None, cached: Any) -> dict[str, Any]:
    spec = job.spec
    return {
        "id": job.job_id,
        "tenant": job.tenant_id,
        "kind": spec["kind"],
        "name": spec["name"] or spec["kind"],
        "state": "queued" if cached is None else "completed",
        "priority": spec["priority"],
        "spec": json.dumps(spec),
        "max_retries": spec["max_retries"],
        "timeout_s": spec["timeout_s"],
        "content_key": job.shared_key,
        "cached": cached is not None,
        "replay_of": job.replay_of,
        "depends_on": job.depends_on,
        "tags": spec.get("tags", []),
        "session": spec.get("session"),
        "idempotency_key": job.idempotency_key,
        "request_hash": job.request_hash,
        "role": job.role,
        "result": None if cached is None else json.dumps(cached),
        "plan": json.dumps(facts(job, plan)),
        "events": json.dumps([{"type": kind, "body": body} for kind, body in (plan.events if plan else ())]),
    }


def write_plan(
    connection: Connection, owner: graph.Owner, plan: Plan, spec: Mapping[str, Any] | None = None
) -> None:
    """Insert a job's tasks, in the caller's transaction; those without parents are ready.

    Args:
        connection: in a transaction.
        owner: the job.
        plan: its tasks and facts.
        spec: its spec, if it has changed since its submission.
    """
    graph.insert(connection, owner, plan.tasks, final=True)
    connection.execute(
        "UPDATE jobs SET n_tasks = %s, plan = (plan::jsonb || %s::jsonb)::json, spec = coalesce(%s, spec)"
        " WHERE id = %s",
        (len(plan.tasks), json.dumps(plan.facts), json.dumps(spec) if spec else None, owner.job_id),
    )
    connection.execute("SELECT pg_notify('ready', '')")


def tell(connection: Connection, job_id: str, events: Sequence[Event]) -> None:
    """Append events in the caller's transaction."""
    connection.cursor().executemany(
        "INSERT INTO events (job_id, type, body) VALUES (%s, %s, %s)",
        [(job_id, kind, json.dumps(body)) for kind, body in events],
    )


UNPLANNED = statement("jobs.unplanned")
KEPT_OF_DEPENDENCY = ("class", "code", "message", "hint", "retryable")


@dataclass(frozen=True, slots=True)
class Unplanned:
    """A queued job whose dependencies have ended and which has no tasks yet.

    Attributes:
        owner: the job.
        spec: its spec.
        broken: the failure to record if a dependency did not complete.
    """

    owner: graph.Owner
    spec: dict[str, Any]
    broken: Failure | None


def unplanned(connection: Connection, limit: int = 20) -> list[Unplanned]:
    """Lock jobs that can be planned now, in the caller's transaction."""
    rows = connection.execute(UNPLANNED, {"limit": limit})
    return [Unplanned(graph.Owner(row[0], row[1], row[2]), row[3], _broken(*row[4:])) for row in rows]


def _broken(job_id: str | None, state: str, error: Mapping[str, Any] | None) -> Failure | None:
    """Return the failure caused by a dependency, with the root cause: the job that failed first."""
    if job_id is None:
        return None
    error = error or {}
    below: dict[str, Any] = {
        "job_id": job_id,
        "status": state,
        **{name: error.get(name) for name in KEPT_OF_DEPENDENCY},
    }
    root: Mapping[str, Any] = error.get("root") or below
    how = _told(root["status"], root["message"])
    if root is not below:
        how = f"{state}: job {root['job_id']}, which it depended on, {how}"
    mended = "" if root["retryable"] else f"mend job {root['job_id']}, then "
    return Failure(
        FailureClass.DEPENDENCY,
        f"job {job_id}, which this job depends on, {how}",
        f"dependency_{state}",
        hint=f"{mended}submit both again",
        more={"retryable": bool(root["retryable"]), "dependency": below, "root": root},
    )


# In the lock order of completion: running tasks, tasks waiting for them, the jobs.
LIVE = """
SELECT id FROM tasks WHERE job_id = ANY(%s) AND state IN ('blocked', 'ready', 'queued', 'running')
ORDER BY state = 'running' DESC, id FOR NO KEY UPDATE
"""
UNFINISHED = "SELECT id FROM jobs WHERE id = ANY(%s) AND finished_at IS NULL ORDER BY id FOR NO KEY UPDATE"


def hold(connection: Connection, job_ids: Sequence[str]) -> bool:
    """Lock jobs and their unfinished tasks in the caller's transaction; return False if all have ended.

    Every statement that ends a job locks it first: the next statement then sees every task that another
    transaction added.
    """
    ids = list(job_ids)
    connection.execute(LIVE, (ids,))
    return bool(connection.execute(UNFINISHED, (ids,)).fetchall())


END = statement("jobs.finish")


def _end(
    connection: Connection, job_ids: Sequence[str], state: str, cause: str, error: dict[str, Any] | None
) -> bool:
    arguments = {
        "jobs": list(job_ids),
        "state": state,
        "cause": cause,
        "error": None if error is None else json.dumps(error),
    }
    with connection.transaction():
        return hold(connection, job_ids) and connection.execute(END, arguments).fetchone() is not None


CHILDREN = "SELECT id FROM jobs WHERE sweep = %s AND state IN ('queued', 'running')"


def children(connection: Connection, sweep: str) -> list[str]:
    """Return the jobs of a sweep that have not ended."""
    return [row[0] for row in connection.execute(CHILDREN, (sweep,))]


def cancel(connection: Connection, job_id: str, by: str | None = None, reason: str | None = None) -> bool:
    """Queued or running -> cancelled, with every task of it, and the jobs of a sweep; False if it had ended.

    Jobs that joined it continue: the first of them takes its place and is planned again.

    Args:
        connection: any connection.
        job_id: the job.
        by: the name of the requesting token, None if there is none.
        reason: as given by the requester.
    """
    return _cancel(connection, [job_id, *children(connection, job_id)], by, reason)


def cancel_rest(connection: Connection, sweep: str, reason: str) -> bool:
    """Cancel the jobs of a sweep that have not ended; return False if there were none."""
    return _cancel(connection, children(connection, sweep), None, reason)


def _cancel(connection: Connection, job_ids: Sequence[str], by: str | None, reason: str | None) -> bool:
    cause = "cancelled" + (f' by the token "{storable(by)}"' if by else "")
    cause += f": {storable(reason)}" if reason else ""
    error = {
        "class": "cancelled",
        "code": "cancelled",
        "message": cause,
        "by": by,
        "reason": reason,
        "retryable": True,
    }
    return _end(connection, job_ids, "cancelled", cause, error)


def fail(connection: Connection, job_id: str, error: dict[str, Any]) -> bool:
    """Queued or running -> failed with its cause, its tasks cancelled; return False if the job had ended."""
    return _end(connection, [job_id], "failed", f"{error['class']}: {error['message']}", error)


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """The job data that a worker needs beside its tasks.

    Attributes:
        job_id: the job.
        spec: the canonical spec.
        plan: the facts recorded by the planner.
        content_key: key under which its result is shared, None if it is not.
        tenant_id: owning tenant.
    """

    job_id: str
    spec: dict[str, Any]
    plan: dict[str, Any]
    content_key: str | None
    tenant_id: int

    @property
    def trace(self) -> Parent | None:
        """Parent of the job's spans; None where it is not traced."""
        return traceparent.parse(self.plan.get("traceparent", ""))


def ending(connection: Connection, job_id: str) -> str | None:
    """Describe how a job ended, as a sentence without its subject; None if it has not."""
    row = connection.execute(
        "SELECT state::text, error ->> 'message' FROM jobs WHERE id = %s AND finished_at IS NOT NULL",
        (job_id,),
    ).fetchone()
    return _told(*row) if row else None


def _told(state: str, message: str | None) -> str:
    """Return `completed`, `failed: <message>`, or `was cancelled by the token "<name>": <reason>`."""
    if state == "cancelled":
        return f"was {message or 'cancelled'}"
    return f"{state}: {message}" if message else state


def order(connection: Connection, job_id: str) -> WorkOrder:
    """Return the job data that a worker needs.

    Raises:
        LookupError: the job's row is missing.
    """
    row = connection.execute(
        "SELECT spec, plan, content_key, tenant_id FROM jobs WHERE id = %s", (job_id,)
    ).fetchone()
    if row is None:
        raise LookupError(f"job {job_id} is gone")
    return WorkOrder(job_id, row[0], row[1] or {}, row[2], row[3])


def traces(connection: Connection, job_ids: Collection[str]) -> dict[str, Parent]:
    """Return the parent of the spans of each of these jobs that is traced, by job id."""
    rows = connection.execute(
        "SELECT id, plan ->> 'traceparent' FROM jobs WHERE id = ANY(%s) AND plan ->> 'traceparent' IS NOT NULL",
        (list(job_ids),),
    )
    return {job_id: parent for job_id, text in rows if (parent := traceparent.parse(text))}
