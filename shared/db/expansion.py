"""Replacement of a task by others: how loops grow, one generation at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence

from shared.db.claims import Claim
from shared.db.graph import Owner, insert
from shared.db.session import Connection
from shared.db.statements import statement
from shared.tasks import TaskSpec

COMPLETE = """
UPDATE tasks SET state = 'completed', finished_at = clock_timestamp(), lease_until = NULL
WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'running' AND claimed_by = %(worker)s
RETURNING job_id, tenant_id, priority, final
"""
HAND_OVER = statement("expansion.hand_over")
HELD = statement("expansion.held")


def expand(
    connection: Connection,
    held: Claim,
    tasks: Sequence[TaskSpec],
    *,
    worker: str,
    lease_s: float,
    inline: int = 0,
) -> list[Claim] | None:
    """Running -> completed for the task; the last of `tasks` takes its place in the graph.

    Returns:
        The new tasks that this worker runs inline (at most `inline`), or None if the task was no longer held.
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
        return [Claim(*fields) for fields in connection.execute(HELD, {"ids": mine})]
