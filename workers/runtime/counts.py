"""Worker-side task metrics, updated as tasks run."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence

from shared.db.claims import Claim
from shared.failures import Failure
from shared.metrics.tally import TALLY
from workers.runtime.hooks import Attempt, TaskHook


class Counts(TaskHook):
    """Updates the tally of the process.

    Args:
        queue: the worker's queue.
    """

    def __init__(self, queue: str) -> None:
        self._queue = queue
        self._asked_s: float | None = None

    def before_claim(self, messages: Sequence[tuple[int, int]]) -> None:
        """Record the start time."""
        self._asked_s = time.perf_counter()

    def after_claim(self, held: Sequence[Claim]) -> None:
        """Observe the duration, unless these tasks were freed by this worker's own results."""
        if self._asked_s is not None:
            TALLY.observe("novacron_claim_seconds", time.perf_counter() - self._asked_s, self._queue)
        self._asked_s = None

    def after_attempts(self, attempts: Sequence[Attempt]) -> None:
        """Observe their durations."""
        took: dict[str, list[float]] = defaultdict(list)
        for one in attempts:
            took[one.claim.operation].append(1e-9 * (one.ended_ns - one.begun_ns))
        for operation, seconds in took.items():
            TALLY.observe_each("novacron_task_seconds", seconds, self._queue, operation)

    def on_retry(self, attempt: Attempt, failure: Failure, error: Exception, delay_s: float) -> None:
        """Count the retry by failure class."""
        TALLY.add("novacron_retries_total", 1.0, self._queue, failure.kind.value)
