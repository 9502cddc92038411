"""How a job would be run."""

from __future__ import annotations

from typing import Any

from novacron.answers.answer import Answer


class Estimate(Answer, shown=("start_s", "finish_s", "cpu_s", "memory_bytes", "usd")):
    """Estimated start, end and resources of a job; null where unknown.

    Attributes:
        start_s: seconds until it starts.
        finish_s: seconds until it ends.
        finish_deviation_s: standard deviation of `finish_s`.
        takes_s: mean run time of past runs of this shape, seconds.
        takes_least_s: their shortest.
        takes_most_s: their longest.
        learnt_from: number of past runs.
        modelled_s: run time estimated by counting operations, seconds.
        cpu_s: processor time, seconds.
        memory_bytes: peak memory of a task.
        n_circuits: circuits for a provider's device, with all parameters bound.
        n_shots: shots of all of them.
        qpu_s: time on a quantum processor, seconds.
        qpu_least_s: lower end of its range.
        qpu_most_s: upper end of its range.
        usd: price in US dollars.
        usd_least: lower end of its range.
        usd_most: upper end of its range.
        evaluations: expected evaluations of the objective.
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
    n_circuits: int | None
    n_shots: int | None
    qpu_s: float | None
    qpu_least_s: float | None
    qpu_most_s: float | None
    usd: float | None
    usd_least: float | None
    usd_most: float | None
    evaluations: int | None


class PlannedTasks(Answer, shown=("name", "operation", "queue", "count", "cost_s")):
    """A group of equal tasks.

    Attributes:
        name: name of the group.
        operation: what they do.
        queue: queue they run on.
        count: number of tasks.
        after: operations whose results they need.
        cost_s: expected run time of one task, seconds.
        memory_bytes: expected peak memory of one task.
    """

    name: str
    operation: str
    queue: str
    count: int
    after: list[str]
    cost_s: float | None
    memory_bytes: int | None


class Explanation(Answer, shown=("kind", "granularity", "backend", "queue", "n_tasks", "cache")):
    """How a job would be run.

    Attributes:
        kind: kind of the job.
        granularity: whether its loop would run inside one task (`fused`) or as many (`fanned_out`).
        why: reason for that granularity.
        backend: selected backend.
        device: device of that backend; null if it has none.
        calibration: id of the device's calibration, if known.
        queue: selected queue.
        placement_why: reason for the placement.
        n_qubits: qubits of the largest circuit; null where only the worker can tell.
        n_parameters: estimated parameters of the variational circuit; null if there is none.
        n_tasks: number of tasks.
        tasks: tasks in groups of equal ones.
        loop: loop of a variational job: units, expected evaluations and more; null without one.
        estimate: estimated start, end and resources.
        warnings: warnings that would be part of the result.
        notices: notes on the course of the job.
        cache: whether its result is cached (`hit`, `miss`), or caching is disabled (`off`).
        n_jobs: number of jobs of a sweep.
        n_cached: number of these whose result is cached.
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
    n_jobs: int | None = None
    n_cached: int | None = None
