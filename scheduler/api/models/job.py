"""Jobs as the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from novacron import results
from novacron.answers.task import Task
from scheduler.api.models.model import Model
from shared.states import FailureClass, JobState

AnyResult = (
    results.VQEResult | results.QAOAResult | results.QMLResult | results.CircuitResult
    | results.ClassicalResult | results.CryptographicResult
)  # fmt: skip


class Failure(Model):
    """Why a job or a task failed.

    Attributes:
        failure_class: whose fault it is, and whether another attempt can help.
        code: for machines.
        message: for people.
        cause: further cause, where one is known.
        hint: cure, where one is known.
        retryable: whether the same job, submitted again later, may complete.
    """

    failure_class: FailureClass = Field(alias="class")
    code: str
    message: str
    cause: str | None
    hint: str | None
    retryable: bool


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


class Estimate(Model):
    """When a job will start and end, and what it takes; null where that is not known.

    Attributes:
        start_s: seconds until it starts.
        finish_s: seconds until it ends.
        finish_deviation_s: standard deviation of `finish_s`.
        takes_s: mean run time of past runs of this shape, seconds.
        takes_least_s: their shortest.
        takes_most_s: their longest.
        learnt_from: number of past runs.
        modelled_s: run time by counting operations, seconds.
        cpu_s: processor time, seconds.
        memory_bytes: peak memory of a task.
        qpu_s: time on a quantum processor, seconds.
        usd: price.
        evaluations: of the objective, expected.
    """

    start_s: float | None
    finish_s: float | None
    finish_deviation_s: float | None
    takes_s: float | None
    takes_least_s: float | None
    takes_most_s: float | None
    learnt_from: int
    modelled_s: float | None
    cpu_s: float | None
    memory_bytes: int | None
    qpu_s: float
    usd: float
    evaluations: int | None


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

    spec: dict[str, Any]
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


class PlannedTasks(Model):
    """A group of equal tasks.

    Attributes:
        name: of the group.
        operation: what they do.
        queue: whose workers they are for.
        count: how many.
        after: operations whose results they take.
        cost_s: expected run time of one, seconds.
        memory_bytes: expected peak memory of one.
    """

    name: str
    operation: str
    queue: str
    count: int
    after: list[str]
    cost_s: float | None
    memory_bytes: int | None


class Explanation(Model):
    """How a job would be run.

    Attributes:
        kind: of the job.
        granularity: whether its loop would run inside one task (`fused`) or as many (`fanned_out`).
        why: that granularity.
        backend: that it would be placed on.
        device: of that backend; null where it has none.
        calibration: id of the device's calibration, where one is known.
        queue: that it would be placed in.
        placement_why: why there.
        n_qubits: of the largest circuit; null where only the worker can tell.
        n_parameters: of the variational circuit, estimated; null where there is none.
        n_tasks: how many there would be.
        tasks: in groups of equal ones.
        loop: of a variational job: units, expected evaluations and more; null without one.
        estimate: when it would start and end, and what it would take.
        warnings: that would be part of the result.
        notices: about the course of the job.
        cache: whether its result is cached (`hit`, `miss`), or must not be (`off`).
    """

    kind: str
    granularity: str
    why: str
    backend: str | None
    device: str | None
    calibration: str | None
    queue: str
    placement_why: str
    n_qubits: int | None
    n_parameters: int | None
    n_tasks: int
    tasks: list[PlannedTasks]
    loop: dict[str, Any] | None
    estimate: Estimate
    warnings: list[str]
    notices: list[str]
    cache: str
