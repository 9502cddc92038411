"""Recovery of tasks with expired leases, of lost messages, and of jobs coalesced with an ended one."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass

from shared.db import jobs
from shared.db.claims import POISON_LIMIT
from shared.db.session import Connection
from shared.db.statements import statement
from shared.failures import Failure
from shared.states import FailureClass

EXPIRED = statement("rescue.expired")

SUSPECT = """
SELECT job_id, id, attempt, claimed_by, extract(epoch FROM clock_timestamp() - lease_until)::float8 FROM tasks
WHERE state = 'running' AND lease_until < clock_timestamp() AND failures + 1 >= %s
ORDER BY id LIMIT 500
"""

QUARANTINE = statement("rescue.quarantine")


@dataclass(frozen=True, slots=True)
class Lost:
    """A task attempt whose lease expired.

    Attributes:
        job_id: id of the job.
        task_id: id of the task.
        attempt: number of the lost attempt.
        worker: name of its worker.
        overdue_s: seconds since the lease expired.
    """

    job_id: str
    task_id: int
    attempt: int
    worker: str
    overdue_s: float


def reclaim_expired(connection: Connection) -> list[Lost]:
    """Make tasks with expired leases ready again; fail those that have lost `POISON_LIMIT` workers.

    Returns:
        The lost attempts.
    """
    reclaimed = [Lost(*row) for row in connection.execute(EXPIRED, {"limit": POISON_LIMIT})]
    suspects = [Lost(*row) for row in connection.execute(SUSPECT, (POISON_LIMIT,)).fetchall()]
    return reclaimed + [one for one in suspects if _quarantine(connection, one.task_id, one.job_id)]


HINT = "see the logs of the worker and of its system for the cause; it is often a lack of memory"


def _quarantine(connection: Connection, task_id: int, job_id: str) -> bool:
    """Fail a running task and its job; return False if its lease is no longer expired."""
    message = f"workers running this task died or stalled {POISON_LIMIT} times; it is not retried"
    error = Failure(FailureClass.POISON, message, "worker_lost", hint=HINT).document(task=task_id)
    arguments = {"id": task_id, "limit": POISON_LIMIT, "error": json.dumps(error)}
    with connection.transaction():
        jobs.hold(connection, [job_id])
        row = connection.execute(QUARANTINE, arguments).fetchone()
        if row is not None:
            jobs.fail(connection, job_id, {**error, "operation": row[0]})
    return row is not None


STRANDED = statement("rescue.part_from_ended")


def part_from_ended(connection: Connection) -> int:
    """Resolve jobs coalesced with a job that had already ended: complete them with its result, or replan them.

    Both transactions were concurrent, so the end of the one job did not see the other.

    Returns:
        The number of these jobs.
    """
    row = connection.execute(STRANDED).fetchone()
    return int(row[0]) if row else 0


LOST = """
SELECT queue, id, attempt FROM tasks
WHERE state = 'queued' AND queued_at < clock_timestamp() - %s * interval '1 second' ORDER BY id LIMIT 5000
"""


def overdue_messages(connection: Connection, older_than_s: float) -> dict[str, list[tuple[int, int]]]:
    """Return the (task, attempt) pairs, by queue, of messages unclaimed this long after publication."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for queue, task_id, attempt in connection.execute(LOST, (older_than_s,)):
        found[queue].append((task_id, attempt))
    return found
