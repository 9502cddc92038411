"""A worker's log: binds the task of each line, and logs each task that did not complete."""

from __future__ import annotations

from structlog.contextvars import bind_contextvars, unbind_contextvars

from shared import telemetry
from shared.failures import Failure
from workers.runtime.hooks import Attempt, TaskHook
from workers.runtime.outcome import Outcome

log = telemetry.logger("novacron.worker")


class LogLines(TaskHook):
    """Binds the task to all lines logged while it is performed, including those of libraries."""

    def before_perform(self, attempt: Attempt) -> None:
        """Bind the task."""
        bind_contextvars(**_facts(attempt))

    def after_perform(self, attempt: Attempt, outcome: Outcome | None) -> None:
        """Unbind the task."""
        unbind_contextvars(*_facts(attempt))

    def on_retry(self, attempt: Attempt, failure: Failure, error: Exception, delay_s: float) -> None:
        """Log the cause and the delay of the retry."""
        log.warning("retried", failure=failure.kind.value, delay_s=delay_s, exc_info=error, **_facts(attempt))

    def on_failure(self, attempt: Attempt, failure: Failure, error: Exception) -> None:
        """Log the failure."""
        log.warning("failed", failure=failure.kind.value, exc_info=error, **_facts(attempt))

    def on_cancel(self, attempt: Attempt) -> None:
        """Log the cancellation."""
        log.info("stopped", **_facts(attempt))


def _facts(attempt: Attempt) -> dict[str, object]:
    claim = attempt.claim
    return {
        "job": claim.job_id, "task": claim.task_id, "attempt": claim.attempt, "tenant_id": claim.tenant_id,
        "queue": attempt.queue, "worker": attempt.worker,
    }  # fmt: skip
