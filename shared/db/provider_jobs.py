"""Jobs that tasks have in providers' queues: the intention first, then the provider's id, then the end.

A row is open from before anything is sent to the provider until the provider's job has ended. If its task
does not complete, a worker of its queue cancels the provider's job and closes the row.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from novacron.json_types import JsonObject
from shared.db.session import Connection
from shared.db.statements import statement

AGAIN_S = 5.0
"""Seconds until a failed cancellation is retried."""

INTEND = statement("provider_jobs.intend")
NOTE = statement("provider_jobs.note")
SUBMITTED = statement("provider_jobs.submitted")
OWED = statement("provider_jobs.owed")
CLOSE = statement("provider_jobs.close")


@dataclass(frozen=True, slots=True)
class Submission:
    """One attempt's submission to a provider.

    Attributes:
        task_id: the task.
        attempt: its attempt.
        backend: name of the backend.
        device: name of its device.
        tag: the provider's tag of the task's work, the same in every attempt.
    """

    task_id: int
    attempt: int
    backend: str
    device: str
    tag: str


@dataclass(frozen=True, slots=True)
class Intended:
    """An open row.

    Attributes:
        provider_job: the provider's id, None if unknown.
        notes: what was noted of the submission.
    """

    provider_job: str | None
    notes: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Owed:
    """A provider job to be cancelled.

    Attributes:
        task_id: the task that ended.
        job_id: its job.
        backend: name of the backend.
        device: name of its device.
        tag: the provider's tag of the work.
        provider_job: the provider's id, None if unknown.
        settled: whether no submission can still be in flight to the provider.
        tenant_id: tenant of the job.
    """

    task_id: int
    job_id: str
    backend: str
    device: str
    tag: str
    provider_job: str | None
    settled: bool
    tenant_id: int


def intend(
    connection: Connection, submission: Submission, *, forgotten: str | None = None
) -> Intended | None:
    """Open a task's row before its work is sent; return None if the task no longer belongs to this attempt.

    Args:
        connection: durable, outside a transaction.
        submission: the submission.
        forgotten: a provider's id that the provider no longer knows.
    """
    arguments = {
        "task": submission.task_id,
        "attempt": submission.attempt,
        "backend": submission.backend,
        "device": submission.device,
        "tag": submission.tag,
        "forgotten": forgotten,
    }
    row = connection.execute(INTEND, arguments).fetchone()
    return None if row is None else Intended(row[0], row[1] or {})


def note(connection: Connection, submission: Submission, notes: JsonObject) -> None:
    """Record what is known of a submission before it is sent, and is needed for its result."""
    arguments = {"task": submission.task_id, "attempt": submission.attempt, "notes": json.dumps(notes)}
    connection.execute(NOTE, arguments)


def submitted(connection: Connection, submission: Submission, provider_job: str) -> bool:
    """Record the provider's id; return False if another attempt has the task, or the row was closed."""
    arguments = {
        "task": submission.task_id, "attempt": submission.attempt, "provider_job": provider_job,
    }  # fmt: skip
    return connection.execute(SUBMITTED, arguments).fetchone() is not None


def is_closed(connection: Connection, task_id: int) -> bool:
    """Return whether the task's provider job is no longer tracked."""
    query = "SELECT closed_at IS NOT NULL FROM provider_jobs WHERE task_id = %s"
    row = connection.execute(query, (task_id,)).fetchone()
    return row is None or bool(row[0])


def owed(connection: Connection, queue: str, *, lease_s: float) -> list[Owed]:
    """Close rows of completed tasks; return provider jobs that a worker of this queue should cancel now."""
    arguments = {"queue": queue, "lease": lease_s, "again": AGAIN_S}
    return [Owed(*row) for row in connection.execute(OWED, arguments)]


def close(connection: Connection, cancelled: Owed) -> None:
    """Close a row whose provider job is gone."""
    arguments = {"task": cancelled.task_id, "provider_job": cancelled.provider_job}
    connection.execute(CLOSE, arguments)
