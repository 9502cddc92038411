"""The attempts of a worker child, told to its hooks one by one and together."""

from __future__ import annotations

import time

from shared.hooks import is_heard
from workers.runtime.hooks import Attempt, TaskHook
from workers.runtime.outcome import Outcome


class Attempts:
    """Consecutive attempts; each begins and ends before the next one.

    Args:
        hooks: all hooks of the child.
    """

    def __init__(self, hooks: TaskHook) -> None:
        self._hooks = hooks
        self._timed = is_heard(hooks, "after_attempts")
        self._ended: list[Attempt] = []
        self._job_id = ""

    def begin(self, attempt: Attempt) -> None:
        """Tell the hooks that an attempt begins."""
        if attempt.claim.job_id != self._job_id:
            self._job_id = attempt.claim.job_id
            self._hooks.before_job(attempt)
        self._hooks.before_perform(attempt)
        if self._timed:
            attempt.begun_ns = time.monotonic_ns()

    def end(self, attempt: Attempt, outcome: Outcome | None) -> None:
        """Tell the hooks that it has ended."""
        if self._timed:
            attempt.ended_ns, attempt.outcome = time.monotonic_ns(), outcome
            self._ended.append(attempt)
        self._hooks.after_perform(attempt, outcome)

    def tell(self) -> None:
        """Tell the hooks of all attempts that ended since the last call."""
        if self._ended:
            self._hooks.after_attempts(self._ended)
            self._ended = []
        self._job_id = ""
