"""What the API shows of jobs: every query is the caller's own tenant's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, select, tuple_

from shared.db.session import Connection
from shared.db.tables import Job

COLUMNS = """
SELECT j.id, j.kind, j.name, j.state::text, j.priority, j.plan, j.n_tasks, j.created_at, j.started_at, j.finished_at,
       j.from_cache, j.joined, j.replay_of, j.error, extract(epoch FROM clock_timestamp() - j.created_at)::float8,
       (j.spec ->> 'seed')::bigint, j.depends_on
FROM jobs j WHERE j.id = ANY(%(ids)s) AND j.tenant_id = %(tenant)s
"""
COUNTS = """
SELECT count(*) FILTER (WHERE state = 'completed'), count(*) FILTER (WHERE state = 'running')
FROM tasks WHERE job_id = %s
"""
EVALUATIONS = "SELECT count(*), min(value) FROM journal WHERE job_id = %s"


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _seconds(begin: datetime | None, end: datetime | None) -> float | None:
    return None if begin is None or end is None else (end - begin).total_seconds()


def _document(row: tuple[Any, ...]) -> dict[str, Any]:
    (job_id, kind, name, state, priority, plan, n_tasks, created, started, finished, from_cache, joined, replay_of,
     error, age_s, seed, depends_on) = row  # fmt: skip
    facts = plan or {}
    return {
        "job_id": job_id, "kind": kind, "name": name, "status": state,
        "progress": 1.0 if state == "completed" else 0.0,
        "error_message": error["message"] if error else None, "error": error,
        "created_at": _iso(created), "started_at": _iso(started), "finished_at": _iso(finished),
        "queue_time_s": _seconds(created, started) if started else age_s if finished is None else None,
        "wall_time_s": _seconds(started, finished),
        "priority": priority, "granularity": facts.get("granularity"), "backend": facts.get("backend"),
        "queue": facts.get("queue"), "from_cache": from_cache, "joined": joined, "replay_of": replay_of, "seed": seed,
        "depends_on": depends_on, "estimate": facts.get("estimate"),
        "tasks": {"total": n_tasks, "done": n_tasks if state == "completed" else 0, "running": 0},
        "evaluations": 0, "best_value": None,
    }  # fmt: skip


def document(
    connection: Connection, tenant_id: int, job_id: str, *, whole: bool = True
) -> dict[str, Any] | None:
    """The job document; with its spec and result where `whole`. None where there is no such job of the tenant."""
    row = connection.execute(COLUMNS, {"ids": [job_id], "tenant": tenant_id}).fetchone()
    if row is None:
        return None
    found = _document(row)
    _add_progress(connection, found)
    if whole:
        spec, result = connection.execute(
            "SELECT spec, result FROM jobs WHERE id = %s", (job_id,)
        ).fetchone() or (None, None)
        found |= {"spec": spec, "result": _timed(result, found)}
    return found


def _add_progress(connection: Connection, found: dict[str, Any]) -> None:
    job_id = found["joined"] or found["job_id"]
    evaluations, best = connection.execute(EVALUATIONS, (job_id,)).fetchone() or (0, None)
    found |= {"evaluations": evaluations, "best_value": best}
    if found["status"] == "running":
        done, running = connection.execute(COUNTS, (found["job_id"],)).fetchone() or (0, 0)
        total = max(1, found["tasks"]["total"])
        found["tasks"] = {"total": total, "done": done, "running": running}
        expected = (found["estimate"] or {}).get("evaluations") or 0
        found["progress"] = min(0.99, max(done / total, evaluations / expected if expected else 0.0))


def _timed(result: Any, found: dict[str, Any]) -> Any:
    """The result with what only the job's own row knows."""
    if not isinstance(result, dict):
        return result
    timing = {key: found[key] for key in ("from_cache", "wall_time_s", "queue_time_s")}
    return {**result, **timing}


def listing(
    engine: Engine,
    connection: Connection,
    tenant_id: int,
    *,
    status: str | None,
    kind: str | None,
    limit: int,
    after: str | None,
) -> list[dict[str, Any]]:
    """The tenant's jobs, newest first, after the job `after`."""
    query: Select[str] = select(Job.id).where(Job.tenant_id == tenant_id)
    if status:
        query = query.where(Job.state == status)
    if kind:
        query = query.where(Job.kind == kind)
    if after:
        anchor = select(Job.created_at, Job.id).where(Job.id == after, Job.tenant_id == tenant_id)
        query = query.where(tuple_(Job.created_at, Job.id) < anchor.scalar_subquery())
    query = query.order_by(Job.created_at.desc(), Job.id.desc()).limit(limit)
    with engine.connect() as pooled:
        ids = list(pooled.scalars(query))
    rows = connection.execute(COLUMNS, {"ids": ids, "tenant": tenant_id}).fetchall()
    by_id = {row[0]: _document(row) for row in rows}
    return [by_id[job_id] for job_id in ids if job_id in by_id]


def status(connection: Connection, tenant_id: int, job_id: str) -> str | None:
    """The state of one job; None where the tenant has no such job."""
    row = connection.execute(
        "SELECT state::text FROM jobs WHERE id = %s AND tenant_id = %s", (job_id, tenant_id)
    ).fetchone()
    return row[0] if row else None


def by_idempotency_key(connection: Connection, tenant_id: int, key: str) -> tuple[str, str] | None:
    """(job id, request hash) of the submission that came with this key."""
    row = connection.execute(
        "SELECT id, request_hash FROM jobs WHERE tenant_id = %s AND idempotency_key = %s", (tenant_id, key)
    ).fetchone()
    return (row[0], row[1]) if row else None


def unfinished(connection: Connection, tenant_id: int) -> int:
    """How many jobs of the tenant have not ended."""
    row = connection.execute(
        "SELECT count(*) FROM jobs WHERE tenant_id = %s AND finished_at IS NULL", (tenant_id,)
    ).fetchone()
    return int(row[0]) if row else 0
