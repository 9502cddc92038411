"""Spans of a worker: one per claim and job, per task attempt, and per recorded batch and job.

Every attempt is a child of its job's span; from the second one on it links to the previous attempt. The span
id of an attempt is derived from the task, so that the link exists even where the worker was killed.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from contextvars import Token
from typing import Any, Final

from novacron.traceparent import Parent
from shared import telemetry
from shared.db.claims import Claim
from shared.db.completion import Freed
from shared.failures import Failure
from shared.traces.span import Attributes, Span, SpanKind, of_attempt
from shared.traces.tracing import Tracing, new_id
from workers.runtime.hooks import Attempt, TaskHook
from workers.runtime.outcome import Outcome

LONGEST_ERROR: Final = 500
OUTCOMES: Final = {"Done": "completed", "Expand": "expanded", "Snooze": "snoozed", "NoneType": "released"}
"""`novacron.outcome` of an attempt that did not fail, by the type of its outcome; `released`: given back."""
WRITTEN: Final[Attributes] = (
    ("db.system.name", "postgresql"), ("db.operation.name", "UPDATE"), ("db.collection.name", "tasks"),
)  # fmt: skip


class Traces(TaskHook):
    """Records the spans of a worker child.

    Args:
        tracing: exports them.
        queue: the worker's.
    """

    def __init__(self, tracing: Tracing, queue: str) -> None:
        self._tracing = tracing
        self._queue = queue
        self._parents: dict[str, Parent | None] = {}
        self._facts: dict[tuple[str, str], Attributes] = {}
        self._asked_ns = self._claimed_ns = self._begun_ns = self._write_ns = 0
        self._claims: Counter[str] = Counter()
        self._performing = False
        self._under_way: Token[Any] | None = None
        self._failed: tuple[str, str | None, str | None] | None = None

    def before_claim(self, messages: Sequence[tuple[int, int]]) -> None:
        """Record the start time of the claim."""
        self._parents.clear()
        self._facts.clear()
        self._claims.clear()
        self._asked_ns, self._claimed_ns = time.time_ns(), 0

    def after_claim(self, held: Sequence[Claim]) -> None:
        """Record the end time of the claim, unless these tasks were claimed inline by the last record."""
        if not self._claimed_ns:
            self._claimed_ns = time.time_ns()
            self._claims = Counter(claim.job_id for claim in held)

    def before_perform(self, attempt: Attempt) -> None:
        """Start the attempt's span; export that of the claim before its job's first attempt."""
        self._performing, self._failed = True, None
        claim = attempt.claim
        parent = self._parent(attempt)
        if parent is None:
            return
        if n_tasks := self._claims.pop(claim.job_id, 0):
            self._tell_claim(parent, claim, n_tasks)
        span_id = of_attempt(parent.trace_id, claim.task_id, claim.attempt)
        self._under_way = self._tracing.enter(parent, span_id)
        self._begun_ns = time.time_ns()

    def after_perform(self, attempt: Attempt, outcome: Outcome | None) -> None:
        """Finish the attempt's span."""
        self._performing = False
        if self._under_way is None:
            return
        ended_ns = time.time_ns()
        self._tracing.leave(self._under_way)
        self._under_way = None
        claim, parent = attempt.claim, self._parent(attempt)
        if parent is None:
            return
        became, kind, message = self._failed or (OUTCOMES[type(outcome).__name__], None, None)
        more: Attributes = (
            ("novacron.task.id", claim.task_id), ("novacron.task.attempt", claim.attempt),
            ("novacron.outcome", became),
        )  # fmt: skip
        if kind is not None:
            more = (*more, ("error.type", kind))
        trace_id, task_id, number = parent.trace_id, claim.task_id, claim.attempt
        before = (of_attempt(trace_id, task_id, number - 1),) if number > 1 else ()
        self._tracing.add(Span(
            parent, trace_id, of_attempt(trace_id, task_id, number), f"perform {claim.operation}",
            SpanKind.CONSUMER, self._begun_ns, ended_ns, self._facts_of(claim), more, before, message,
        ))  # fmt: skip

    def before_write(self, finished: Sequence[Claim]) -> None:
        """Record the start time."""
        self._write_ns = time.time_ns()

    def after_record(self, finished: Sequence[Claim], freed: Freed) -> None:
        """Export a span per job of these tasks."""
        ended_ns = time.time_ns()
        tasks = Counter(claim.job_id for claim in finished)
        counted = Counter(claim.job_id for claim in finished if claim.task_id in freed.accepted)
        for job_id, n_tasks in tasks.items():
            if parent := self._parents.get(job_id):
                self._tell_record(parent, job_id, ended_ns, n_tasks, counted[job_id])
        self._write_ns = 0

    def on_retry(self, attempt: Attempt, failure: Failure, error: Exception, delay_s: float) -> None:
        """Record the error."""
        self._fail(attempt, "retried", failure)

    def on_failure(self, attempt: Attempt, failure: Failure, error: Exception) -> None:
        """Record the error."""
        self._fail(attempt, "failed", failure)

    def on_cancel(self, attempt: Attempt) -> None:
        """Record the cancellation, which is no error of the task."""
        self._failed = "cancelled", None, None

    def _fail(self, attempt: Attempt, became: str, failure: Failure) -> None:
        message = telemetry.masked(failure.message)[:LONGEST_ERROR]
        self._failed = became, failure.kind.value, message
        if not self._performing and (parent := self._parents.get(attempt.claim.job_id)):
            self._tell_record(parent, attempt.claim.job_id, time.time_ns(), 1, 0, message)

    def _parent(self, attempt: Attempt) -> Parent | None:
        """Parent of the job's spans; None where the job is not sampled."""
        job_id = attempt.claim.job_id
        if job_id not in self._parents:
            parent = attempt.job.trace
            self._parents[job_id] = parent if parent and parent.sampled else None
        return self._parents[job_id]

    def _facts_of(self, claim: Claim) -> Attributes:
        """Attributes shared by all attempts at an operation of a job."""
        key = claim.job_id, claim.operation
        if key not in self._facts:
            self._facts[key] = (
                *self._messaging("perform", "process"), ("novacron.job.id", claim.job_id),
                ("novacron.tenant.id", claim.tenant_id), ("novacron.operation", claim.operation),
            )  # fmt: skip
        return self._facts[key]

    def _messaging(self, name: str, kind: str) -> Attributes:
        return (
            ("messaging.system", "redis"), ("messaging.destination.name", self._queue),
            ("messaging.operation.name", name), ("messaging.operation.type", kind),
        )  # fmt: skip

    def _tell_claim(self, parent: Parent, claim: Claim, n_tasks: int) -> None:
        more = (("messaging.batch.message_count", n_tasks), ("novacron.job.id", claim.job_id))
        self._tracing.add(Span(
            parent, parent.trace_id, new_id(), f"claim {self._queue}", SpanKind.CLIENT, self._asked_ns,
            self._claimed_ns, self._messaging("claim", "receive"), more,
        ))  # fmt: skip

    def _tell_record(
        self, parent: Parent, job_id: str, ended_ns: int, n_tasks: int, n_counted: int,
        error: str | None = None,
    ) -> None:  # fmt: skip
        more = (
            ("db.operation.batch.size", n_tasks), ("novacron.tasks.recorded", n_counted),
            ("novacron.job.id", job_id),
        )  # fmt: skip
        begun_ns = self._write_ns or ended_ns
        self._tracing.add(Span(
            parent, parent.trace_id, new_id(), "record", SpanKind.CLIENT, begun_ns, ended_ns, WRITTEN, more,
            error=error,
        ))  # fmt: skip
