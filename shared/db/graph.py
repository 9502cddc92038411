"""Writing graphs of tasks as rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from shared.db.session import Connection
from shared.tasks import TaskSpec

COPY_TASKS = """
COPY tasks (id, job_id, tenant_id, name, operation, queue, payload, state, priority, remaining, has_inputs, final,
            cost_s, memory_bytes, claimed_by, started_at, lease_until) FROM STDIN
"""
COPY_EDGES = "COPY dependencies (parent_id, child_id, position) FROM STDIN"


@dataclass(frozen=True, slots=True)
class Owner:
    """The job that new tasks belong to."""

    job_id: str
    tenant_id: int
    priority: int


def insert(
    connection: Connection, owner: Owner, tasks: Sequence[TaskSpec], *, final: bool, running: int = 0,
    worker: str = "", lease_s: float = 0.0,
) -> list[int]:  # fmt: skip
    """Insert tasks and edges in the caller's transaction; tasks that wait for none are ready at once.

    Args:
        connection: inside a transaction.
        owner: the job.
        tasks: in an order where each comes after those it waits for.
        final: whether the last task's result is the job's.
        running: how many of the first ready tasks `worker` goes on with itself.
        worker: the holder of those.
        lease_s: their lease.

    Returns:
        The new task ids, in the order of `tasks`.
    """
    ids = [row[0] for row in connection.execute(
        "SELECT nextval(pg_get_serial_sequence('tasks', 'id')) FROM generate_series(1, %s)", (len(tasks),)
    )]  # fmt: skip
    lease = None
    if running:
        lease = connection.execute(
            "SELECT clock_timestamp(), clock_timestamp() + %s * interval '1 second'", (lease_s,)
        ).fetchone()
    with connection.cursor().copy(COPY_TASKS) as copy:
        for number, (task_id, task) in enumerate(zip(ids, tasks, strict=True)):
            mine = not task.after and running > 0
            running -= mine
            state = "blocked" if task.after else "running" if mine else "ready"
            copy.write_row((
                task_id, owner.job_id, owner.tenant_id, task.label, task.operation, task.queue,
                json.dumps(dict(task.payload)), state, owner.priority, len(task.after), bool(task.after),
                final and number == len(tasks) - 1, task.cost_s, task.memory_bytes,
                *((worker, *lease) if mine and lease else (None, None, None)),
            ))  # fmt: skip
    edges = [(ids[parent], ids[child], position)
             for child, task in enumerate(tasks) for position, parent in enumerate(task.after)]  # fmt: skip
    if edges:
        with connection.cursor().copy(COPY_EDGES) as copy:
            for edge in edges:
                copy.write_row(edge)
    return ids
