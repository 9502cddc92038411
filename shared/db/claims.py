"""A worker's hold on its tasks: claim, beat, and the ways of letting go.

The fence is (attempt, claimed_by, state = 'running'): whatever a worker writes after its lease was taken
away matches no row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.db import jobs
from shared.db.session import Connection
from shared.failures import Failure

POISON_LIMIT = 3
"""Workers a task may take down with it before it is quarantined."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A task this worker holds."""

    task_id: int
    attempt: int
    job_id: str
    operation: str
    payload: dict[str, Any]
    has_inputs: bool
    final: bool
    cost_s: float
    memory_bytes: int
    failures: int


CLAIMED = "t.id, t.attempt, t.job_id, t.operation, t.payload, t.has_inputs, t.final, t.cost_s, t.memory_bytes, t.failures"

CLAIM = f"""
WITH claimed AS (
  UPDATE tasks t SET state = 'running', claimed_by = %(worker)s, started_at = clock_timestamp(),
         lease_until = clock_timestamp() + %(lease)s * interval '1 second'
  FROM unnest(%(ids)s::bigint[], %(attempts)s::int[]) AS m(id, attempt)
  WHERE t.id = m.id AND t.attempt = m.attempt AND t.state = 'queued'
  RETURNING {CLAIMED}
), started AS (
  UPDATE jobs j SET state = 'running', started_at = clock_timestamp()
  WHERE j.id IN (SELECT id FROM jobs WHERE state = 'queued' AND id IN (SELECT job_id FROM claimed)
                 FOR NO KEY UPDATE SKIP LOCKED)
  RETURNING j.id
), told AS (
  INSERT INTO events (job_id, type, body)
  SELECT id, 'job', json_build_object('status', 'running', 'cause', 'first task started') FROM started
  UNION ALL
  SELECT job_id, 'task', json_build_object('tasks', json_agg(id), 'operation', min(operation), 'from', 'queued',
         'to', 'running', 'worker', %(worker)s::text, 'attempt', max(attempt)) FROM claimed GROUP BY job_id
), woken AS (SELECT count(pg_notify('job', id)) FROM started)
SELECT claimed.* FROM claimed, woken
"""

BEAT = """
UPDATE tasks SET lease_until = clock_timestamp() + %(lease)s * interval '1 second'
FROM unnest(%(ids)s::bigint[], %(attempts)s::int[]) AS m(id, attempt)
WHERE tasks.id = m.id AND tasks.attempt = m.attempt AND state = 'running' AND claimed_by = %(worker)s
RETURNING tasks.id
"""

INPUTS = """
SELECT d.child_id, r.value FROM dependencies d LEFT JOIN results r ON r.task_id = d.parent_id
WHERE d.child_id = ANY(%(ids)s::bigint[]) ORDER BY d.child_id, d.position
"""

RELEASE = """
WITH freed AS (
  UPDATE tasks SET state = 'ready', attempt = attempt + 1, claimed_by = NULL, lease_until = NULL,
         failures = failures + %(failed)s, payload = coalesce(%(payload)s::json, payload),
         not_before = CASE WHEN %(delay)s > 0 THEN clock_timestamp() + %(delay)s * interval '1 second' END
  WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'running' AND claimed_by = %(worker)s
  RETURNING id, job_id, operation, attempt, queue
), told AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'task', json_build_object('tasks', json_build_array(id), 'operation', operation, 'from', 'running',
         'to', 'ready', 'cause', %(cause)s::text, 'attempt', attempt, 'worker', %(worker)s::text) FROM freed
)
SELECT pg_notify('ready', '') FROM freed
"""


def claim(
    connection: Connection, messages: Iterable[tuple[int, int]], *, worker: str, lease_s: float
) -> list[Claim]:
    """Queued -> running for each (task, attempt) nobody else has; returns what this worker now holds.

    The first claim of a job also moves the job from queued to running; it never waits for one that is being
    cancelled, which waits for the claim.
    """
    ids, attempts = zip(*messages, strict=True)
    arguments = {"ids": list(ids), "attempts": list(attempts), "worker": worker, "lease": lease_s}
    rows = connection.execute(CLAIM, arguments).fetchall()
    return sorted((Claim(*row) for row in rows), key=lambda held: ids.index(held.task_id))


def beat(connection: Connection, held: Sequence[Claim], *, worker: str, lease_s: float) -> set[int]:
    """Renew the leases of these tasks; returns the ids still held (the others were cancelled or taken back)."""
    arguments = {
        "ids": [claim.task_id for claim in held],
        "attempts": [claim.attempt for claim in held],
        "worker": worker,
        "lease": lease_s,
    }
    return {row[0] for row in connection.execute(BEAT, arguments)}


def inputs(connection: Connection, held: Claim) -> list[Any]:
    """Results of the tasks this one came after, in the order of its edges."""
    return [row[1] for row in connection.execute(INPUTS, {"ids": [held.task_id]})] if held.has_inputs else []


def release(
    connection: Connection,
    held: Claim,
    *,
    worker: str,
    cause: str,
    delay_s: float = 0.0,
    failed: bool = False,
    payload: dict[str, Any] | None = None,
) -> bool:
    """Running -> ready, as the next attempt: drained, snoozed, or to be tried again after `delay_s`.

    Returns:
        False where the task was no longer this worker's.
    """
    arguments = {
        "id": held.task_id,
        "attempt": held.attempt,
        "worker": worker,
        "cause": cause,
        "delay": delay_s,
        "failed": int(failed),
        "payload": None if payload is None else json.dumps(payload),
    }
    return connection.execute(RELEASE, arguments).fetchone() is not None


FAIL = """
WITH failed AS (
  UPDATE tasks SET state = 'failed', finished_at = clock_timestamp(), lease_until = NULL, error = %(error)s::json,
         failures = failures + 1
  WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'running' AND claimed_by = %(worker)s
  RETURNING id, job_id, operation, attempt
), told AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'task', json_build_object('tasks', json_build_array(id), 'operation', operation, 'from', 'running',
         'to', 'failed', 'cause', %(cause)s::text, 'attempt', attempt, 'worker', %(worker)s::text) FROM failed
)
SELECT job_id FROM failed
"""


def fail(
    connection: Connection,
    held: Claim,
    *,
    worker: str,
    failure: Failure,
) -> bool:
    """Running -> failed for the task, and with it the job and everything that waits for the job.

    Args:
        connection: any connection.
        held: the task.
        worker: who holds it.
        failure: why it failed.
    """
    error = failure.document(task=held.task_id, operation=held.operation)
    arguments = {
        "id": held.task_id,
        "attempt": held.attempt,
        "worker": worker,
        "error": json.dumps(error),
        "cause": str(failure),
    }
    with connection.transaction():
        jobs.hold(connection, held.job_id)
        row = connection.execute(FAIL, arguments).fetchone()
        if row is not None:
            jobs.fail(connection, row[0], error)
    return row is not None
