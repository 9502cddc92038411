"""Leases of running tasks: heartbeats, and interruption of cancelled, lost or drained tasks."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import psutil

from shared.db import claims, errors, session
from shared.db.claims import Claim
from shared.failures import Failure
from shared.states import FailureClass
from workers.runtime import drain
from workers.runtime.failure import HINTS
from workers.runtime.outcome import Stopped

BEAT_S = 1.0
GRACE_S = 1.0
"""Grace period in seconds from a stop request until the process is killed."""
EXIT_STOPPED = 75


class Drained(Stopped):
    """The worker is draining: the task is released, and its journal is kept."""


class Leases:
    """The leases of the tasks that one worker child currently runs, renewed by a separate thread."""

    def __init__(
        self, connect: Callable[[], session.Connection], *, worker: str, lease_s: float, memory_limit: int
    ) -> None:
        self._connect = connect
        self._worker = worker
        self._lease_s = lease_s
        self._memory_limit = memory_limit
        self._held: list[Claim] = []
        self._current: Claim | None = None
        self._reason: type[Stopped] | None = None
        self._interruptible = False
        self._main = threading.get_ident()
        self._lock = threading.Lock()
        self._process = psutil.Process()
        signal.signal(signal.SIGUSR2, self._interrupt)
        threading.Thread(target=self._watch, name="leases", daemon=True).start()

    def take(self, held: Sequence[Claim]) -> None:
        """Renew the leases of these tasks instead of the previous ones."""
        with self._lock:
            self._held = list(held)

    def let_go(self) -> None:
        """Stop renewing: nothing is held any more."""
        with self._lock:
            self._held = []

    @contextmanager
    def running(self, claim: Claim) -> Iterator[None]:
        """Permit interruptions while the operation of `claim` runs.

        Raises:
            Stopped: this worker no longer holds the task, or (Drained) the worker is draining.
        """
        with self._lock:
            # By identity: comparing the values of all held claims would take a microsecond.
            lost = not any([held is claim for held in self._held])
            self._current, self._reason = claim, None
        if lost:
            raise Stopped
        try:
            self._interruptible = True
            if self._reason is not None:  # the signal came too late to interrupt
                raise self._reason
            yield
        finally:
            self._interruptible = False
            self._current = None

    def checkpoint(self) -> None:
        """Raise Stopped if the running task should stop."""
        if self._reason is not None:
            raise self._reason
        if drain.requested():
            raise Drained

    def _interrupt(self, *_: object) -> None:
        if self._interruptible and self._reason is not None:
            raise self._reason

    def _watch(self) -> None:
        connection: session.Connection | None = None
        while True:
            time.sleep(BEAT_S)
            with self._lock:
                held = list(self._held)
            if not held:
                continue
            try:
                connection = connection or self._connect()
                self._beat(connection, held)
            except errors.Error:
                if connection is not None:
                    connection.close()
                connection = None

    def _beat(self, connection: session.Connection, held: list[Claim]) -> None:
        still = claims.beat(connection, held, worker=self._worker, lease_s=self._lease_s)
        with self._lock:
            self._held = [claim for claim in self._held if claim not in held or claim.task_id in still]
            current = self._current  # may have begun after the heartbeat was sent
        if current is None or current not in held:
            return
        if current.task_id not in still:
            self._stop(connection, current, Stopped)
        elif drain.overdue():
            self._stop(connection, current, Drained)
        elif (used := self._process.memory_info().rss) > self._memory_limit:
            self._give_up(connection, current, used)

    def _stop(self, connection: session.Connection, current: Claim, reason: type[Stopped]) -> None:
        """Interrupt the main thread if it still runs this task; kill the process if that does not help."""
        with self._lock:
            if self._current is not current:
                return
            self._reason = reason
            signal.pthread_kill(self._main, signal.SIGUSR2)
        deadline = time.monotonic() + GRACE_S
        while self._current is current and time.monotonic() < deadline:
            time.sleep(0.05)
        if self._current is current:
            self._end(connection)

    def _end(self, connection: session.Connection) -> None:
        """Exit the process; held tasks are released instead of waiting for their leases to expire."""
        with self._lock:
            held = list(self._held)
        try:
            for claim in held:
                claims.release(connection, claim, worker=self._worker, cause="its process had to be ended")
        finally:
            os._exit(EXIT_STOPPED)

    def _give_up(self, connection: session.Connection, current: Claim, used: int) -> None:
        message = f"the task used {used:,} bytes, above this worker's limit of {self._memory_limit:,}"
        failure = Failure(FailureClass.RESOURCE, message, "out_of_memory", hint=HINTS["out_of_memory"])
        claims.fail(connection, current, worker=self._worker, failure=failure)
        self._held = [claim for claim in self._held if claim is not current]
        self._stop(connection, current, Stopped)
