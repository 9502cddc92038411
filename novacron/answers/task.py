"""Tasks of a job."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from novacron.answers.answer import Answer

State = Literal["blocked", "ready", "queued", "running", "completed", "failed", "cancelled"]
"""`blocked` waits for other tasks, `ready` for room, `queued` for a worker."""


class Task(Answer, shown=("task_id", "name", "operation", "queue", "state", "attempts")):
    """One node of a job's graph.

    Attributes:
        task_id: increases in the order in which tasks were made.
        name: what it is for, within the job.
        operation: what it does.
        queue: whose workers it is for.
        state: where it stands.
        attempts: runs begun or about to begin.
        failures: runs that failed, or were lost with their worker.
        worker: that runs it, or ran it last.
        not_before: earliest next start of a delayed one.
        queued_at: when its message was sent last.
        started_at: last start.
        finished_at: end.
        error: of one that failed: `class`, `code`, `message` and more.
        depends_on: ids of the tasks whose results it takes, in the order of its inputs.
    """

    task_id: int
    name: str
    operation: str
    queue: str
    state: State
    attempts: int
    failures: int
    worker: str | None
    not_before: datetime | None
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    error: dict[str, Any] | None
    depends_on: list[int]
