"""Job documents of the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from novacron import results
from novacron.answers.explanation import Estimate
from novacron.answers.log_line import LogLine
from novacron.answers.row import Row
from novacron.answers.task import Task
from scheduler.api.models.model import Model
from scheduler.planning.many import MOST
from shared.states import FailureClass, JobState

AnyResult = (
    results.VQEResult | results.QAOAResult | results.QMLResult | results.CircuitResult
    | results.ClassicalResult | results.QECMemoryResult | results.CompileResult | results.CryptographicResult
    | results.SweepResult
)  # fmt: skip


class BrokenRule(Model):
    """A violated rule of the input.

    Attributes:
        field: path of the field; null if the rule concerns no single field.
        value: rejected value; null where there is none to show.
        rule: condition that the value must satisfy.
        hint: how to fix it; null if unknown.
    """

    field: str | None = None
    value: JsonValue = None
    rule: str
    hint: str | None = None


class BrokenDependency(Model):
    """A job that did not complete and so blocks the jobs that depend on it.

    Attributes:
        job_id: id of the job.
        status: `failed` or `cancelled`.
        failure_class: as for a failure; null where unknown, as are the fields below.
        code: machine-readable error code.
        message: human-readable description.
        hint: how to fix it, if known.
        retryable: whether the same job may complete when submitted again later.
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
        failure_class: who is at fault and whether a retry can help; or `cancelled`.
        code: machine-readable error code.
        message: human-readable description.
        cause: underlying cause, if known.
        hint: how to fix it, if known.
        retryable: whether the same job may complete when submitted again later.
        task: id of the failed task.
        operation: operation of that task.
        type: exception class, for errors of the user's code or input.
        errors: fields, values, rules and hints, for errors of the user's input.
        dependency: dependency that did not complete.
        root: job in which the failure originated.
        by: name of the token that cancelled the job.
        reason: reason given for the cancellation.
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
    """Task counts of a job.

    Attributes:
        total: number of tasks.
        done: number of completed tasks.
        running: number of running tasks.
    """

    total: int
    done: int
    running: int


class ListedJob(Model):
    """A job in a listing.

    Attributes:
        job_id: id of the job.
        kind: `hybrid_vqe`, `hybrid_qaoa`, `quantum_ml`, `pure_quantum`, `pure_classical`, `qec_memory`,
            `compile`, `cryptographic` or `sweep`.
        name: name given by the submitter.
        status: state of the job.
        progress: completed share of the work, 0 to 1.
        error_message: why the job failed, or who cancelled it.
        error: the same, machine-readable.
        created_at: time of acceptance.
        started_at: start of the first task.
        finished_at: end of the job.
        completed_at: the same.
        estimated_completion_time: end of the job: the actual one, else as estimated at planning time.
        queue_time_s: seconds from acceptance to the start, or until now.
        wall_time_s: seconds from the start to the end.
        priority: -100 to 100; higher runs first.
        granularity: whether the optimization loop runs inside one task (`fused`) or as many tasks
            (`fanned_out`).
        backend: selected backend.
        device: its device; null if it has none.
        queue: selected queue.
        from_cache: whether the result came from the cache.
        joined: id of the identical job that computes the result, if there is one.
        trace_id: id of the trace with the job's spans, 32 hexadecimal digits; null if it is not traced.
        replay_of: id of the replayed job.
        seed: seed of all random number generators of the job.
        depends_on: ids of the jobs that must complete first.
        estimate: estimate at planning time.
        tasks: task counts.
        evaluations: evaluations of the objective so far.
        best_value: best value so far, with the sign of the problem's objective.
        sweep: id of the sweep that the job belongs to.
        coordinates: its values in that sweep, by dotted path.
        tags: tags.
        session: id of the session that the job is a call of.
        position: its place in that session or sweep, from 0.
        n_jobs: number of jobs of a sweep; null for other kinds, as are the next.
        n_completed: number of these that completed.
        n_failed: number of these that failed.
        n_cached: number of these whose result came from the cache.
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
    completed_at: datetime | None
    estimated_completion_time: datetime | None
    queue_time_s: float | None
    wall_time_s: float | None
    priority: int
    granularity: str | None
    backend: str | None
    device: str | None
    queue: str | None
    from_cache: bool
    joined: str | None
    trace_id: str | None
    replay_of: str | None
    seed: int | None
    depends_on: list[str]
    estimate: Estimate | None
    tasks: Progress
    evaluations: int
    best_value: float | None
    sweep: str | None
    coordinates: dict[str, JsonValue] | None
    tags: list[str]
    session: str | None
    position: int | None
    n_jobs: int | None
    n_completed: int | None
    n_failed: int | None
    n_cached: int | None


class Usage(Model):
    """Resources that a job has used so far; null where unknown.

    Attributes:
        cpu_s: processor time of the attempt that came to the result, seconds.
        wall_time_s: seconds from the start to the end.
        queue_time_s: seconds from acceptance to the start, or until now.
        memory_bytes: expected peak memory of a task.
        tasks: number of completed tasks.
    """

    cpu_s: float | None
    wall_time_s: float | None
    queue_time_s: float | None
    memory_bytes: int | None
    tasks: int


class Job(ListedJob):
    """A job with its spec and result.

    Attributes:
        resource_usage: resources used so far.
        spec: the job in canonical form: every key of its kind, defaults filled in, circuits parsed.
        result: result of a completed job, by its kind; null until then.
        results: the same.
        metadata: for a circuit compiled for a device, what the compiler did: `compilation` of the result;
            for a `compile` job, its `metadata`; for an encoded circuit, its `error_correction`.
    """

    resource_usage: Usage
    spec: dict[str, JsonValue]
    result: AnyResult | None
    results: AnyResult | None
    metadata: dict[str, JsonValue] | None


class SubmittedJobs(Model):
    """Several jobs.

    Attributes:
        jobs: jobs, each as it would be submitted alone.
    """

    jobs: Annotated[list[dict[str, JsonValue]], Field(min_length=1, max_length=MOST)]


class AcceptedJobs(Model):
    """Several jobs that were accepted.

    Attributes:
        jobs: the jobs, in the order of the request.
    """

    jobs: list[Job]


class JobPage(Model):
    """A page of jobs, newest first.

    Attributes:
        jobs: jobs of this page.
        next: `after` of the next page; null on the last.
        counts: numbers of the matching jobs by state, where asked for.
    """

    jobs: list[ListedJob]
    next: str | None
    counts: dict[JobState, int] | None = None


class TablePage(Model):
    """A page of the jobs of a sweep, by position.

    Attributes:
        rows: jobs of this page.
        next: `after` of the next page; null on the last.
    """

    rows: list[Row]
    next: int | None


class RowPage(Model):
    """A page of jobs of any kind, newest first, or those that were asked for.

    Attributes:
        rows: jobs of this page.
        next: `after` of the next page; null on the last.
    """

    rows: list[Row]
    next: str | None


class TaskPage(Model):
    """A page of a job's tasks, in creation order.

    Attributes:
        tasks: tasks of this page.
        next: `after` of the next page; null on the last.
    """

    tasks: list[Task]
    next: int | None


class LogPage(Model):
    """A page of a job's log lines, oldest first.

    Attributes:
        lines: lines of this page.
        next: `after` of the next page; null on the last.
        ended: whether the job has ended and no line follows.
    """

    lines: list[LogLine]
    next: int | None
    ended: bool
