"""A task replaced by others: how loops grow, one generation at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence

from shared.db.claims import CLAIMED, Claim
from shared.db.graph import Owner, insert
from shared.db.session import Connection
from shared.tasks import TaskSpec

COMPLETE = """
UPDATE tasks SET state = 'completed', finished_at = clock_timestamp(), lease_until = NULL
WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'running' AND claimed_by = %(worker)s
RETURNING job_id, tenant_id, priority, final
"""
HAND_OVER = """
WITH edges AS (UPDATE dependencies SET parent_id = %(heir)s WHERE parent_id = %(id)s),
heir AS (UPDATE tasks SET final = %(final)s WHERE id = %(heir)s),
old AS (UPDATE tasks SET final = false WHERE id = %(id)s AND final),
counted AS (UPDATE jobs SET n_tasks = n_tasks + %(n)s WHERE id = %(job)s),
told AS (
  INSERT INTO events (job_id, type, body) VALUES (%(job)s, 'task', json_build_object(
    'tasks', json_build_array(%(id)s::bigint), 'operation', %(operation)s::text, 'from', 'running', 'to', 'completed',
    'cause', 'expanded', 'into', %(ids)s::json, 'worker', %(worker)s::text, 'attempt', %(attempt)s::int)))
SELECT pg_notify('ready', '')
"""


def expand(
    connection: Connection,
    held: Claim,
    tasks: Sequence[TaskSpec],
    *,
    worker: str,
    lease_s: float,
    inline: int = 0,
) -> list[Claim] | None:
    """Running -> completed for the task, its place in the graph taken by the last of `tasks`.

    Returns:
        The new tasks this worker goes on with (at most `inline`), or None where the task was no longer held.
    """
    arguments = {"id": held.task_id, "attempt": held.attempt, "worker": worker, "operation": held.operation}
    with connection.transaction():
        row = connection.execute(COMPLETE, arguments).fetchone()
        if row is None:
            return None
        job_id, tenant_id, priority, final = row
        owner = Owner(job_id, tenant_id, priority)
        ids = insert(connection, owner, tasks, final=False, running=inline, worker=worker, lease_s=lease_s)
        more = {"heir": ids[-1], "final": final, "n": len(ids), "job": job_id, "ids": json.dumps(ids)}
        connection.execute(HAND_OVER, arguments | more)
        mine = ids if inline else []
        return [Claim(*fields) for fields in connection.execute(
            f"SELECT {CLAIMED} FROM tasks t WHERE id = ANY(%s) AND state = 'running' ORDER BY id", (mine,)
        )]  # fmt: skip
