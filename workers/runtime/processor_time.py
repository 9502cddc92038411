"""Processor time of a task, for the receipt of its job's result."""

from __future__ import annotations

import resource

from workers.runtime.hooks import Attempt, TaskHook


def used_s() -> float:
    """Return processor seconds, user and system, of this process and of its children that have ended."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


class ProcessorTime(TaskHook):
    """Adds `cpu_s` to the receipt: processor time of the successful attempt, over all threads."""

    def __init__(self) -> None:
        self._begun_s = 0.0

    def before_perform(self, attempt: Attempt) -> None:
        """Record the start time, for final tasks only, since only they have a receipt."""
        if attempt.claim.final:
            self._begun_s = used_s()

    def before_record(self, attempt: Attempt) -> None:
        """Add the elapsed processor time."""
        if attempt.claim.final:
            attempt.add_to_receipt({"cpu_s": round(used_s() - self._begun_s, 6)})
