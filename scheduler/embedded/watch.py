"""Restart policy of one service: when it is started again, and how often it may fail."""

from __future__ import annotations

import time

from scheduler.embedded.child import Child
from scheduler.embedded.errors import StackError, StartError

DELAYS_S = (0.0, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
LIVED_WELL_S = 30.0
FAILURES_AT_START = 3


class Watch:
    """A child and its restarts.

    Attributes:
        child: the process.
        n_restarts: number of restarts.
        due: monotonic time of its next start, None while it runs or after its work is done.
        why: error of the last failed start, empty if it succeeded.
    """

    def __init__(self, child: Child) -> None:
        self.child = child
        self.n_restarts = 0
        self.due: float | None = 0.0
        self.why = ""
        self._n_failures = 0

    @property
    def name(self) -> str:
        """The service's name."""
        return self.child.service.name

    def settled(self) -> bool:
        """Return whether it is ready, so that only a signal can change that."""
        return self.due is None and self.child.ready()

    def start_if_due(self) -> bool:
        """Start the process if it is due; return whether it was started."""
        if self.due is None or time.monotonic() < self.due:
            return False
        self.due = None
        try:
            self.child.start()
        except (OSError, StackError) as error:
            self.why = str(error)
            self._failed()
            return False
        self.why = ""
        return True

    def note_end(self, *, starting: bool) -> int | None:
        """Schedule the next start if the process has ended since the last call; return its exit status then.

        Args:
            starting: the stack has never been ready, so a service that keeps failing is an error.

        Raises:
            StartError: it failed too often while the stack started.
        """
        status = self.child.ended()
        if self.due is not None or status is None or (self.child.service.finite and status == 0):
            return None
        if time.monotonic() - self.child.started_at > LIVED_WELL_S:
            self._n_failures = 0
        self._failed()
        if starting and (self._n_failures >= FAILURES_AT_START or self.child.service.finite):
            raise StartError(f"{self.name} ended with status {status}", self.child.log)
        return status

    def _failed(self) -> None:
        self.due = time.monotonic() + DELAYS_S[min(self._n_failures, len(DELAYS_S) - 1)]
        self._n_failures += 1
        self.n_restarts += 1
