"""Taking back what stopped beating, and what was lost on the way to a worker."""

from __future__ import annotations

import json
from collections import defaultdict

from shared.db import jobs
from shared.db.claims import POISON_LIMIT
from shared.db.session import Connection
from shared.failures import Failure
from shared.states import FailureClass

EXPIRED = """
WITH expired AS (
  SELECT id, claimed_by AS worker FROM tasks
  WHERE state = 'running' AND lease_until < clock_timestamp() AND failures + 1 < %(limit)s
  ORDER BY id LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED
), back AS (
  UPDATE tasks t SET state = 'ready', attempt = attempt + 1, failures = failures + 1, claimed_by = NULL, lease_until = NULL
  FROM expired e WHERE t.id = e.id
  RETURNING t.id, t.job_id, t.operation, e.worker
), told AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'task', json_build_object('tasks', json_build_array(id), 'operation', operation, 'from', 'running',
         'to', 'ready', 'cause', 'worker was lost: its lease ran out', 'worker', worker) FROM back
)
SELECT count(*) FROM back
"""

SUSPECT = """
SELECT id, job_id FROM tasks WHERE state = 'running' AND lease_until < clock_timestamp() AND failures + 1 >= %s
ORDER BY id LIMIT 500
"""

QUARANTINE = """
WITH poison AS (
  UPDATE tasks SET state = 'failed', failures = failures + 1, finished_at = clock_timestamp(), lease_until = NULL,
         error = %(error)s::json
  WHERE id = %(id)s AND state = 'running' AND lease_until < clock_timestamp() AND failures + 1 >= %(limit)s
  RETURNING id, job_id, operation, claimed_by
), told AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'task', json_build_object('tasks', json_build_array(id), 'operation', operation, 'from', 'running',
         'to', 'failed', 'cause', 'quarantined', 'worker', claimed_by) FROM poison
)
SELECT operation FROM poison
"""


def take_back_expired(connection: Connection) -> int:
    """Running -> ready where the lease ran out, or -> failed after the task took `POISON_LIMIT` workers with it."""
    row = connection.execute(EXPIRED, {"limit": POISON_LIMIT}).fetchone()
    suspects = connection.execute(SUSPECT, (POISON_LIMIT,)).fetchall()
    quarantined = [task_id for task_id, job_id in suspects if _quarantine(connection, task_id, job_id)]
    return (int(row[0]) if row else 0) + len(quarantined)


HINT = "the log of the worker, or of the system, says what ended it; too little memory often does"


def _quarantine(connection: Connection, task_id: int, job_id: str) -> bool:
    """Running -> failed for the task and its job; False where the task was no longer overdue."""
    message = f"the worker running this task died or stalled {POISON_LIMIT} times; it is not tried again"
    error = Failure(FailureClass.POISON, message, "worker_lost", hint=HINT).document(task=task_id)
    arguments = {"id": task_id, "limit": POISON_LIMIT, "error": json.dumps(error)}
    with connection.transaction():
        jobs.hold(connection, job_id)
        row = connection.execute(QUARANTINE, arguments).fetchone()
        if row is not None:
            jobs.fail(connection, job_id, {**error, "operation": row[0]})
    return row is not None


LATE = """
WITH late AS (
  SELECT f.id, f.joined, f.content_key, f.created_at, l.state, l.result
  FROM jobs f JOIN jobs l ON l.id = f.joined WHERE f.finished_at IS NULL AND l.finished_at IS NOT NULL
  ORDER BY f.id FOR NO KEY UPDATE OF f SKIP LOCKED
), ended AS (
  UPDATE jobs j SET state = 'completed', finished_at = clock_timestamp(), result = late.result, from_cache = true,
         started_at = coalesce(j.started_at, clock_timestamp())
  FROM late WHERE j.id = late.id AND late.state = 'completed' RETURNING j.id, j.joined
), first AS (
  SELECT DISTINCT ON (content_key) content_key, id FROM (
    SELECT content_key, id, created_at, true AS late FROM late WHERE state <> 'completed'
    UNION ALL
    SELECT content_key, id, created_at, false FROM jobs
    WHERE content_key IN (SELECT content_key FROM late) AND finished_at IS NULL AND joined IS NULL
  ) AS twins ORDER BY content_key, late, created_at
), parted AS (
  UPDATE jobs j SET joined = CASE WHEN first.id <> j.id THEN first.id END
  FROM late JOIN first USING (content_key) WHERE j.id = late.id AND late.state <> 'completed' RETURNING j.id
), told AS (
  INSERT INTO events (job_id, type, body)
  SELECT id, 'job', json_build_object('status', 'completed', 'cause', 'joined ' || joined) FROM ended
), woken AS (SELECT count(pg_notify('job', id)) FROM ended)
SELECT (SELECT count(*) FROM ended) + (SELECT count(*) FROM parted) FROM woken
"""


def part_from_ended(connection: Connection) -> int:
    """Jobs that joined a twin in the moment it ended: completed with it, else planned anew; returns how many.

    The twin's end could not see them, nor they the end: both were under way.
    """
    row = connection.execute(LATE).fetchone()
    return int(row[0]) if row else 0


LOST = """
SELECT queue, id, attempt FROM tasks
WHERE state = 'queued' AND queued_at < clock_timestamp() - %s * interval '1 second' ORDER BY id LIMIT 5000
"""


def overdue_messages(connection: Connection, older_than_s: float) -> dict[str, list[tuple[int, int]]]:
    """By queue, the (task, attempt) pairs of messages published this long ago and not claimed since."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for queue, task_id, attempt in connection.execute(LOST, (older_than_s,)):
        found[queue].append((task_id, attempt))
    return found
