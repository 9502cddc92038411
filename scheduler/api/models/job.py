"""Jobs as the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from novacron import results
from novacron.answers.explanation import Estimate
from novacron.answers.log_line import LogLine
from novacron.answers.task import Task
from scheduler.api.models.model import Model
from shared.states import FailureClass, JobState

AnyResult = (
    results.VQEResult | results.QAOAResult | results.QMLResult | results.CircuitResult
    | results.ClassicalResult | results.CryptographicResult
)  # fmt: skip


class BrokenRule(Model):
    """A rule of the input that was broken.

    Attributes:
        field: path of the field; null where it is none in particular.
        value: that was refused; null where there is none to show.
        rule: what the value must satisfy.
        hint: the cure; null where there is none to give.
    """

    field: str | None = None
    value: JsonValue = None
    rule: str
    hint: str | None = None


class BrokenDependency(Model):
    """A job that did not complete, so that those that depend on it cannot.

    Attributes:
        job_id: its id.
        status: `failed` or `cancelled`.
        failure_class: as for a failure; null where that is not known. So are the fields below.
        code: for machines.
        message: for people.
        hint: cure, where one is known.
        retryable: whether the same job, submitted again later, may complete.
    """

    job_id: str
    status: str
    failure_class: str | None = Field(alias="class")
    code: str | None
    message: str | None
    hint: str | None
    retryable: bool | None


class Failure(Model):
    """Why a job or a task failed, or a job was cancelled.

    Attributes:
        failure_class: whose fault it is, and whether another attempt can help; or `cancelled`.
        code: for machines.
        message: for people.
        cause: further cause, where one is known.
        hint: cure, where one is known.
        retryable: whether the same job, submitted again later, may complete.
        task: id of the task that failed.
        operation: of that task.
        type: class of the client's exception, where it is the user's.
        errors: fields, values, rules and cures, where it is the user's.
        dependency: the job that it depends on and that did not complete.
        root: the job with which that began.
        by: name of the token that cancelled it.
        reason: in the words of whoever cancelled it.
    """

    failure_class: FailureClass | Literal["cancelled"] = Field(alias="class")
    code: str
    message: str
    cause: str | None = None
    hint: str | None = None
    retryable: bool
    task: int | None = None
    operation: str | None = None
    type: str | None = None
    errors: list[BrokenRule] | None = None
    dependency: BrokenDependency | None = None
    root: BrokenDependency | None = None
    by: str | None = None
    reason: str | None = None


class Progress(Model):
    """How many tasks there are.

    Attributes:
        total: of the job.
        done: that have completed.
        running: that run now.
    """

    total: int
    done: int
    running: int


class ListedJob(Model):
    """A job as listings show it.

    Attributes:
        job_id: its id.
        kind: `hybrid_vqe`, `hybrid_qaoa`, `quantum_ml`, `pure_quantum`, `pure_classical` or `cryptographic`.
        name: that its submitter gave it.
        status: where it stands.
        progress: share of the work that is done, 0 to 1.
        error_message: why it failed, or by whom it was cancelled.
        error: the same for machines.
        created_at: when it was accepted.
        started_at: start of its first task.
        finished_at: when it ended.
        queue_time_s: seconds from acceptance to the start, or until now.
        wall_time_s: seconds from the start to the end.
        priority: -100 to 100, greater first.
        granularity: whether its loop runs inside one task (`fused`) or as many (`fanned_out`).
        backend: that it was placed on.
        queue: that it was placed in.
        from_cache: whether its result was cached.
        joined: id of the equal job that computes its result, where there is one.
        replay_of: id of the job that it repeats.
        seed: of everything random in it.
        depends_on: ids of the jobs that must complete first.
        estimate: when it was planned.
        tasks: how many there are.
        evaluations: of the objective so far.
        best_value: best value so far, in the sign of the problem.
    """

    job_id: str
    kind: str
    name: str | None
    status: JobState
    progress: float = Field(ge=0, le=1)
    error_message: str | None
    error: Failure | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    queue_time_s: float | None
    wall_time_s: float | None
    priority: int
    granularity: str | None
    backend: str | None
    queue: str | None
    from_cache: bool
    joined: str | None
    replay_of: str | None
    seed: int | None
    depends_on: list[str]
    estimate: Estimate | None
    tasks: Progress
    evaluations: int
    best_value: float | None


class Job(ListedJob):
    """A job with its spec and result.

    Attributes:
        spec: the job in canonical form: every key of its kind, defaults filled in, circuits parsed.
        result: of a completed job, by its kind; null before.
    """

    spec: dict[str, JsonValue]
    result: AnyResult | None


class JobPage(Model):
    """Some jobs, newest first.

    Attributes:
        jobs: of this page.
        next: `after` of the page that follows; null on the last.
    """

    jobs: list[ListedJob]
    next: str | None


class TaskPage(Model):
    """Some tasks of a job, in the order in which they were made.

    Attributes:
        tasks: of this page.
        next: `after` of the page that follows; null on the last.
    """

    tasks: list[Task]
    next: int | None


class LogPage(Model):
    """Some log lines of a job, oldest first.

    Attributes:
        lines: of this page.
        next: `after` of the page that follows; null on the last.
        ended: whether the job has ended and no line follows.
    """

    lines: list[LogLine]
    next: int | None
    ended: bool
