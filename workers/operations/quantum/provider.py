"""Tasks that run at a provider: one provider job per task, polled until it ends.

A row is written before anything is submitted (`shared.db.provider_jobs`). After any crash, the next attempt
finds the provider's job by its id or by the task's tag, and provider jobs of ended jobs are cancelled.
"""

from __future__ import annotations

import time

from novacron.specs import Spec
from shared import telemetry
from shared.db import provider_jobs
from shared.db.provider_jobs import Submission
from shared.metrics.tally import TALLY
from shared.quantum.backend_name import BackendName
from shared.quantum.backends import BACKENDS
from workers.quantum import backends
from workers.quantum.backends import executed
from workers.quantum.backends.base import Backend, Control, Plan, Queued, Share, UnknownJobError
from workers.runtime.context import Context
from workers.runtime.outcome import PassingError, Snooze, Stopped

log = telemetry.logger("novacron.worker")

ANSWER = 0.0
PROVIDER_JOB = "provider_job"
"""Payload key: the provider's id of the task's work."""
UNANSWERED = "unanswered"
"""Payload key: number of consecutive polls that failed."""
SELDOM_S = 60.0
"""Maximum interval in seconds between polls of a provider that does not answer."""


def control_of(context: Context[Spec]) -> Control:
    """Return the control of a task for its backend."""
    return Control(context.checkpoint, context.warn, f"{context.origin.job_id}/{context.origin.task_id}")


def run(backend: Backend, plan: Plan, context: Context[Spec]) -> Share | Snooze:
    """Run all units of a plan; return a snooze while a provider has them.

    Raises:
        Stopped: the task no longer belongs to this attempt.
        PassingError: the provider is temporarily unable to accept the work.
        UserError: it rejects the work.
    """
    if not BACKENDS[backend.name].provider:
        return _here(backend.run(plan, None, control_of(context)))
    begun_s = time.perf_counter()
    share = Handed(backend, plan, context).share()
    if TALLY.on and not isinstance(share, Snooze):
        executed.count(backend.name, plan.batch.pubs, 1.0, time.perf_counter() - begun_s)
    return share


def _here(share: Share | Queued) -> Share:
    assert not isinstance(share, Queued), "the backend declares no provider"
    return share


class Handed:
    """A task submitted to a provider.

    Args:
        backend: the provider's backend.
        plan: the plan to run.
        context: context of the task.
    """

    def __init__(self, backend: Backend, plan: Plan, context: Context[Spec]) -> None:
        self._backend, self._plan, self._context = backend, plan, context
        self._control, origin = control_of(context), context.origin
        self._name = BackendName(backend.name, context.device)
        self._submission = Submission(
            origin.task_id, origin.attempt, backend.name, context.device, self._control.tag
        )

    def share(self) -> Share | Snooze:
        """Return the result of the work, or when to poll again."""
        known: str | None = self._context.payload.get(PROVIDER_JOB)
        return self._submitted() if known is None else self._asked_for(known)

    def _asked_for(self, known: str) -> Share | Snooze:
        """Poll a provider job; resubmit it if the provider has forgotten it."""
        try:
            share = self._backend.poll(self._plan, Queued(known, ANSWER), self._control)
        except UnknownJobError:
            self._context.warn(f"{self._name} no longer knows its job {known}, which is submitted again")
            return self._submitted(forgotten=known)
        except PassingError as error:
            return self._unanswered(known, error)
        return self._snooze(share) if isinstance(share, Queued) else share

    def _unanswered(self, known: str, error: PassingError) -> Snooze:
        """Snooze after a failed poll: the work still exists, and giving up would lose it."""
        n = self._context.payload.get(UNANSWERED, 0) + 1
        if n == 1:
            notice = f"{self._name} does not report on its job {known}; it is polled again"
            self._context.note(f"{notice}: {error}")
        return self._snooze(Queued(known, min(SELDOM_S, 0.5 * 2.0**n)), **{UNANSWERED: n})

    def _submitted(self, forgotten: str | None = None) -> Share | Snooze:
        """Submit the work: the row first, for later attempts."""
        connection = self._context.origin.database()
        intended = provider_jobs.intend(connection, self._submission, forgotten=forgotten)
        if intended is None:
            raise Stopped
        if intended.provider_job is not None:
            return self._asked_for(intended.provider_job)
        share = self._backend.run(self._plan, None, self._control)
        if not isinstance(share, Queued):
            return share
        mine = provider_jobs.submitted(connection, self._submission, share.provider_job)
        if not mine or self._submission.attempt > 1:
            self._keep_one(share.provider_job, mine=mine)
        self._context.note(f"{self._name} has it as its job {share.provider_job}")
        return self._snooze(share)

    def _keep_one(self, provider_job: str, *, mine: bool) -> None:
        """Cancel duplicates submitted concurrently by a stopped process and its successor.

        Raises:
            Stopped: the task no longer belongs to this attempt.
        """
        others = [one for one in self._backend.find(self._submission.tag) if one != provider_job]
        if mine:
            for one in others:
                cancel_one(self._backend, one)
            return
        if others or provider_jobs.is_closed(self._context.origin.database(), self._submission.task_id):
            cancel_one(self._backend, provider_job)
        raise Stopped

    def _snooze(self, queued: Queued, **more: int) -> Snooze:
        kept = {key: value for key, value in self._context.payload.items() if key != UNANSWERED}
        return Snooze(queued.retry_after_s, {**kept, PROVIDER_JOB: queued.provider_job, **more})


def cancel_one(backend: Backend, provider_job: str) -> None:
    """Cancel a provider's job; one unknown to the provider counts as cancelled."""
    try:
        backend.cancel(provider_job)
    except UnknownJobError:
        log.info("unknown_to_provider", backend=backend.name, provider_job=provider_job)


def cancel(backend: str, device: str, tag: str, provider_job: str | None) -> bool:
    """Cancel all work of a task at a provider; return whether any was found.

    Raises:
        PassingError: the provider is temporarily unavailable.
    """
    loaded = backends.load(backend, device)
    try:
        found = [*loaded.find(tag), *([] if provider_job is None else [provider_job])]
        for one in dict.fromkeys(found):
            cancel_one(loaded, one)
    finally:
        loaded.close()
    return bool(found)
