"""What tasks have in the queues of providers: the intention first, then the provider's id, then the end.

A row is open from before anything is sent to the provider until the provider's job has ended. Where its task
ends otherwise than completed, a worker of its queue cancels the provider's job and closes the row.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.db.session import Connection
from shared.db.statements import statement

AGAIN_S = 5.0
"""A cancel that failed is tried again after this long."""

INTEND = statement("provider_jobs.intend")
SUBMITTED = statement("provider_jobs.submitted")
OWED = statement("provider_jobs.owed")
CLOSE = statement("provider_jobs.close")


@dataclass(frozen=True, slots=True)
class Submission:
    """One attempt's way to a provider.

    Attributes:
        task_id: the task.
        attempt: which attempt of it.
        backend: name of the backend.
        device: name of its device.
        tag: under which the provider knows the task's work, the same in every attempt.
    """

    task_id: int
    attempt: int
    backend: str
    device: str
    tag: str


@dataclass(frozen=True, slots=True)
class Intended:
    """A row that is open.

    Attributes:
        provider_job: the provider's id, None where it is not known.
    """

    provider_job: str | None


@dataclass(frozen=True, slots=True)
class Owed:
    """What is to be cancelled at a provider.

    Attributes:
        task_id: the task that ended.
        job_id: its job.
        backend: name of the backend.
        device: name of its device.
        tag: under which the provider knows the work.
        provider_job: the provider's id, None where it is not known.
        settled: whether nothing can still be on its way to the provider.
        tenant_id: whose job it was.
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
    """Open the row of a task before its work is sent; None where the task is not this attempt's any more.

    Args:
        connection: durable, outside a transaction.
        submission: who sends what where.
        forgotten: a provider's id that the provider knows no more.
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
    return None if row is None else Intended(row[0])


def submitted(connection: Connection, submission: Submission, provider_job: str) -> bool:
    """Keep the provider's id; False where another attempt has the task, or the row was closed."""
    arguments = {
        "task": submission.task_id, "attempt": submission.attempt, "provider_job": provider_job,
    }  # fmt: skip
    return connection.execute(SUBMITTED, arguments).fetchone() is not None


def is_closed(connection: Connection, task_id: int) -> bool:
    """Whether nobody looks after what the task has at the provider any more."""
    query = "SELECT closed_at IS NOT NULL FROM provider_jobs WHERE task_id = %s"
    row = connection.execute(query, (task_id,)).fetchone()
    return row is None or bool(row[0])


def owed(connection: Connection, queue: str, *, lease_s: float) -> list[Owed]:
    """Close what completed, and take what is to be cancelled now by a worker of this queue."""
    arguments = {"queue": queue, "lease": lease_s, "again": AGAIN_S}
    return [Owed(*row) for row in connection.execute(OWED, arguments)]


def close(connection: Connection, cancelled: Owed) -> None:
    """Nothing is left at the provider."""
    arguments = {"task": cancelled.task_id, "provider_job": cancelled.provider_job}
    connection.execute(CLOSE, arguments)
