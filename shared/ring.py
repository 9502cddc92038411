"""Log handler that keeps the last lines logged about each job in the database, for later queries.

The handler enqueues lines and a separate thread writes them in batches, so that no task waits for it. Jobs
without log lines cost nothing. While the database is unavailable lines are lost, never work.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue

from shared import telemetry
from shared.db import errors, log_lines
from shared.db.session import Connection
from shared.failures import storable

log = logging.getLogger("novacron.ring")

NAMED = ("time", "level", "logger", "event", "task", "attempt", "queue", "worker", "trace_id", "exception")
"""Facts that a stored line has as members of their own; its row identifies the job and thereby the tenant."""
MOST_WAITING = 1000
"""Maximum number of lines waiting to be written; further lines evict the oldest."""
LONGEST_TEXT = 2000
LONGEST_TRACEBACK = 3900
LONGEST_FACT = 300
MOST_FACTS = 20
EVERY_S = 0.2
"""Batching interval: lines logged within it are written together."""
AWAY_S = 2.0
"""Seconds until an unresponsive database is tried again."""
IDLE_S = 10.0
"""Seconds for which an idle connection is kept open."""
FLUSH_S = 2.0


class Ring(logging.Handler):
    """Stores lines about jobs, from INFO on: those that name a job, and those logged while one is bound.

    Args:
        connect: opens the thread's connection.
    """

    def __init__(self, connect: Callable[[], Connection]) -> None:
        super().__init__(logging.INFO)
        self._connect = connect
        self._connection: Connection | None = None
        self._waiting: deque[tuple[str, str]] = deque(maxlen=MOST_WAITING)
        # Not an Event: a signal handler may log, too, and must not wait for a lock held by the code it
        # interrupted.
        self._waking: SimpleQueue[bool] = SimpleQueue()
        self._writing = threading.Lock()
        self._away = False
        threading.Thread(target=self._run, name="ring", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Enqueue a line if it is about a job."""
        try:
            job_id = telemetry.subject(record)
            if job_id is not None:
                self._waiting.append((job_id, _body(telemetry.members(record))))
                self._wake()
        except Exception:
            self.handleError(record)

    def flush(self) -> None:
        """Write the waiting lines; does not wait for an unresponsive database."""
        if self._writing.acquire(timeout=FLUSH_S):
            try:
                self._write()
            finally:
                self._writing.release()

    def close(self) -> None:
        """Write the waiting lines and stop."""
        self.flush()
        self._waking.put(False)
        super().close()

    def _wake(self) -> None:
        if self._waking.empty():
            self._waking.put(True)

    def _run(self) -> None:
        while self._woken():
            self.flush()
            time.sleep(AWAY_S if self._away else EVERY_S)
        self._disconnect()

    def _woken(self) -> bool:
        try:
            return self._waking.get(timeout=None if self._connection is None else IDLE_S)
        except Empty:
            self._disconnect()
            return self._waking.get()

    def _write(self) -> None:
        lines = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if not lines:
            return
        try:
            self._connection = self._connection or self._connect()
            log_lines.keep(self._connection, lines)
            self._away = False
        except errors.Error as error:
            if not self._away:
                log.warning("log lines of jobs are not kept: %s", error)
            self._away = True
            self._drop()

    def _disconnect(self) -> None:
        with self._writing:
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _body(told: dict[str, bool | int | float | str]) -> str:
    """Return the stored form of a line as JSON of bounded length: the named members, and the other facts."""
    body: dict[str, object] = {name: told.get(name) for name in NAMED}
    body["event"] = _head(told["event"], LONGEST_TEXT)
    if "exception" in told:
        body["exception"] = storable(str(told["exception"])[-LONGEST_TRACEBACK:])
    for name in ("logger", "queue", "worker", "trace_id"):
        body[name] = _head(told.get(name), LONGEST_FACT)
    others = [name for name in told if name not in (*NAMED, "job", "tenant_id")]
    body["facts"] = {
        _head(name, LONGEST_FACT): _head(told[name], LONGEST_FACT) for name in others[:MOST_FACTS]
    }
    return json.dumps(body)


def _head(value: object, longest: int) -> object:
    return storable(value[:longest]) if isinstance(value, str) else value
