"""Sweeps: jobs whose work is other jobs. A sweep has no tasks; it ends when all its jobs have ended."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.content import canonical
from shared.db import events, graph, jobs
from shared.db.jobs import NewJob, Plan
from shared.db.session import Connection
from shared.db.statements import statement
from shared.failures import Failure
from shared.states import FailureClass


@dataclass(frozen=True, slots=True)
class Child:
    """A validated job of a sweep.

    Attributes:
        job: the submission.
        position: its place in the sweep, from 0.
        coordinates: dotted path -> value.
        plan: None if it waits for other jobs, or has a result.
        result: JSON of a result served from the cache; None if it is to be computed.
    """

    job: NewJob
    position: int
    coordinates: Mapping[str, Any]
    plan: Plan | None = None
    result: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of the jobs of a sweep, by state; `cached` ones count as completed, too."""

    total: int
    completed: int
    failed: int
    cancelled: int
    running: int
    cached: int

    @property
    def ended(self) -> int:
        """Jobs that have ended."""
        return self.completed + self.failed + self.cancelled


TWINS = statement("sweeps.twins")
COPY_JOBS = """
COPY jobs (id, tenant_id, kind, name, state, priority, spec, plan, n_tasks, max_retries, timeout_s, created_at,
           started_at, finished_at, content_key, from_cache, joined, depends_on, result, role, sweep, position,
           coordinates, tags) FROM STDIN
"""
COPY_EVENTS = "COPY events (job_id, type, body) FROM STDIN"


def insert(connection: Connection, parent: NewJob, made: Plan, children: Sequence[Child]) -> str | None:
    """Accept a sweep with all its jobs in one transaction.

    Args:
        connection: outside a transaction.
        parent: the sweep.
        made: its facts and events, without tasks.
        children: its jobs, in order.

    Returns:
        The sweep's id; None if the idempotency key was used before.

    Raises:
        errors.UniqueViolation: a concurrent submission has one of the contents: call again.
    """
    with connection.transaction():
        if jobs.insert(connection, parent, made) is None:
            return None
        joined = _joined(connection, children)
        row = connection.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        with connection.cursor().copy(COPY_JOBS) as rows:
            for child in children:
                rows.write_row(_row(parent.job_id, child, joined.get(child.job.job_id), row[0]))
        graphs = [
            (graph.Owner(child.job.job_id, child.job.tenant_id, child.job.spec["priority"]), child.plan.tasks)
            for child in children
            if child.plan is not None and child.job.job_id not in joined
        ]
        graph.copy(connection, graphs, final=True)
        with connection.cursor().copy(COPY_EVENTS) as rows:
            for child in children:
                for kind, body in _events(child, joined.get(child.job.job_id)):
                    rows.write_row((child.job.job_id, kind, json.dumps(body)))
        connection.execute("SELECT pg_notify('ready', ''), pg_notify('plan', '')")
    return parent.job_id


def _joined(connection: Connection, children: Sequence[Child]) -> dict[str, str]:
    """Return the job in flight, or earlier in the sweep, that computes the same, by id of the child."""
    wanted = [child.job for child in children if child.job.shared_key and child.result is None]
    rows = connection.execute(TWINS, {"keys": [job.shared_key for job in wanted]})
    leaders: dict[str, str] = dict(rows.fetchall())
    found = {}
    for job in wanted:
        leader = leaders.setdefault(job.shared_key or "", job.job_id)
        if leader != job.job_id:
            found[job.job_id] = leader
    return found


def _row(sweep: str, child: Child, joined: str | None, now: datetime) -> tuple[Any, ...]:
    job, spec, cached = child.job, child.job.spec, child.result is not None
    created = now + timedelta(microseconds=child.position)  # a listing shows them in order
    facts = jobs.facts(job, child.plan)
    n_tasks = 0 if joined or child.plan is None else len(child.plan.tasks)
    ended = created if cached else None
    return (
        job.job_id, job.tenant_id, spec["kind"], spec["name"] or spec["kind"],
        "completed" if cached else "queued", spec["priority"], json.dumps(spec), json.dumps(facts), n_tasks,
        spec["max_retries"], spec["timeout_s"], created, ended, ended, job.shared_key, cached, joined,
        job.depends_on, child.result, job.role, sweep, child.position, json.dumps(dict(child.coordinates)),
        spec.get("tags", []),
    )  # fmt: skip


def _events(child: Child, joined: str | None) -> list[jobs.Event]:
    cached = child.result is not None
    cause = "served from the result cache" if cached else "accepted"
    if joined:
        cause = f"joined job {joined}, which computes the same"
    accepted: jobs.Event = ("job", {"status": "completed" if cached else "queued", "cause": cause})
    return [accepted, *(child.plan.events if child.plan else ())]


START = statement("sweeps.start")
OVER = statement("sweeps.over")
COUNTS = statement("sweeps.counts")
FIRST_FAILURE = statement("sweeps.first_failure")
BEST = statement("sweeps.best")
BEST_OF = statement("sweeps.best_of")
COMPLETE = statement("sweeps.complete")


def settle(connection: Connection) -> None:
    """Start the sweeps of which a job has started; end those whose jobs have all ended."""
    connection.execute(START)
    for sweep, minimize, maximize, warnings in connection.execute(OVER).fetchall():
        _end(connection, sweep, minimize, maximize, warnings or [])


def _end(
    connection: Connection, sweep: str, minimize: str | None, maximize: str | None, warnings: list[str]
) -> None:
    found = counts(connection, sweep)
    if found.ended < found.total:
        with connection.transaction():
            jobs.cancel_rest(connection, sweep, "another job of the sweep failed, and keep_going is false")
            jobs.fail(connection, sweep, _failure(connection, sweep, "one of its jobs failed"))
    elif not found.completed:
        what = f"none of its {found.total:,} jobs completed"
        jobs.fail(connection, sweep, _failure(connection, sweep, what))
    else:
        best = _best(connection, sweep, minimize, maximize)
        if best is None and (picked := minimize or maximize):
            warnings = [*warnings, f"no result has a number in {picked}, by which the best job is picked"]
        result = {
            "n_jobs": found.total, "n_completed": found.completed, "n_failed": found.failed,
            "n_cancelled": found.cancelled, "n_cached": found.cached, "best": best, "warnings": warnings,
        }  # fmt: skip
        events.append(connection, sweep, "jobs", asdict(found))
        connection.execute(COMPLETE, {"sweep": sweep, "result": json.dumps(result)})


def _best(
    connection: Connection, sweep: str, minimize: str | None, maximize: str | None
) -> dict[str, Any] | None:
    path = (minimize or maximize or "").split(".")
    sign = -1 if maximize else 1
    query = BEST_OF if minimize or maximize else BEST
    row = connection.execute(query, {"sweep": sweep, "path": path, "sign": sign}).fetchone()
    return None if row is None else {"job_id": row[0], "coordinates": row[1], "value": row[2]}


def _failure(connection: Connection, sweep: str, what: str) -> dict[str, Any]:
    row = connection.execute(FIRST_FAILURE, {"sweep": sweep}).fetchone()
    hint = f"see them with: novacron table {sweep}"
    if row is None:
        return Failure(FailureClass.DEPENDENCY, what, "dependency_cancelled", hint=hint).document()
    message = f"{what}; job {row[0]} failed first: {row[1]['message']}"
    more = {"retryable": bool(row[1]["retryable"])}
    return Failure(FailureClass.DEPENDENCY, message, "dependency_failed", hint=hint, more=more).document()


def counts(connection: Connection, sweep: str) -> Counts:
    """Return the numbers of the jobs of a sweep."""
    row = connection.execute(COUNTS, {"sweep": sweep}).fetchone()
    assert row is not None
    return Counts(*row)


RESULTS = "SELECT coordinates, result::text FROM jobs WHERE sweep = %s AND state = 'completed'"


def results(connection: Connection, sweep: str) -> dict[bytes, str]:
    """Return the results of the completed jobs of a sweep as JSON, by their canonical coordinates."""
    return {canonical(coordinates): text for coordinates, text in connection.execute(RESULTS, (sweep,))}


PROGRESS = statement("sweeps.progress")


@dataclass(slots=True)
class Progress:
    """Tells the counts of running sweeps as `jobs` events, whenever they have changed."""

    _told: dict[str, Counts] = field(default_factory=dict)

    def tell(self, connection: Connection) -> None:
        """Append an event for each running sweep whose counts have changed since the last call."""
        found = {sweep: Counts(*numbers) for sweep, *numbers in connection.execute(PROGRESS)}
        for sweep, now in found.items():
            if self._told.get(sweep) != now:
                events.append(connection, sweep, "jobs", asdict(now))
        self._told = found
