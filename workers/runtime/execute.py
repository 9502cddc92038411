"""Processing of one message: claim its tasks, perform them, record their results, run freed tasks inline."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from typing import Any, TypeVar

from novacron.specs import Spec
from shared.cache import ResultCache
from shared.db import claims, completion, errors, events, expansion, jobs, session
from shared.db.claims import Claim
from shared.db.completion import Finished
from shared.db.jobs import WorkOrder
from shared.failures import storable
from shared.hooks import together
from shared.metrics.tally import TALLY
from shared.settings import Settings
from workers import operations
from workers.runtime import drain, failure, handover, memory, stored
from workers.runtime.attempts import Attempts
from workers.runtime.context import Context, Inputs, Origin
from workers.runtime.counts import Counts
from workers.runtime.finite import misfit
from workers.runtime.hooks import Attempt, TaskHook
from workers.runtime.journal import TaskJournal
from workers.runtime.lease import Drained, Leases
from workers.runtime.log_lines import LogLines
from workers.runtime.outcome import (
    Done,
    Expand,
    Outcome,
    OverflowedError,
    PassingError,
    Snooze,
    Stopped,
    UnstorableError,
)
from workers.runtime.processor_time import ProcessorTime
from workers.runtime.receipt import Receipt

log = logging.getLogger("novacron.worker")
Answer = TypeVar("Answer")

MOST_INLINE = 16
"""Maximum number of inline tasks after those that freed them."""
FLUSH_S = 0.05
"""Maximum delay in seconds before finished tasks of a chunk are recorded."""
RECONNECT_S = 60.0
"""Seconds for which recording is retried while PostgreSQL is unavailable."""
REFUSED_S = 10.0
"""Seconds for which it is retried while PostgreSQL rejects a statement for a reason other than its values."""
HANDOVER_S = 5.0
"""Seconds until a task that only the new release can run is dispatched again."""
MOST_RESULT_BYTES = 256 * 2**20
"""PostgreSQL limits a value to 1 GiB, and one message contains a chunk of results."""
FLUSH_BYTES = 32 * 2**20
"""Finished tasks of a chunk are recorded when their results reach this size."""


def standard(queue: str) -> tuple[TaskHook, ...]:
    """Return the hooks attached to every worker of a queue."""
    return (LogLines(), ProcessorTime(), Receipt(), *((Counts(queue),) if TALLY.on else ()))


class Executor:
    """A worker child: its connections, its name, and its held tasks.

    Args:
        settings: settings of the process.
        queue: its queue.
        worker: its name.
        slots: number of processes of this worker.
        attached: hooks of its tasks, None for `standard(queue)`.
    """

    def __init__(
        self, settings: Settings, *, queue: str, worker: str, slots: int,
        attached: Sequence[TaskHook] | None = None,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._queue = queue
        self._worker = worker
        self._slots = slots
        self._durable: session.Connection | None = None
        self._relaxed: session.Connection | None = None
        self._job = lru_cache(maxsize=8)(self._read_job)
        self._spec = lru_cache(maxsize=8)(self._read_spec)
        self._cache = ResultCache(settings.redis_url, settings.key_prefix)
        self._shortfalls: list[str] = []
        self._hooks = together(TaskHook, standard(queue) if attached is None else attached)
        self._attempts = Attempts(self._hooks)
        self._leases = Leases(
            lambda: self._open(durable=False),
            worker=worker, lease_s=settings.lease_s, memory_limit=memory.limit(settings.memory_limit_bytes),
        )  # fmt: skip

    def execute(self, messages: Sequence[tuple[int, int]]) -> list[str]:
        """Run the tasks of one message, and cheap tasks that they free, until `inline_s` has passed.

        Returns:
            Reasons of all tasks that did not complete.
        """
        until = time.monotonic() + self._settings.inline_s
        self._shortfalls = []
        self._hooks.before_claim(messages)
        held = self._recording(
            lambda: claims.claim(self._relax(), messages, worker=self._worker, lease_s=self._settings.lease_s)
        )
        if missing := len(messages) - len(held):
            self._shortfalls.append(f"{missing} not there to be run: ended, or taken by another worker")
        try:
            while held:
                self._leases.take(held)
                self._hooks.after_claim(held)
                held = self._perform_all(held, until)
        finally:
            self._attempts.tell()
            self._leases.let_go()
        return self._shortfalls

    def _perform_all(self, held: list[Claim], until: float) -> list[Claim]:
        """Perform a chunk; return the freed tasks that this worker runs inline."""
        finished: list[Finished] = []
        mine: list[Claim] = []
        waiting = deque(held)
        n_bytes, flushed = 0, time.monotonic()
        while waiting:
            claim = waiting.popleft()
            if drain.requested():
                self._release(claim, "worker shut down")
                continue
            match self._perform(claim):
                case Finished() as done:
                    finished.append(done)
                    n_bytes += _n_bytes(done)
                case Expand(tasks):
                    mine += self._expand(claim, tasks, until)
                case Snooze(delay_s, payload):
                    self._release(claim, "snoozed", delay_s=delay_s, payload=dict(payload))
            due = n_bytes > FLUSH_BYTES or time.monotonic() - flushed > FLUSH_S
            if waiting and finished and due:
                self._finish(finished, 0)
                finished, n_bytes, flushed = [], 0, time.monotonic()
        if finished:
            mine += self._finish(finished, self._inline(until) if not mine else 0)
        return mine

    def _inline(self, until: float) -> int:
        return MOST_INLINE if time.monotonic() < until and not drain.requested() else 0

    def _finish(self, finished: list[Finished], inline: int) -> list[Claim]:
        self._attempts.tell()
        done = [claim for claim, _ in finished]
        self._hooks.before_write(done)
        try:
            freed = self._recording(
                lambda: completion.finish(
                    self._durably(), finished, worker=self._worker, queue=self._queue,
                    lease_s=self._settings.lease_s, inline=inline, slots=self._slots,
                )
            )  # fmt: skip
        except errors.Error as error:
            return self._not_recorded(finished, error)
        self._hooks.after_record(done, freed)
        for claim, text in finished:
            if claim.final and text is not None and claim.task_id in freed.accepted:
                self._share(claim.job_id, text)
        return freed.inline

    def _not_recorded(self, finished: list[Finished], error: errors.Error) -> list[Claim]:
        """Handle results that the database rejects: a value it cannot store fails only its own task.

        Any other error is not caused by the results, so the tasks are retried, not failed.
        """
        if len(finished) > 1 and session.cannot_hold(error):
            log.warning("recording %d results one by one: %s", len(finished), error)
            return [claim for one in finished for claim in self._finish([one], 0)]
        for claim, _ in finished:
            self._failed(self._attempt(claim), _unrecorded(error), [])
        return []

    def _share(self, job_id: str, text: str) -> None:
        if key := self._job(job_id).content_key:
            self._cache.put(key, text)

    def _expand(self, claim: Claim, tasks: Sequence[Any], until: float) -> list[Claim]:
        inline = 1 if self._inline(until) and tasks[0].queue == self._queue else 0
        try:
            mine = self._recording(
                lambda: expansion.expand(
                    self._durably(), claim, tasks, worker=self._worker, lease_s=self._settings.lease_s,
                    inline=inline,
                )
            )  # fmt: skip
        except errors.Error as error:
            self._failed(self._attempt(claim), _unrecorded(error), [])
            return []
        return mine or []

    def _release(self, claim: Claim, cause: str, **more: Any) -> None:
        self._recording(
            lambda: claims.release(self._durably(), claim, worker=self._worker, cause=cause, **more)
        )

    def _attempt(self, claim: Claim) -> Attempt:
        return Attempt(claim, self._queue, self._worker, self._job)

    def _perform(self, claim: Claim) -> Finished | Expand | Snooze | None:
        """Run the operation; return None if there is nothing left to record."""
        attempt = self._attempt(claim)
        journals: list[TaskJournal] = []
        outcome: Outcome | None = None
        self._attempts.begin(attempt)
        try:
            context = self._context(claim, journals)
            with operations.TURN:
                operation = operations.load(claim.operation)
                memory.check(claim.memory_bytes)
                with self._leases.running(claim):
                    outcome = operation(context)
            _flush(journals)
            return self._sealed(attempt, outcome.value) if isinstance(outcome, Done) else outcome
        except Drained:
            _flush_what_can_be(journals)
            self._shortfalls.append(f"task {claim.task_id} was given back: the worker shut down")
            self._release(claim, "worker shut down")
        except Stopped:
            self._hooks.on_cancel(attempt)
            self._shortfalls.append(f"task {claim.task_id} was stopped: its {self._stopped_by(claim)}")
        except Exception as error:
            self._failed(attempt, error, journals)
        finally:
            for journal in journals:
                journal.close()
            self._attempts.end(attempt, outcome)
        return None

    def _context(self, claim: Claim, journals: list[TaskJournal]) -> Context[Spec]:
        job, spec = self._job(claim.job_id), self._spec(claim.job_id)

        def journal(loop: int) -> TaskJournal:
            opened = partial(self._open, durable=True)
            journals.append(TaskJournal(opened, self._recording, claim, loop, self._worker))
            return journals[-1]

        return Context(
            spec=spec,
            payload=claim.payload,
            inputs=Inputs(lambda: self._recording(lambda: claims.inputs(self._durably(), claim))),
            seed=spec.seed,
            queue=self._queue,
            journal=journal,
            checkpoint=self._leases.checkpoint,
            warn=lambda message: self._tell(claim, "warning", {"message": storable(message)}),
            note=lambda message: self._tell(claim, "notice", {"message": storable(message)}),
            tell=partial(self._tell, claim),
            origin=Origin(
                claim.job_id, claim.task_id, job.tenant_id, job.plan.get("submitted_by", ""), self._durably,
                claim.attempt,
            ),
            device=job.plan.get("device") or "",
            calibration=job.plan.get("calibration"),
        )  # fmt: skip

    def _tell(self, claim: Claim, kind: str, told: dict[str, Any]) -> None:
        told = {**told, "task": claim.task_id}
        self._recording(lambda: events.append(self._durably(), claim.job_id, kind, told))

    def _failed(self, attempt: Attempt, error: Exception, journals: list[TaskJournal]) -> None:
        """Retry if that can help and attempts are left, else fail the task and its job."""
        _flush_what_can_be(journals)
        claim = attempt.claim
        if fitting := self._recording(lambda: handover.fitting(error, self._durably(), self._queue)):
            self._shortfalls.append(f"task {claim.task_id} was left to {fitting}: {error}")
            self._release(claim, f"left to {fitting}", delay_s=HANDOVER_S)
            return
        found = failure.of(error)
        self._shortfalls.append(f"task {claim.task_id}: {found}")
        retries = self._job(claim.job_id).spec["max_retries"]
        if found.kind.retryable and claim.failures < retries:
            delay_s = min(60.0, 0.5 * 2.0**claim.failures)
            cause = f"{found}; try {claim.failures + 2} of {retries + 1} in {delay_s:g} s"
            self._release(claim, cause, delay_s=delay_s, failed=True)
            self._hooks.on_retry(attempt, found, error, delay_s)
            return
        self._recording(lambda: claims.fail(self._durably(), claim, worker=self._worker, failure=found))
        self._hooks.on_failure(attempt, found, error)

    def _stopped_by(self, claim: Claim) -> str:
        if not self._settings.task_events:
            return ""
        cause = self._recording(lambda: jobs.ending(self._durably(), claim.job_id))
        return f"job {cause}" if cause else "lease was lost"

    def _sealed(self, attempt: Attempt, value: Any) -> Finished:
        """Return the finished task; the job's result gets its receipt and all warnings.

        Raises:
            OverflowedError: a number in it is not finite.
            UnstorableError: it is too large.
        """
        claim = attempt.claim
        self._hooks.before_record(attempt)
        if claim.final and isinstance(value, dict):
            job = self._job(claim.job_id)
            backend = {key: job.plan[key] for key in ("backend", "device") if job.plan.get(key)}
            added = {"warnings": self._warnings(job), "receipt": attempt.receipt | value.get("receipt", {})}
            value = {"n_evaluations": 0, **backend, **value, **added}
        try:
            finished = Finished.of(claim, value)
        except ValueError as error:
            if (which := misfit(value)) is None:
                raise
            raise OverflowedError(f"the result is not finite: {which}") from error
        if (n_bytes := _n_bytes(finished)) > MOST_RESULT_BYTES:
            message = f"the result has {n_bytes:,} bytes, more than the {MOST_RESULT_BYTES:,} that are kept"
            raise UnstorableError(message, hint="ask for less in one job")
        return finished

    def _warnings(self, job: WorkOrder) -> list[str]:
        """Return the distinct warnings of a job's plan and tasks."""
        reported = self._recording(lambda: events.warnings(self._durably(), job.job_id))
        return list(dict.fromkeys([*job.plan.get("warnings", ()), *reported]))

    def _read_job(self, job_id: str) -> WorkOrder:
        return self._recording(lambda: jobs.order(self._durably(), job_id))

    def _read_spec(self, job_id: str) -> Spec:
        return stored.spec_of(self._job(job_id))

    def _recording(self, statement: Callable[[], Answer]) -> Answer:
        """Run a statement, with retries while the database is unavailable: the fence makes it idempotent.

        Raises:
            errors.Error: the database cannot store a value, or has rejected the statement for `REFUSED_S`.
            ConnectionError: the database has been unavailable for `RECONNECT_S`.
        """
        begun = time.monotonic()
        while True:
            try:
                return statement()
            except errors.Error as error:
                if session.cannot_hold(error):
                    raise
                away = isinstance(error, session.AWAY)
                if time.monotonic() > begun + (RECONNECT_S if away else REFUSED_S):
                    if not away:
                        raise
                    raise ConnectionError(f"the database is away: {error}") from error
                self._drop_connections()
                time.sleep(0.1)

    def _drop_connections(self) -> None:
        for connection in (self._durable, self._relaxed):
            if connection is not None:
                connection.close()
        self._durable = self._relaxed = None

    def _open(self, *, durable: bool) -> session.Connection:
        return session.connect(self._settings.database_url, name=self._worker, durable=durable)

    def _durably(self) -> session.Connection:
        self._durable = self._durable or self._open(durable=True)
        return self._durable

    def _relax(self) -> session.Connection:
        self._relaxed = self._relaxed or self._open(durable=False)
        return self._relaxed


def _flush(journals: Sequence[TaskJournal]) -> None:
    for journal in journals:
        journal.flush()


def _flush_what_can_be(journals: Sequence[TaskJournal]) -> None:
    """Flush before a task is given up: entries that cannot be recorded are computed again on a retry."""
    with suppress(Stopped, UnstorableError, OSError):
        _flush(journals)


def _n_bytes(finished: Finished) -> int:
    return len(finished.text or "")  # the JSON written here is ASCII


def _unrecorded(error: errors.Error) -> Exception:
    """Return the failure for a finished task that could not be recorded."""
    message = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    kind = UnstorableError if session.cannot_hold(error) else PassingError
    found = kind(f"what the task came to could not be recorded: {message}")
    found.__cause__ = error
    return found
