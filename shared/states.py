"""The states of jobs and tasks, and all allowed transitions (drawn in docs/lifecycle.md)."""

from __future__ import annotations

from enum import StrEnum


class JobState(StrEnum):
    """State of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TaskState(StrEnum):
    """State of a task: `blocked` waits for other tasks, `ready` for capacity, `queued` for a worker."""

    BLOCKED = "blocked"
    READY = "ready"
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class FailureClass(StrEnum):
    """Failure class of a task; only failures that another attempt can resolve are retried."""

    USER = "user"
    TRANSIENT = "transient"
    RESOURCE = "resource"
    POISON = "poison"
    INTERNAL = "internal"
    TIMEOUT = "timeout"
    DEPENDENCY = "dependency"

    @property
    def retryable(self) -> bool:
        """Whether another attempt may succeed."""
        return self in (FailureClass.TRANSIENT, FailureClass.RESOURCE)

    @property
    def passing(self) -> bool:
        """Whether the unchanged job may complete if submitted again later."""
        return self.retryable or self in (FailureClass.POISON, FailureClass.DEPENDENCY)


JOB_MOVES: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED}),
    JobState.RUNNING: frozenset({JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED}),
    JobState.COMPLETED: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
}

TASK_MOVES: dict[TaskState, frozenset[TaskState]] = {
    TaskState.BLOCKED: frozenset({TaskState.READY, TaskState.RUNNING, TaskState.CANCELLED}),
    TaskState.READY: frozenset({TaskState.QUEUED, TaskState.CANCELLED}),
    TaskState.QUEUED: frozenset({TaskState.RUNNING, TaskState.READY, TaskState.CANCELLED}),
    TaskState.RUNNING: frozenset(
        {TaskState.COMPLETED, TaskState.FAILED, TaskState.CANCELLED, TaskState.READY}
    ),
    TaskState.COMPLETED: frozenset(),
    TaskState.FAILED: frozenset(),
    TaskState.CANCELLED: frozenset(),
}

ENDED = frozenset(state for state, moves in JOB_MOVES.items() if not moves)
