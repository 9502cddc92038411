"""Has the providers of a worker's queue asked for their devices, once an interval by one worker of all."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable

from shared import telemetry
from shared.db import errors, watched_devices
from shared.db.session import Connection
from shared.quantum.backends import BACKENDS, HARDWARE

log = telemetry.logger("novacron.worker")

PROGRAM = "workers.watch"
LOOK_S = 1.0
ANSWER_S = 180.0
"""Time in which a provider must have answered all requests."""


class Watch(threading.Thread):
    """Starts the program that asks, in the worker's parent process.

    Args:
        connect: opens a connection.
        queue: the worker's queue.
        every_s: seconds from one request to the next.
        stopping: returns whether the worker is stopping.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        *,
        queue: str,
        every_s: float,
        stopping: Callable[[], bool],
    ) -> None:
        super().__init__(name="watch", daemon=True)
        self._connect, self._every_s, self._stopping = connect, every_s, stopping
        self._backends = [name for name in sorted(HARDWARE) if BACKENDS[name].queue == queue]

    def run(self) -> None:
        """Run until the worker stops; without providers end at once."""
        connection: Connection | None = None
        while self._backends:
            try:
                connection = connection or self._connect()
                for backend in self._backends:
                    if watched_devices.due(connection, backend, self._every_s):
                        self._ask(backend)
            except errors.Error as error:
                log.warning("providers_not_watched", cause=str(error))
                connection = None
            time.sleep(LOOK_S)
            if self._stopping():
                return

    @staticmethod
    def _ask(backend: str) -> None:
        try:
            done = subprocess.run([sys.executable, "-m", PROGRAM, backend], timeout=ANSWER_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            log.warning("provider_not_seen", backend=backend, cause=str(error))
            return
        if done.returncode:
            log.warning("provider_not_seen", backend=backend, cause=f"exit status {done.returncode}")
