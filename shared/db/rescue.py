"""Taking back what stopped beating, and what was lost on the way to a worker."""

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
    """An attempt whose worker stopped renewing its lease.

    Attributes:
        job_id: the job.
        task_id: the task.
        attempt: the lost attempt.
        worker: name of the worker.
        overdue_s: seconds since the lease expired.
    """

    job_id: str
    task_id: int
    attempt: int
    worker: str
    overdue_s: float


def reclaim_expired(connection: Connection) -> list[Lost]:
    """Running -> ready where the lease ran out, or -> failed after the task took `POISON_LIMIT` workers with it.

    Returns:
        The attempts that were lost.
    """
    back = [Lost(*row) for row in connection.execute(EXPIRED, {"limit": POISON_LIMIT})]
    suspects = [Lost(*row) for row in connection.execute(SUSPECT, (POISON_LIMIT,)).fetchall()]
    return back + [one for one in suspects if _quarantine(connection, one.task_id, one.job_id)]


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


LATE = statement("rescue.part_from_ended")


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
