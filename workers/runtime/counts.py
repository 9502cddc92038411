"""What a worker's tasks come to, counted as they run."""

from __future__ import annotations

import time
from collections.abc import Sequence

from shared.db.claims import Claim
from shared.failures import Failure
from shared.metrics.tally import TALLY
from workers.runtime.hooks import Attempt, TaskHook
from workers.runtime.outcome import Outcome


class Counts(TaskHook):
    """Add to the tally of the process.

    Args:
        queue: the worker's.
    """

    def __init__(self, queue: str) -> None:
        self._queue = queue
        self._asked_s: float | None = None
        self._begun_s = 0.0

    def before_claim(self, messages: Sequence[tuple[int, int]]) -> None:
        """Look at the clock."""
        self._asked_s = time.perf_counter()

    def after_claim(self, held: Sequence[Claim]) -> None:
        """Look again, unless these tasks were freed by what the worker recorded."""
        if self._asked_s is not None:
            TALLY.observe("novacron_claim_seconds", time.perf_counter() - self._asked_s, self._queue)
        self._asked_s = None

    def before_perform(self, attempt: Attempt) -> None:
        """Look at the clock."""
        self._begun_s = time.perf_counter()

    def after_perform(self, attempt: Attempt, outcome: Outcome | None) -> None:
        """Look again."""
        took_s = time.perf_counter() - self._begun_s
        TALLY.observe("novacron_task_seconds", took_s, self._queue, attempt.claim.operation)

    def on_retry(self, attempt: Attempt, failure: Failure, error: Exception, delay_s: float) -> None:
        """Count it under the class of its failure."""
        TALLY.add("novacron_retries_total", 1.0, self._queue, failure.kind.value)
