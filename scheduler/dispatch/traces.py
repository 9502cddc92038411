"""Spans of the leader: dispatch, planning of jobs that waited for others, and rescue of lost attempts."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from novacron.traceparent import Parent
from scheduler.dispatch.hooks import DispatchHook
from shared.broker.publisher import Message
from shared.db import errors, jobs
from shared.db.dispatch import Ready
from shared.db.rescue import Lost
from shared.db.session import Connection
from shared.traces import otlp
from shared.traces.otlp import Attributes
from shared.traces.span import SpanKind, child, of_attempt
from shared.traces.tracing import Tracing

LOST: Final = "the worker was lost: its lease expired"
MOST_JOBS: Final = 1000
"""Maximum number of jobs whose traces are kept."""
SENT: Final = otlp.facts((
    ("messaging.system", "redis"), ("messaging.operation.name", "dispatch"),
    ("messaging.operation.type", "send"),
))  # fmt: skip


class Traces(DispatchHook):
    """Records a span per job and queue of each dispatch round, per job planned late, and per lost attempt.

    Args:
        tracing: exports them.
        connect: opens a database connection; the exporting thread queries it for the traces of the jobs.
    """

    def __init__(self, tracing: Tracing, connect: Callable[[], Connection]) -> None:
        self._tracing = tracing
        self._connect = connect
        self._connection: Connection | None = None
        self._known: dict[str, Parent | None] = {}
        self._begun_ns = self._plan_ns = 0

    def on_lead_lost(self, cause: str) -> None:
        """Close the connection, in the thread that uses it."""
        self._tracing.add(self._close)

    def before_plan(self) -> None:
        """Record the start time."""
        self._plan_ns = time.time_ns()

    def after_plan(self, job_ids: Sequence[str]) -> None:
        """Record the end time; the exporting thread builds the spans."""
        self._tracing.add(partial(self._planned, job_ids, self._plan_ns, time.time_ns()))

    def before_take(self) -> None:
        """Record the start time."""
        self._begun_ns = time.time_ns()

    def after_publish(self, ready: Sequence[Ready], messages: Sequence[Message]) -> None:
        """Record the end time; the exporting thread builds the spans."""
        counts = Counter((task.job_id, task.queue) for task in ready)
        self._tracing.add(partial(self._dispatched, counts, self._begun_ns, time.time_ns()))

    def on_rescue(self, lost: Sequence[Lost]) -> None:
        """Record the end time; the exporting thread builds the spans."""
        self._tracing.add(partial(self._rescued, lost, time.time_ns()))

    def _rescued(self, lost: Sequence[Lost], ended_ns: int) -> Iterator[bytes]:
        """Build a span for each lost attempt, whose own was never exported or comes too late."""
        traces = self._sampled({one.job_id for one in lost})
        for one in lost:
            if parent := traces.get(one.job_id):
                attempt = of_attempt(parent.trace_id, one.task_id, one.attempt)
                more: Attributes = (
                    ("novacron.job.id", one.job_id), ("novacron.task.id", one.task_id),
                    ("novacron.task.attempt", one.attempt), ("novacron.worker", one.worker),
                )  # fmt: skip
                begun_ns = ended_ns - int(1e9 * one.overdue_s)
                yield child(
                    parent, "rescue", SpanKind.INTERNAL, begun_ns, ended_ns, more=more, links=(attempt,),
                    error=LOST,
                )  # fmt: skip

    def _planned(self, job_ids: Sequence[str], begun_ns: int, ended_ns: int) -> Iterator[bytes]:
        for job_id, parent in self._sampled(job_ids).items():
            of = (("novacron.job.id", job_id),)
            yield child(parent, "plan", SpanKind.INTERNAL, begun_ns, ended_ns, more=of)

    def _dispatched(
        self, counts: Mapping[tuple[str, str], int], begun_ns: int, ended_ns: int
    ) -> Iterator[bytes]:
        traces = self._sampled({job_id for job_id, _ in counts})
        for (job_id, queue), n_tasks in counts.items():
            if parent := traces.get(job_id):
                more: Attributes = (
                    ("messaging.destination.name", queue), ("messaging.batch.message_count", n_tasks),
                    ("novacron.job.id", job_id),
                )  # fmt: skip
                yield child(parent, f"dispatch {queue}", SpanKind.PRODUCER, begun_ns, ended_ns, SENT, more)

    def _sampled(self, job_ids: Collection[str]) -> dict[str, Parent]:
        """Return the parent of the spans of each of these jobs that is sampled; it is read once per job."""
        if unknown := [job_id for job_id in job_ids if job_id not in self._known]:
            if len(self._known) > MOST_JOBS:
                self._known.clear()
                unknown = list(job_ids)
            self._known |= dict.fromkeys(unknown) | self._read(unknown)
        return {job_id: parent for job_id in job_ids if (parent := self._known[job_id]) and parent.sampled}

    def _read(self, job_ids: Collection[str]) -> dict[str, Parent]:
        try:
            self._connection = self._connection or self._connect()
            return jobs.traces(self._connection, job_ids)
        except errors.Error:
            self._close()
            raise

    def _close(self) -> tuple[bytes, ...]:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        return ()
