"""The tasks of a job over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from scheduler.api.services import Reader, ServicesDep, own
from shared.db import reading, session
from shared.states import TaskState

router = APIRouter(prefix="/api/quantum")

LAST = 2**63 - 1


class Task(BaseModel):
    """One node of a job's graph.

    Attributes:
        task_id: rises in the order in which tasks were made.
        name: what it is for, within the job.
        operation: what it does.
        queue: whose workers it is for.
        state: where it stands.
        attempts: runs begun or about to begin.
        failures: runs that failed, or were lost with their worker.
        worker: who runs it, or ran it last.
        not_before: a delayed one's earliest next start.
        queued_at: when its message was sent last.
        started_at: last start.
        finished_at: end.
        error: of one that failed: `class`, `code`, `message` and more.
        depends_on: the tasks whose results it takes, in the order of its inputs.
    """

    task_id: int
    name: str
    operation: str
    queue: str
    state: TaskState
    attempts: int
    failures: int
    worker: str | None
    not_before: str | None
    queued_at: str | None
    started_at: str | None
    finished_at: str | None
    error: dict[str, Any] | None
    depends_on: list[int]


class TaskPage(BaseModel):
    """Some tasks of a job; `next` is the `after` of the page that follows, None on the last."""

    tasks: list[Task]
    next: int | None


@router.get("/jobs/{job_id}/tasks")
def listing(
    job_id: str, found: ServicesDep, who: Reader, limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: Annotated[int, Query(ge=0, le=LAST)] = 0,
) -> TaskPage:  # fmt: skip
    """The tasks of the caller's job, in the order in which they were made."""
    own(found, who, job_id)
    with session.borrowed(found.engine) as connection:
        rows = reading.tasks(connection, job_id, limit=limit, after=after)
    tasks = [Task.model_validate(row) for row in rows]
    return TaskPage(tasks=tasks, next=tasks[-1].task_id if len(tasks) == limit else None)
