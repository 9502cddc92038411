"""Spans of a worker: one per claim and job, per task attempt, and per recorded batch and job.

Every attempt is a child of its job's span; from the second one on it links to the previous attempt. The span
id of an attempt is derived from the task, so that the link exists even where the worker was killed.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from contextvars import Token
from dataclasses import dataclass, field
from typing import Any, Final

from novacron.traceparent import Parent
from shared import telemetry
from shared.db.claims import Claim
from shared.db.completion import CHEAP_S, Freed
from shared.failures import Failure
from shared.traces import otlp
from shared.traces.otlp import Attributes
from shared.traces.span import SpanKind, Template, child, of_attempt
from shared.traces.tracing import Tracing
from workers.runtime.hooks import Attempt, TaskHook
from workers.runtime.outcome import Done, Outcome

LONGEST_ERROR: Final = 500
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


@dataclass(slots=True)
class UnderWay:
    """An attempt that runs.

    Attributes:
        job: its job.
        span_id: of its span.
        token: restores the span that was current before.
        begun_ns: start, nanoseconds since the Unix epoch.
        failed: outcome, class and message of an attempt that failed or was cancelled.
    """

    job: Sampled
    span_id: bytes
    token: Token[Any]
    begun_ns: int
    failed: tuple[str, str | None, str | None] | None = None


class Traces(TaskHook):
    """Records the spans of a worker child.

    Args:
        tracing: exports them.
        queue: the worker's.
    """

    def __init__(self, tracing: Tracing, queue: str) -> None:
        self._tracing = tracing
        self._queue = queue
        self._jobs: dict[str, Sampled | None] = {}
        self._asked_ns = self._claimed_ns = self._write_ns = 0
        self._claims: Counter[str] = Counter()
        self._under_way: UnderWay | None = None

    def before_claim(self, messages: Sequence[tuple[int, int]]) -> None:
        """Record the start time of the claim."""
        self._jobs.clear()
        self._claims.clear()
        self._asked_ns, self._claimed_ns = time.time_ns(), 0

    def after_claim(self, held: Sequence[Claim]) -> None:
        """Record the end time of the claim, unless these tasks were claimed inline by the last record."""
        if not self._claimed_ns:
            self._claimed_ns = time.time_ns()
            self._claims = Counter([claim.job_id for claim in held])

    def before_perform(self, attempt: Attempt) -> None:
        """Start the attempt's span; export that of the claim before its job's first attempt."""
        claim = attempt.claim
        job = self._job(attempt)
        if job is None:
            return
        if n_tasks := self._claims.pop(claim.job_id, 0):
            self._tell_claim(job.parent, claim.job_id, n_tasks)
        span_id = of_attempt(job.parent.trace_id, claim.task_id, claim.attempt)
        # A context of its own would cost a cheap task a tenth of what it takes.
        cheap = claim.cost_s <= CHEAP_S
        token = self._tracing.enter(job.context if cheap else self._tracing.under(job.parent, span_id))
        self._under_way = UnderWay(job, span_id, token, time.time_ns())

    def after_perform(self, attempt: Attempt, outcome: Outcome | None) -> None:
        """Finish the attempt's span."""
        if (done := self._under_way) is None:
            return
        ended_ns = time.time_ns()
        self._under_way = None
        self._tracing.leave(done.token)
        claim, began_ns = attempt.claim, done.begun_ns
        if done.failed is None and claim.attempt == 1 and isinstance(outcome, Done):
            template = self._completed(done.job, claim)
            self._tracing.add(template.span(done.span_id, began_ns, ended_ns, claim.task_id))
            return
        parent = done.job.parent
        became, kind, message = done.failed or (OUTCOMES[type(outcome).__name__], None, None)
        more: Attributes = ((TASK_ID, claim.task_id), *(() if kind is None else (("error.type", kind),)))
        before: tuple[bytes, ...] = ()
        if claim.attempt > 1:
            before = (of_attempt(parent.trace_id, claim.task_id, claim.attempt - 1),)
        self._tracing.add(child(
            parent, PERFORM + claim.operation, SpanKind.CONSUMER, began_ns, ended_ns,
            self._facts(claim, became), more, span_id=done.span_id, links=before, error=message,
        ))  # fmt: skip

    def before_write(self, finished: Sequence[Claim]) -> None:
        """Record the start time."""
        self._write_ns = time.time_ns()

    def after_record(self, finished: Sequence[Claim], freed: Freed) -> None:
        """Export a span per job of these tasks."""
        ended_ns = time.time_ns()
        tasks = Counter([claim.job_id for claim in finished])
        counted = Counter([claim.job_id for claim in finished if claim.task_id in freed.accepted])
        for job_id, n_tasks in tasks.items():
            if job := self._jobs.get(job_id):
                self._tell_record(job.parent, job_id, ended_ns, n_tasks, counted[job_id])
        self._write_ns = 0

    def on_retry(self, attempt: Attempt, failure: Failure, error: Exception, delay_s: float) -> None:
        """Record the error."""
        self._fail(attempt, "retried", failure)

    def on_failure(self, attempt: Attempt, failure: Failure, error: Exception) -> None:
        """Record the error."""
        self._fail(attempt, "failed", failure)

    def on_cancel(self, attempt: Attempt) -> None:
        """Record the cancellation, which is no error of the task."""
        if self._under_way is not None:
            self._under_way.failed = "cancelled", None, None

    def _fail(self, attempt: Attempt, became: str, failure: Failure) -> None:
        """Record the error of the attempt that runs; where none does, its result could not be written."""
        message = telemetry.masked(failure.message)[:LONGEST_ERROR]
        job_id = attempt.claim.job_id
        if self._under_way is not None:
            self._under_way.failed = became, failure.kind.value, message
        elif job := self._jobs.get(job_id):
            self._tell_record(job.parent, job_id, time.time_ns(), 1, 0, message)

    def _job(self, attempt: Attempt) -> Sampled | None:
        """Return the job of an attempt; None where it is not sampled."""
        job_id = attempt.claim.job_id
        if job_id not in self._jobs:
            parent, job = attempt.job.trace, None
            if parent and parent.sampled:
                job = Sampled(parent, self._tracing.under(parent, bytes.fromhex(parent.span_id)))
            self._jobs[job_id] = job
        return self._jobs[job_id]

    def _completed(self, job: Sampled, claim: Claim) -> Template:
        """Return the template of what most attempts become: completed, the first time."""
        if (found := job.completed.get(claim.operation)) is None:
            found = job.completed[claim.operation] = Template(
                job.parent, PERFORM + claim.operation, SpanKind.CONSUMER, self._facts(claim, "completed"),
                TASK_ID,
            )  # fmt: skip
        return found

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

    def _tell_claim(self, parent: Parent, job_id: str, n_tasks: int) -> None:
        more = (
            *self._messaging("claim", "receive"), ("messaging.batch.message_count", n_tasks),
            ("novacron.job.id", job_id),
        )  # fmt: skip
        name, begun_ns, ended_ns = f"claim {self._queue}", self._asked_ns, self._claimed_ns
        self._tracing.add(child(parent, name, SpanKind.CLIENT, begun_ns, ended_ns, more=more))

    def _tell_record(
        self, parent: Parent, job_id: str, ended_ns: int, n_tasks: int, n_counted: int,
        error: str | None = None,
    ) -> None:  # fmt: skip
        more = (
            ("db.operation.batch.size", n_tasks), ("novacron.tasks.recorded", n_counted),
            ("novacron.job.id", job_id),
        )  # fmt: skip
        begun_ns = self._write_ns or ended_ns
        self._tracing.add(
            child(parent, "record", SpanKind.CLIENT, begun_ns, ended_ns, WRITTEN, more, error=error)
        )
