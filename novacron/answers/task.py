"""Tasks of a job."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from novacron.answers.answer import Answer

State = Literal["blocked", "ready", "queued", "running", "completed", "failed", "cancelled"]
"""`blocked` waits for other tasks, `ready` for capacity of the queue, `queued` for a worker."""


class Task(Answer, shown=("task_id", "name", "operation", "queue", "state", "attempts")):
    """One node of a job's graph.

    Attributes:
        task_id: increases in creation order.
        name: name within the job.
        operation: operation it performs.
        queue: queue it runs on.
        state: state of the task.
        attempts: attempts started or about to start.
        failures: attempts that failed or whose worker was lost.
        worker: worker that runs it, or ran it last.
        not_before: earliest start of the next attempt.
        queued_at: time its message was last published.
        started_at: last start.
        finished_at: end.
        error: error of a failed task: `class`, `code`, `message` and more.
        depends_on: ids of the tasks whose results it needs, in the order of its inputs.
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
