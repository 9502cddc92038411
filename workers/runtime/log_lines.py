"""A worker's log: which task each line is about, and a line for each that did not complete."""

from __future__ import annotations

from structlog.contextvars import bind_contextvars, unbind_contextvars

from shared import telemetry
from shared.failures import Failure
from workers.runtime.hooks import Attempt, TaskHook
from workers.runtime.outcome import Outcome

log = telemetry.logger("novacron.worker")


class LogLines(TaskHook):
    """Bind the task to all lines that are written while it is performed, those of libraries too."""

    def before_perform(self, attempt: Attempt) -> None:
        """Bind it."""
        bind_contextvars(**_facts(attempt))

    def after_perform(self, attempt: Attempt, outcome: Outcome | None) -> None:
        """Unbind it."""
        unbind_contextvars(*_facts(attempt))

    def on_retry(self, attempt: Attempt, failure: Failure, error: Exception, delay_s: float) -> None:
        """Say why it is tried again, and when."""
        log.warning("retried", failure=failure.kind.value, delay_s=delay_s, exc_info=error, **_facts(attempt))

    def on_failure(self, attempt: Attempt, failure: Failure, error: Exception) -> None:
        """Say why it failed."""
        log.warning("failed", failure=failure.kind.value, exc_info=error, **_facts(attempt))

    def on_cancel(self, attempt: Attempt) -> None:
        """Say that it was stopped."""
        log.info("stopped", **_facts(attempt))


def _facts(attempt: Attempt) -> dict[str, object]:
    claim = attempt.claim
    return {
        "job": claim.job_id, "task": claim.task_id, "attempt": claim.attempt, "tenant_id": claim.tenant_id,
        "queue": attempt.queue, "worker": attempt.worker,
    }  # fmt: skip
