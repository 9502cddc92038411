"""Spans of a worker: one per claim and job, per task attempt, and per recorded batch and job.

Every attempt is a child of its job's span; from the second one on it links to the previous attempt. The span
id of an attempt is derived from the task, so that the link exists even where the worker was killed.
"""

from __future__ import annotations

import time
from collections.abc import Container, Sequence
from contextvars import Token
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple

from novacron.traceparent import Parent
from shared import telemetry
from shared.db.claims import Claim
from shared.db.completion import CHEAP_S, Freed
from shared.failures import Failure
from shared.traces import otlp
from shared.traces.batches import Recorded
from shared.traces.otlp import Attributes
from shared.traces.span import SpanKind, Template, child, of_attempt
from shared.traces.tracing import Tracing
from workers.runtime.hooks import Attempt, TaskHook
from workers.runtime.outcome import Done

LONGEST_ERROR: Final = 500
MOST_JOBS: Final = 64
"""Maximum number of jobs whose traces are kept between messages."""
PERFORM: Final = "perform "
TASK_ID: Final = "novacron.task.id"
OUTCOMES: Final = {"Done": "completed", "Expand": "expanded", "Snooze": "snoozed", "NoneType": "released"}
"""`novacron.outcome` of an attempt that did not fail, by the type of its outcome; `released`: given back."""
WRITTEN: Final = otlp.facts((
    ("db.system.name", "postgresql"), ("db.operation.name", "UPDATE"), ("db.collection.name", "tasks"),
))  # fmt: skip


@dataclass(slots=True)
class Sampled:
    """A sampled job.

    Attributes:
        parent: parent of its spans.
        context: in which that is the current span.
        completed: templates of the spans of first attempts that completed, by operation.
    """

    parent: Parent
    context: Any
    completed: dict[str, Template] = field(default_factory=dict)


class Failed(NamedTuple):
    """Outcome of an attempt that did not complete: its name, and the class and message of the error."""

    became: str
    kind: str | None = None
    message: str | None = None


class Traces(TaskHook):
    """Records the spans of a worker child.

    Most attempts complete at once, thousands per second: the exporting thread encodes their spans. Tasks of
    jobs that are not sampled cost no more than two times.

    Args:
        tracing: exports them.
        queue: the worker's.
    """

    def __init__(self, tracing: Tracing, queue: str) -> None:
        self._tracing = tracing
        self._queue = queue
        self._jobs: dict[str, Sampled | None] = {}
        self._any_sampled = False
        self._held: Sequence[Claim] = ()
        self._claims_told: set[str] = set()
        self._failed: dict[int, Failed] = {}
        self._asked_ns = self._claimed_ns = self._write_ns = 0
        self._token: Token[Any] | None = None

    def before_claim(self, messages: Sequence[tuple[int, int]]) -> None:
        """Record the start time of the claim."""
        if len(self._jobs) > MOST_JOBS:
            self._jobs.clear()
        self._any_sampled, self._held = False, ()
        self._claims_told.clear()
        self._asked_ns, self._claimed_ns = time.time_ns(), 0

    def after_claim(self, held: Sequence[Claim]) -> None:
        """Record the end time of the claim, unless these tasks were claimed inline by the last record."""
        if not self._claimed_ns:
            self._claimed_ns, self._held = time.time_ns(), held

    def before_job(self, attempt: Attempt) -> None:
        """Make the span of the attempt, or of the job of several, the current one; export that of the claim.

        An expensive task is alone. Cheap ones share a context: one for each would cost a tenth of what they
        take.
        """
        self._leave()
        claim = attempt.claim
        if (job := self._job(attempt)) is None:
            return
        self._any_sampled, parent = True, job.parent
        if claim.job_id not in self._claims_told:
            self._claims_told.add(claim.job_id)
            if n_tasks := sum([one.job_id == claim.job_id for one in self._held]):
                times_ns = self._asked_ns, self._claimed_ns
                self._tracing.add(partial(self._claim, parent, claim.job_id, times_ns, n_tasks))
        context = job.context
        if claim.cost_s > CHEAP_S:
            span_id = of_attempt(parent.trace_id, claim.task_id, claim.attempt)
            context = self._tracing.under(parent, span_id)
        self._token = self._tracing.enter(context)

    def after_attempts(self, attempts: Sequence[Attempt]) -> None:
        """Export the spans of attempts."""
        self._leave()
        if not self._any_sampled:
            return
        epoch_ns, failed = time.time_ns() - time.monotonic_ns(), self._failed
        spans: list[Recorded] = []
        for attempt in attempts:
            claim = attempt.claim
            if (job := self._jobs.get(claim.job_id)) is None:
                continue
            begun_ns, ended_ns = epoch_ns + attempt.begun_ns, epoch_ns + attempt.ended_ns
            if isinstance(attempt.outcome, Done) and claim.attempt == 1 and claim.task_id not in failed:
                template = job.completed.get(claim.operation) or self._completed(job, claim)
                spans.append((template, claim.task_id, begun_ns, ended_ns))
            else:
                spans.append(self._span(job.parent, attempt, begun_ns, ended_ns))
        self._tracing.add_each(spans)
        failed.clear()

    def before_write(self, finished: Sequence[Claim]) -> None:
        """Record the start time."""
        self._write_ns = time.time_ns()

    def after_record(self, finished: Sequence[Claim], freed: Freed) -> None:
        """Export a span per job of these tasks."""
        if not self._any_sampled:
            return
        times_ns = self._write_ns, time.time_ns()
        for job_id in {claim.job_id for claim in finished}:
            if job := self._jobs.get(job_id):
                mine = [claim.task_id for claim in finished if claim.job_id == job_id]
                self._tracing.add(partial(_record, job.parent, job_id, times_ns, mine, freed.accepted))
        self._write_ns = 0

    def on_retry(self, attempt: Attempt, failure: Failure, error: Exception, delay_s: float) -> None:
        """Record the error."""
        self._fail(attempt, "retried", failure)

    def on_failure(self, attempt: Attempt, failure: Failure, error: Exception) -> None:
        """Record the error."""
        self._fail(attempt, "failed", failure)

    def on_cancel(self, attempt: Attempt) -> None:
        """Record the cancellation, which is no error of the task."""
        self._failed[attempt.claim.task_id] = Failed("cancelled")

    def _fail(self, attempt: Attempt, became: str, failure: Failure) -> None:
        """Record the error of an attempt; one that has ended already has a result that cannot be written."""
        message = telemetry.masked(failure.message)[:LONGEST_ERROR]
        job_id = attempt.claim.job_id
        if attempt.begun_ns:
            self._failed[attempt.claim.task_id] = Failed(became, failure.kind.value, message)
        elif job := self._jobs.get(job_id):
            now_ns = time.time_ns()
            times_ns = self._write_ns or now_ns, now_ns
            task_id = attempt.claim.task_id
            self._tracing.add(partial(_record, job.parent, job_id, times_ns, [task_id], (), message))

    def _job(self, attempt: Attempt) -> Sampled | None:
        """Return the job of an attempt; None where it is not sampled."""
        job_id = attempt.claim.job_id
        if job_id not in self._jobs:
            parent, job = attempt.job.trace, None
            if parent and parent.sampled:
                job = Sampled(parent, self._tracing.under(parent, bytes.fromhex(parent.span_id)))
            self._jobs[job_id] = job
        return self._jobs[job_id]

    def _span(self, parent: Parent, attempt: Attempt, begun_ns: int, ended_ns: int) -> bytes:
        """Encode the span of an attempt that did not complete, or not the first time."""
        claim = attempt.claim
        failed = self._failed.pop(claim.task_id, None) or Failed(OUTCOMES[type(attempt.outcome).__name__])
        more: Attributes = ((TASK_ID, claim.task_id),)
        if failed.kind is not None:
            more += (("error.type", failed.kind),)
        before: tuple[bytes, ...] = ()
        if claim.attempt > 1:
            before = (of_attempt(parent.trace_id, claim.task_id, claim.attempt - 1),)
        return child(
            parent, PERFORM + claim.operation, SpanKind.CONSUMER, begun_ns, ended_ns,
            self._facts(claim, failed.became), more, links=before, error=failed.message,
            span_id=of_attempt(parent.trace_id, claim.task_id, claim.attempt),
        )  # fmt: skip

    def _leave(self) -> None:
        if self._token is not None:
            self._tracing.leave(self._token)
            self._token = None

    def _completed(self, job: Sampled, claim: Claim) -> Template:
        """Return the template of what most attempts become: completed, the first time."""
        made = job.completed[claim.operation] = Template(
            job.parent, PERFORM + claim.operation, SpanKind.CONSUMER, self._facts(claim, "completed"), TASK_ID
        )
        return made

    def _facts(self, claim: Claim, became: str) -> bytes:
        """Encode the attributes shared by the attempts of a job at one operation that ended alike."""
        return otlp.facts((
            *self._messaging("perform", "process"), ("novacron.job.id", claim.job_id),
            ("novacron.tenant.id", claim.tenant_id), ("novacron.operation", claim.operation),
            ("novacron.task.attempt", claim.attempt), ("novacron.outcome", became),
        ))  # fmt: skip

    def _messaging(self, name: str, kind: str) -> Attributes:
        return (
            ("messaging.system", "redis"), ("messaging.destination.name", self._queue),
            ("messaging.operation.name", name), ("messaging.operation.type", kind),
        )  # fmt: skip

    def _claim(self, parent: Parent, job_id: str, times_ns: tuple[int, int], n_tasks: int) -> tuple[bytes]:
        """Encode the span of a claim."""
        more = (
            *self._messaging("claim", "receive"), ("messaging.batch.message_count", n_tasks),
            ("novacron.job.id", job_id),
        )  # fmt: skip
        return (child(parent, f"claim {self._queue}", SpanKind.CLIENT, *times_ns, more=more),)


def _record(
    parent: Parent, job_id: str, times_ns: tuple[int, int], tasks: Sequence[int], accepted: Container[int],
    error: str | None = None,
) -> tuple[bytes]:  # fmt: skip
    """Encode the span of recording results of a job's tasks."""
    more = (
        ("db.operation.batch.size", len(tasks)),
        ("novacron.tasks.recorded", sum(task in accepted for task in tasks)), ("novacron.job.id", job_id),
    )  # fmt: skip
    return (child(parent, "record", SpanKind.CLIENT, *times_ns, WRITTEN, more, error=error),)
