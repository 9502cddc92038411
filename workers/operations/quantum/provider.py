"""Tasks whose work a provider does: one job of the provider's a task, asked for again until it has ended."""

from __future__ import annotations

from novacron.specs import Spec
from workers.quantum.backends.base import Backend, Control, Plan, Queued, Share
from workers.runtime.context import Context
from workers.runtime.outcome import Snooze

ANSWER = 0.0
PROVIDER_JOB = "provider_job"
"""Key of a task's payload: the provider's id of its work."""


def control_of(context: Context[Spec]) -> Control:
    """What a backend may ask of a task."""
    return Control(context.checkpoint, context.warn, f"{context.origin.job_id}/{context.origin.task_id}")


def run(backend: Backend, plan: Plan, context: Context[Spec]) -> Share | Queued:
    """All units of a plan, or where a provider has them: what an earlier attempt gave to it is asked for."""
    control = control_of(context)
    if known := context.payload.get(PROVIDER_JOB):
        return backend.poll(plan, Queued(known, ANSWER), control)
    return backend.run(plan, None, control)


def snoozed(context: Context[Spec], queued: Queued) -> Snooze:
    """Ask again later; the payload keeps the provider's id."""
    return Snooze(queued.retry_after_s, {**context.payload, PROVIDER_JOB: queued.provider_job})
