"""A worker's leases on its tasks: claim, heartbeat, and release or failure.

The fence is (attempt, claimed_by, state = 'running'): a write by a worker whose lease was reclaimed matches
no row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.db import jobs
from shared.db.session import Connection
from shared.db.statements import statement
from shared.failures import Failure

POISON_LIMIT = 3
"""Number of workers that may die while running a task before it is quarantined."""


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
    tenant_id: int


CLAIM = statement("claims.claim")

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

RELEASE = statement("claims.release")


def claim(
    connection: Connection, messages: Iterable[tuple[int, int]], *, worker: str, lease_s: float
) -> list[Claim]:
    """Queued -> running for each (task, attempt) that is not claimed yet; return the claims of this worker.

    The first claim of a job also moves the job from queued to running. It never waits for a job that is being
    cancelled, because the cancellation waits for the claim.
    """
    ids, attempts = zip(*messages, strict=True)
    arguments = {"ids": list(ids), "attempts": list(attempts), "worker": worker, "lease": lease_s}
    rows = connection.execute(CLAIM, arguments).fetchall()
    return sorted((Claim(*row) for row in rows), key=lambda held: ids.index(held.task_id))


def beat(connection: Connection, held: Sequence[Claim], *, worker: str, lease_s: float) -> set[int]:
    """Renew the leases of these tasks; return the ids still held (the others were cancelled or reclaimed)."""
    arguments = {
        "ids": [claim.task_id for claim in held],
        "attempts": [claim.attempt for claim in held],
        "worker": worker,
        "lease": lease_s,
    }
    return {row[0] for row in connection.execute(BEAT, arguments)}


def inputs(connection: Connection, held: Claim) -> list[Any]:
    """Return the results of the task's parents, in the order of its edges."""
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
    """Running -> ready, as the next attempt: drained, snoozed, or retried after `delay_s`.

    Returns:
        False if this worker no longer held the task.
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


FAIL = statement("claims.fail")


def fail(
    connection: Connection,
    held: Claim,
    *,
    worker: str,
    failure: Failure,
) -> bool:
    """Running -> failed for the task, its job and all jobs that depend on it.

    Args:
        connection: any connection.
        held: the task.
        worker: the holder.
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
        jobs.hold(connection, [held.job_id])
        row = connection.execute(FAIL, arguments).fetchone()
        if row is not None:
            jobs.fail(connection, row[0], error)
    return row is not None
