"""Tasks that run at a provider: submit, poll, collect, each an attempt of the task; none holds a slot.

A row is written before anything is submitted (`shared.db.provider_jobs`), with a reservation in the ledger.
After any crash, the next attempt finds the provider's job by its id or by the task's tag, and provider jobs
of ended jobs are cancelled.
"""

from __future__ import annotations

import random
import time
from dataclasses import replace

from novacron.json_types import JsonObject
from novacron.specs import Spec
from shared import settings, telemetry
from shared.db import provider_jobs, qpu_ledger
from shared.db.provider_jobs import Submission
from shared.db.qpu_ledger import Reservation
from shared.metrics.tally import TALLY
from shared.quantum import named_backends, pricing
from shared.quantum.backend_name import BackendName
from shared.quantum.backends import BACKENDS
from workers.quantum import backends
from workers.quantum.backends import executed
from workers.quantum.backends.base import Backend, Control, Plan, Queued, Share
from workers.quantum.providers.base import Price, ThrottledError, UnknownJobError
from workers.runtime.context import Context
from workers.runtime.outcome import PassingError, Snooze, Stopped, UserError

log = telemetry.logger("novacron.worker")

PROVIDER_JOB, NOTES = "provider_job", "notes"
"""Payload keys: the provider's id of the task's work, and what was noted at its submission."""
UNANSWERED, POLLS, THROTTLED = "unanswered", "polls", "throttled"
"""Payload keys: number of consecutive polls that failed, of polls, of submissions that were put off."""
SOON_S = 1.0
"""First interval in seconds between polls."""
SELDOM_S = 60.0
"""Longest interval in seconds between polls."""
GROWTH, JITTER = 1.5, 0.2
"""Factor of the interval from poll to poll, and its random part."""


class BudgetError(UserError):
    """The job's budget does not cover the next submission."""


def control_of(context: Context[Spec]) -> Control:
    """Return the control of a task for its backend."""
    tag = f"{context.origin.job_id}/{context.origin.task_id}"
    return Control(context.checkpoint, context.warn, tag)


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
        if known is None:
            return self._submitted()
        return self._asked_for(known, self._context.payload.get(NOTES, {}))

    def _asked_for(self, known: str, notes: JsonObject) -> Share | Snooze:
        """Poll a provider job; resubmit it if the provider has forgotten it."""
        try:
            share = self._backend.poll(self._plan, Queued(known, None, notes), self._control)
            if not isinstance(share, Queued):
                self._settle(known)
        except UnknownJobError:
            self._context.warn(f"{self._name} no longer knows its job {known}, which is submitted again")
            return self._submitted(forgotten=known)
        except PassingError as error:
            return self._unanswered(Queued(known, None, notes), error)
        return self._snooze(share) if isinstance(share, Queued) else share

    def _unanswered(self, queued: Queued, error: PassingError) -> Snooze:
        """Snooze after a failed poll: the work still exists, and giving up would lose it."""
        n = self._context.payload.get(UNANSWERED, 0) + 1
        if n == 1:
            notice = f"{self._name} does not report on its job {queued.provider_job}; it is polled again"
            self._context.note(f"{notice}: {error}")
        asked_s = error.retry_after_s if isinstance(error, ThrottledError) else None
        delay_s = interval_s(n) if asked_s is None else asked_s
        return self._snooze(Queued(queued.provider_job, delay_s, queued.notes), **{UNANSWERED: n})

    def _submitted(self, forgotten: str | None = None) -> Share | Snooze:
        """Submit the work: the row first, for later attempts."""
        connection = self._context.origin.database()
        intended = provider_jobs.intend(connection, self._submission, forgotten=forgotten)
        if intended is None:
            raise Stopped
        if intended.provider_job is not None:
            return self._asked_for(intended.provider_job, intended.notes)
        # An earlier attempt reserved, and may have submitted: its notes belong to that job.
        known = self._backend.find(self._submission.tag) if intended.notes else ()
        if known:
            if not provider_jobs.submitted(connection, self._submission, known[0]):
                raise Stopped
            return self._asked_for(known[0], intended.notes)
        try:
            notes = self._reserved()
            share = self._backend.run(self._plan, None, self._limited(is_new=not intended.notes))
        except ThrottledError as error:
            return self._put_off(error)
        if not isinstance(share, Queued):
            return share
        share = Queued(share.provider_job, share.retry_after_s, notes)
        mine = provider_jobs.submitted(connection, self._submission, share.provider_job)
        if not mine or self._submission.attempt > 1:
            self._keep_one(share.provider_job, mine=mine)
        self._context.note(f"{self._name} has it as its job {share.provider_job}")
        return self._snooze(share)

    def _limited(self, *, is_new: bool) -> Control:
        """Return the control of the submission: the provider ends work that exceeds the job's budget."""
        budget = self._context.spec.budget
        limit_s = None if budget is None else budget.qpu_seconds
        return replace(self._control, is_new=is_new and self._submission.attempt == 1, max_qpu_s=limit_s)

    def _reserved(self) -> JsonObject:
        """Reserve the use of the device; return notes for the result.

        Raises:
            BudgetError: the job's budget does not cover it.
        """
        quote = self._backend.quote(self._plan)
        if quote is None:
            return {}
        origin, name = self._context.origin, self._name
        qpu_s, usd = _in_dollars(Price(quote.qpu_s, quote.usd), name)
        wanted = Reservation(
            origin.task_id, origin.job_id, origin.tenant_id, name.backend, name.device, quote.n_circuits,
            quote.shots, qpu_s, usd,
        )  # fmt: skip
        connection = origin.database()
        short = qpu_ledger.reserve(connection, wanted, self._context.spec.budget)
        if short is not None:
            raise BudgetError(str(short), hint=f"raise budget.{short.field}, or take fewer shots")
        provider_jobs.note(connection, self._submission, quote.notes)
        return quote.notes

    def _put_off(self, error: ThrottledError) -> Snooze:
        """Snooze until the provider accepts requests again; no retry is used up."""
        n = self._context.payload.get(THROTTLED, 0) + 1
        if n == 1:
            self._context.note(f"{self._name} accepts no requests now; the submission is repeated: {error}")
        delay_s = interval_s(n) if error.retry_after_s is None else error.retry_after_s
        return Snooze(delay_s, {**self._context.payload, THROTTLED: n})

    def _settle(self, provider_job: str) -> None:
        """Record the provider's charge; without an answer the reservation remains."""
        try:
            charge = self._backend.charge(provider_job)
        except PassingError as error:
            log.info("not_settled", backend=self._backend.name, provider_job=provider_job, cause=str(error))
            return
        if charge is not None:
            origin, paid = self._context.origin, _in_dollars(charge, self._name)
            qpu_ledger.settle(origin.database(), origin.task_id, *paid)

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
        payload = self._context.payload
        kept = {key: value for key, value in payload.items() if key not in (UNANSWERED, THROTTLED)}
        n = payload.get(POLLS, 0)
        delay_s = interval_s(n) if queued.retry_after_s is None else queued.retry_after_s
        counted: JsonObject = {} if queued.retry_after_s is not None else {POLLS: n + 1}
        noted: JsonObject = {NOTES: queued.notes} if queued.notes else {}
        return Snooze(delay_s, {**kept, PROVIDER_JOB: queued.provider_job, **counted, **noted, **more})


def interval_s(n: int) -> float:
    """Return the seconds to wait after n polls: they grow, and differ between tasks."""
    return min(SELDOM_S, SOON_S * GROWTH**n) * random.uniform(1 - JITTER, 1 + JITTER)


def cancel_one(backend: Backend, provider_job: str) -> None:
    """Cancel a provider's job; one unknown to the provider counts as cancelled."""
    try:
        backend.cancel(provider_job)
    except UnknownJobError:
        log.info("unknown_to_provider", backend=backend.name, provider_job=provider_job)


def cancel(backend: str, device: str, tag: str, provider_job: str | None) -> list[Price | None]:
    """Cancel all work of a task at a provider; return the charge of each job, None if it is not known.

    Raises:
        PassingError: the provider is temporarily unavailable.
    """
    loaded = backends.load(backend, device)
    try:
        found = [*loaded.find(tag), *([] if provider_job is None else [provider_job])]
        for one in dict.fromkeys(found):
            cancel_one(loaded, one)
        return [_charge(loaded, one, BackendName(backend, device)) for one in dict.fromkeys(found)]
    finally:
        loaded.close()


def _charge(backend: Backend, provider_job: str, name: BackendName) -> Price | None:
    try:
        charge = backend.charge(provider_job)
    except UnknownJobError:
        return Price(0.0, 0.0)
    return None if charge is None else _in_dollars(charge, name)


def _in_dollars(price: Price, name: BackendName) -> Price:
    """Return a price with its dollars, by the operator's price of a second if the provider states none."""
    if price.usd is not None:
        return price
    named = named_backends.load(settings.load().backends_file)
    usd_per_s = pricing.usd_per_second(name.backend, name.device, named)
    return Price(price.qpu_s, None if usd_per_s is None else usd_per_s * price.qpu_s)
