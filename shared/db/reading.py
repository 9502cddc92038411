"""Job queries of the API, each restricted to the caller's tenant."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypedDict

from novacron import traceparent
from novacron.answers.explanation import Estimate
from shared.db.session import Connection
from shared.db.statements import statement
from shared.failures import FailureDocument
from shared.states import JobState

DOCUMENT = statement("reading.document")
LEAST = statement("best.least")
TASKS = statement("reading.tasks")


class Progress(TypedDict):
    """Numbers of a job's tasks: total, completed and running."""

    total: int
    done: int
    running: int


class JobDocument(TypedDict):
    """A job as shown in listings; docs/http.md documents the members."""

    job_id: str
    kind: str
    name: str
    status: str
    progress: float
    error_message: str | None
    error: FailureDocument | None
    created_at: str | None
    started_at: str | None
    finished_at: str | None
    completed_at: str | None
    estimated_completion_time: str | None
    queue_time_s: float | None
    wall_time_s: float | None
    priority: int
    granularity: str | None
    backend: str | None
    device: str | None
    queue: str | None
    from_cache: bool
    joined: str | None
    trace_id: str | None
    replay_of: str | None
    seed: int | None
    depends_on: list[str]
    estimate: Estimate | None
    tasks: Progress
    evaluations: int
    best_value: float | None
    sweep: str | None
    coordinates: dict[str, Any] | None
    tags: list[str]
    session: str | None
    position: int | None
    n_jobs: int | None
    n_completed: int | None
    n_failed: int | None
    n_cached: int | None


class ResourceUsage(TypedDict):
    """Resources that a job has used so far; null where unknown."""

    cpu_s: float | None
    wall_time_s: float | None
    queue_time_s: float | None
    memory_bytes: int | None
    tasks: int


class WholeJob(JobDocument):
    """A job with its spec and, once completed, its result: JSON whose members depend on the kind.

    `results` is `result`, and `metadata` its `compilation` or `error_correction`, or that of a `compile` job.
    """

    resource_usage: ResourceUsage
    spec: dict[str, Any]
    result: dict[str, Any] | None
    results: dict[str, Any] | None
    metadata: dict[str, Any] | None


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _ends_at(created: datetime, finished: datetime | None, estimate: Mapping[str, Any]) -> str | None:
    """Return the end of a job: the actual one, else the one estimated at planning, None before that.

    It is estimated from past runs, or as long as there are none from counted operations.
    """
    start_s, expected_s = estimate.get("start_s"), estimate.get("finish_s")
    if expected_s is None and start_s is not None:
        expected_s = start_s + (estimate.get("modelled_s") or 0.0)
    if finished is not None or expected_s is None:
        return _iso(finished)
    return _iso(created + timedelta(seconds=expected_s))


def _seconds(begin: datetime | None, end: datetime | None) -> float | None:
    return None if begin is None or end is None else (end - begin).total_seconds()


def _document(row: tuple[Any, ...]) -> JobDocument:
    (job_id, kind, name, state, priority, plan, n_tasks, created, started, finished, from_cache, joined, replay_of,
     error, age_s, seed, depends_on, sweep, coordinates, tags, session, position, n_jobs, n_completed, n_failed, n_cached) = row  # fmt: skip
    facts = plan or {}
    n_ended = (n_completed or 0) + (n_failed or 0)
    traced = traceparent.parse(facts.get("traceparent", ""))
    return {
        "job_id": job_id, "kind": kind, "name": name, "status": state,
        "progress": 1.0 if state == "completed" else min(0.99, n_ended / n_jobs) if n_jobs else 0.0,
        "error_message": error["message"] if error else None, "error": error,
        "created_at": _iso(created), "started_at": _iso(started), "finished_at": _iso(finished),
        "completed_at": _iso(finished),
        "estimated_completion_time": _ends_at(created, finished, facts.get("estimate") or {}),
        "queue_time_s": _seconds(created, started) if started else age_s if finished is None else None,
        "wall_time_s": _seconds(started, finished),
        "priority": priority, "granularity": facts.get("granularity"), "backend": facts.get("backend"),
        "device": facts.get("device"),
        "queue": facts.get("queue"), "from_cache": from_cache, "joined": joined,
        "trace_id": traced.trace_id if traced else None, "replay_of": replay_of, "seed": seed,
        "depends_on": depends_on, "estimate": facts.get("estimate"),
        "tasks": {"total": n_tasks, "done": n_tasks if state == "completed" else 0, "running": 0},
        "evaluations": 0, "best_value": None,
        "sweep": sweep, "coordinates": coordinates, "tags": tags,
        "session": session, "position": position,
        "n_jobs": n_jobs, "n_completed": n_completed, "n_failed": n_failed, "n_cached": n_cached,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """A job document whose spec and result, which may be megabytes, stay unparsed text until needed.

    Attributes:
        about: everything else.
        spec: JSON.
        result: JSON; None if there is none.
        metadata: the result's `compilation` or `error_correction`, or the `metadata` of a `compile` job's, JSON; None
            if there is none.
        cpu_s: processor time of the attempt that came to the result; None if unknown.
    """

    about: JobDocument
    spec: str
    result: str | None
    metadata: str | None = None
    cpu_s: float | None = None

    @property
    def status(self) -> str:
        """The job's state."""
        return str(self.about["status"])

    def plain(self) -> WholeJob:
        """Return the whole document as plain JSON."""
        result = None if self.result is None else json.loads(self.result)
        if isinstance(result, dict):
            result |= self._timing()
        metadata = None if self.metadata is None else json.loads(self.metadata)
        return {
            **self.about, "resource_usage": self._usage(), "spec": json.loads(self.spec), "result": result,
            "results": result, "metadata": metadata,
        }  # fmt: skip

    def text(self) -> bytes:
        """Return the same as text."""
        about, result = _compact(self.about), self.result or "null"
        if result.startswith("{"):
            parts = result[1:-1].strip(), _compact(self._timing())[1:-1]
            result = "{" + ",".join(filter(None, parts)) + "}"
        usage, metadata = _compact(self._usage()), self.metadata or "null"
        return (
            f'{about[:-1]},"resource_usage":{usage},"spec":{self.spec},"result":{result},'
            f'"results":{result},"metadata":{metadata}}}'
        ).encode()

    def _usage(self) -> ResourceUsage:
        about = self.about
        estimate: Mapping[str, Any] = about["estimate"] or {}
        return {
            "cpu_s": self.cpu_s, "wall_time_s": about["wall_time_s"], "queue_time_s": about["queue_time_s"],
            "memory_bytes": estimate.get("memory_bytes"), "tasks": about["tasks"]["done"],
        }  # fmt: skip

    def _timing(self) -> dict[str, bool | float | None]:
        """Return the timing members of a result, which only the job's own row has."""
        about = self.about
        return {
            "from_cache": about["from_cache"], "wall_time_s": about["wall_time_s"],
            "queue_time_s": about["queue_time_s"],
        }  # fmt: skip


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def document(connection: Connection, tenant_id: int, job_id: str) -> Document | None:
    """Return the job document with its spec and result; None if the tenant has no such job."""
    row = connection.execute(DOCUMENT, {"job": job_id, "tenant": tenant_id}).fetchone()
    if row is None:
        return None
    *columns, evaluations, best, done, running, spec, result, metadata, cpu_s = row
    found = _document(tuple(columns))
    found["evaluations"], found["best_value"] = evaluations, best
    if found["status"] == "running" and found["kind"] != "sweep":
        total = max(1, found["tasks"]["total"])
        found["tasks"] = {"total": total, "done": done, "running": running}
        estimate: Mapping[str, Any] = found["estimate"] or {}
        expected = estimate.get("evaluations") or 0
        found["progress"] = min(0.99, max(done / total, evaluations / expected if expected else 0.0))
    return Document(found, spec.strip(), None if result is None else result.strip(), metadata, cpu_s)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which jobs are listed; None is no condition, and neither is an empty list, `name` or `q`.

    Attributes:
        states: their states.
        kinds: their kinds.
        tags: tags that each of them has.
        name: pattern of the name: `*` stands for any text, `?` for one character.
        q: text in the name, the id, a tag or the error, in any case.
        sweep: the sweep that they belong to; without it, jobs of sweeps are left out.
        session: the session that they are calls of; likewise.
        since: earliest submission.
        until: submissions before this time.
    """

    states: Sequence[str] | None = None
    kinds: Sequence[str] | None = None
    tags: Sequence[str] | None = None
    name: str | None = None
    q: str | None = None
    sweep: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    session: str | None = None

    def given(self) -> dict[str, Any]:
        """Return the conditions that are given, by the names of their parts and parameters."""
        fields = {field: getattr(self, field) for field in self.__slots__}
        found = {
            field: value
            for field, value in fields.items()
            if value or (field in PARENTS and value is not None)
        }
        found |= {field: list(found[field]) for field in ("states", "kinds", "tags") if field in found}
        return found | {"name": like(self.name)} if self.name else found

    def statement(self, name: str, *further: str) -> str:
        """Return a statement with the conditions that are given, and further ones."""
        given = self.given()
        alone = () if any(parent in given for parent in PARENTS) else ("alone",)
        return statement(name, *given, *alone, *further)


PARENTS = ("sweep", "session")
"""What jobs belong to: without such a condition only those are listed that belong to none."""


def like(pattern: str) -> str:
    """Return a pattern of file names as one of LIKE."""
    escaped = re.sub(r"([%_\\])", r"\\\1", pattern)
    return escaped.replace("*", "%").replace("?", "_")


def page(
    connection: Connection, name: str, tenant_id: int, wanted: Filter, *, limit: int, after: str | None
) -> Sequence[tuple[Any, ...]]:
    """Return the rows of a statement for the tenant's jobs, newest first, after the job `after`."""
    given = {"tenant": tenant_id, "after": after, "limit": limit} | wanted.given()
    return connection.execute(wanted.statement(name, *(["after"] if after else [])), given).fetchall()


def listing(
    connection: Connection, tenant_id: int, wanted: Filter, *, limit: int, after: str | None = None
) -> list[JobDocument]:
    """List the tenant's jobs, newest first, after the job `after`."""
    rows = page(connection, "reading.listing", tenant_id, wanted, limit=limit, after=after)
    found = [(_document(tuple(columns)), of_result, sign) for *columns, of_result, sign in rows]
    loops = [job["joined"] or job["job_id"] for job, _, _ in found]
    least = dict(connection.execute(LEAST, {"jobs": loops}).fetchall())
    return [
        job | {"best_value": least[loop] * sign if of_result is None and loop in least else of_result}
        for (job, of_result, sign), loop in zip(found, loops, strict=True)
    ]


def counts(connection: Connection, tenant_id: int, wanted: Filter) -> dict[str, int]:
    """Return the numbers of the tenant's jobs by state, of those that match apart from it."""
    any_state = replace(wanted, states=None)
    given = {"tenant": tenant_id} | any_state.given()
    found = dict(connection.execute(any_state.statement("reading.counts"), given).fetchall())
    return {state.value: found.get(state.value, 0) for state in JobState}


ANSWERS = statement("reading.answers")


def answers(connection: Connection, keys: Sequence[str]) -> dict[str, str]:
    """Return the results of completed jobs as JSON, by content key."""
    return dict(connection.execute(ANSWERS, {"keys": list(keys)}).fetchall()) if keys else {}


def tasks(connection: Connection, job_id: str, *, limit: int, after: int = 0) -> list[dict[str, Any]]:
    """Return a job's tasks in creation order, after the task `after`."""
    rows = connection.execute(TASKS, {"job": job_id, "after": after, "limit": limit})
    return [_task(row) for row in rows]


def _task(row: tuple[Any, ...]) -> dict[str, Any]:
    (task_id, name, operation, queue, state, attempt, failures, worker, not_before, queued, started, finished,
     error, depends_on) = row  # fmt: skip
    return {
        "task_id": task_id, "name": name, "operation": operation, "queue": queue, "state": state,
        "attempts": attempt, "failures": failures, "worker": worker, "not_before": _iso(not_before),
        "queued_at": _iso(queued), "started_at": _iso(started), "finished_at": _iso(finished),
        "error": error, "depends_on": depends_on,
    }  # fmt: skip


def status(connection: Connection, tenant_id: int, job_id: str) -> str | None:
    """Return the state of one job; None if the tenant has no such job."""
    row = connection.execute(
        "SELECT state::text FROM jobs WHERE id = %s AND tenant_id = %s", (job_id, tenant_id)
    ).fetchone()
    return row[0] if row else None


def tag(connection: Connection, tenant_id: int, job_id: str, tags: Sequence[str]) -> bool:
    """Replace the tags of a job; return False if the tenant has no such job."""
    done = connection.execute(
        "UPDATE jobs SET tags = %s WHERE id = %s AND tenant_id = %s", (list(tags), job_id, tenant_id)
    )
    return done.rowcount == 1


def spec(connection: Connection, tenant_id: int, job_id: str) -> dict[str, Any] | None:
    """Return the spec of one job; None if the tenant has no such job."""
    row = connection.execute(
        "SELECT spec FROM jobs WHERE id = %s AND tenant_id = %s", (job_id, tenant_id)
    ).fetchone()
    return row[0] if row else None


def by_idempotency_key(connection: Connection, tenant_id: int, role: str, key: str) -> tuple[str, str] | None:
    """Return (job id, request hash) of the submission that came with this key and role.

    A job created by a former version, which did not record the role, matches any.
    """
    row = connection.execute(
        "SELECT id, request_hash FROM jobs WHERE tenant_id = %s AND idempotency_key = %s"
        " AND (role = %s OR role IS NULL)",
        (tenant_id, key, role),
    ).fetchone()
    return (row[0], row[1]) if row else None


def unfinished(connection: Connection, tenant_id: int) -> int:
    """Count the tenant's unfinished jobs; a sweep counts as one."""
    row = connection.execute(
        "SELECT count(*) FROM jobs WHERE tenant_id = %s AND finished_at IS NULL AND sweep IS NULL",
        (tenant_id,),
    ).fetchone()
    return int(row[0]) if row else 0


def unfinished_of_sweeps(connection: Connection, tenant_id: int) -> int:
    """Count the unfinished jobs of the tenant's sweeps."""
    row = connection.execute(
        "SELECT count(*) FROM jobs WHERE tenant_id = %s AND finished_at IS NULL AND sweep IS NOT NULL",
        (tenant_id,),
    ).fetchone()
    return int(row[0]) if row else 0
