"""Inserts graphs of tasks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.db.session import Connection
from shared.db.statements import statement
from shared.tasks import TaskSpec

FEW = 300
"""Graphs up to this size are part of one statement; above it COPY is as fast, and avoids a copy in memory."""

INSERT = statement("graph.insert")
COPY_TASKS = """
COPY tasks (id, job_id, tenant_id, name, operation, queue, payload, state, priority, remaining, has_inputs, final,
            cost_s, memory_bytes) FROM STDIN
"""
COPY_EDGES = "COPY dependencies (parent_id, child_id, position) FROM STDIN"


@dataclass(frozen=True, slots=True)
class Owner:
    """The job that owns new tasks."""

    job_id: str
    tenant_id: int
    priority: int


def parameters(
    tasks: Sequence[TaskSpec], *, final: bool, running: int = 0, worker: str = "", lease_s: float = 0.0
) -> dict[str, Any]:
    """Return the parameters of a statement that contains the part `graph.write`."""
    rows = []
    for number, task in enumerate(tasks):
        held = not task.after and running > 0
        running -= held
        rows.append({
            "name": task.label, "operation": task.operation, "queue": task.queue, "payload": dict(task.payload),
            "after": task.after, "held": held, "final": final and number == len(tasks) - 1, "cost_s": task.cost_s,
            "memory_bytes": task.memory_bytes,
        })  # fmt: skip
    return {"tasks": json.dumps(rows), "worker": worker, "lease": lease_s}


def insert(
    connection: Connection, owner: Owner, tasks: Sequence[TaskSpec], *, final: bool, running: int = 0,
    worker: str = "", lease_s: float = 0.0,
) -> list[int]:  # fmt: skip
    """Insert tasks and edges in the caller's transaction; tasks without parents are ready at once.

    Args:
        connection: inside a transaction.
        owner: the job.
        tasks: in topological order.
        final: whether the last task's result is the job's.
        running: how many of the first ready tasks `worker` runs inline; 0 for graphs larger than `FEW`.
        worker: the holder of those.
        lease_s: their lease.

    Returns:
        The new task ids, in the order of `tasks`.
    """
    if len(tasks) > FEW:
        return copy(connection, [(owner, tasks)], final=final)
    given = parameters(tasks, final=final, running=running, worker=worker, lease_s=lease_s)
    whose = {"job": owner.job_id, "tenant": owner.tenant_id, "priority": owner.priority}
    return [row[0] for row in connection.execute(INSERT, given | whose)]


def copy(
    connection: Connection, graphs: Sequence[tuple[Owner, Sequence[TaskSpec]]], *, final: bool
) -> list[int]:
    """Insert the tasks of several jobs as `insert` does, but by COPY for any number of them."""
    placed, edges = list[tuple[int, Owner, TaskSpec, bool]](), list[tuple[int, int, int]]()
    ids = _new_ids(connection, sum(len(tasks) for _, tasks in graphs))
    for owner, tasks in graphs:
        first = len(placed)
        for number, task in enumerate(tasks):
            task_id = ids[first + number]
            placed.append((task_id, owner, task, final and number == len(tasks) - 1))
            edges += [(ids[first + parent], task_id, position) for position, parent in enumerate(task.after)]
    with connection.cursor().copy(COPY_TASKS) as rows:
        for task_id, owner, task, last in placed:
            rows.write_row((
                task_id, owner.job_id, owner.tenant_id, task.label, task.operation, task.queue,
                json.dumps(dict(task.payload)), "blocked" if task.after else "ready", owner.priority,
                len(task.after), bool(task.after), last, task.cost_s, task.memory_bytes,
            ))  # fmt: skip
    with connection.cursor().copy(COPY_EDGES) as rows:
        for edge in edges:
            rows.write_row(edge)
    return ids


def _new_ids(connection: Connection, n: int) -> list[int]:
    return [row[0] for row in connection.execute(
        "SELECT nextval(pg_get_serial_sequence('tasks', 'id')) FROM generate_series(1, %s)", (n,)
    )]  # fmt: skip
