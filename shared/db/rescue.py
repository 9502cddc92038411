"""Taking back what stopped beating, and what was lost on the way to a worker."""

from __future__ import annotations

import json

from shared.db import jobs
from shared.db.claims import POISON_LIMIT
from shared.db.session import Connection

EXPIRED = """
WITH expired AS (
  SELECT id FROM tasks WHERE state = 'running' AND lease_until < clock_timestamp()
  ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED
), back AS (
  UPDATE tasks t SET state = 'ready', attempt = attempt + 1, failures = failures + 1, claimed_by = NULL, lease_until = NULL
  FROM expired e, (SELECT id, claimed_by AS worker FROM tasks WHERE state = 'running') w
  WHERE t.id = e.id AND w.id = t.id AND t.failures + 1 < %(limit)s
  RETURNING t.id, t.job_id, t.operation, w.worker
), poison AS (
  UPDATE tasks t SET state = 'failed', failures = failures + 1, finished_at = clock_timestamp(), lease_until = NULL,
         error = %(error)s::json
  FROM expired e WHERE t.id = e.id AND t.failures + 1 >= %(limit)s
  RETURNING t.id, t.job_id, t.operation, t.claimed_by AS worker
), told AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'task', json_build_object('tasks', json_build_array(id), 'operation', operation, 'from', 'running',
         'to', 'ready', 'cause', 'worker was lost: its lease ran out', 'worker', worker) FROM back
  UNION ALL
  SELECT job_id, 'task', json_build_object('tasks', json_build_array(id), 'operation', operation, 'from', 'running',
         'to', 'failed', 'cause', 'quarantined', 'worker', worker) FROM poison
)
SELECT NULL, id, operation FROM back UNION ALL SELECT job_id, id, operation FROM poison
"""


def take_back_expired(connection: Connection) -> int:
    """Running -> ready where the lease ran out, or -> failed after the task took `POISON_LIMIT` workers with it."""
    message = f"the worker running this task died or stalled {POISON_LIMIT} times; it is not tried again"
    error = {"class": "poison", "message": message}
    with connection.transaction():
        rows = connection.execute(EXPIRED, {"limit": POISON_LIMIT, "error": json.dumps(error)}).fetchall()
        for job_id, task_id, operation in rows:
            if job_id is not None:
                jobs.fail(connection, job_id, {**error, "task": task_id, "operation": operation})
    return len(rows)


LOST = """
SELECT id, attempt FROM tasks
WHERE state = 'queued' AND queue = %s AND queued_at < clock_timestamp() - %s * interval '1 second'
ORDER BY id LIMIT 1000
"""


def waiting(connection: Connection) -> dict[str, int]:
    """Tasks marked queued, by queue: how many messages the broker should be holding at most."""
    return dict(
        connection.execute(
            "SELECT queue, count(*) FROM tasks WHERE state = 'queued' GROUP BY queue"
        ).fetchall()
    )


def overdue_messages(connection: Connection, queue: str, older_than_s: float) -> list[tuple[int, int]]:
    """(task, attempt) of messages published this long ago and not claimed since."""
    return connection.execute(LOST, (queue, older_than_s)).fetchall()
