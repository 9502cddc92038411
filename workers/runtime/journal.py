"""The journal of one running task: appended in memory at once, durable shortly after."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from shared.db import errors
from shared.db import journal as rows
from shared.db.claims import Claim
from shared.db.session import Connection, cannot_hold
from workers.runtime.context import Entry
from workers.runtime.outcome import Stopped, UnstorableError

Again = Callable[[Callable[[], list[Entry]]], list[Entry]]
"""Calls a reader, with a retry if the database was unavailable."""

LINGER_S = 0.02
"""Seconds over which evaluations are batched."""
AWAY_S = 60.0
"""Seconds for which evaluations are held in memory while the database is unavailable."""


def _row(entry: Entry) -> rows.Row:
    gradient = None if entry.gradient is None else entry.gradient.tolist()
    return rows.Row(entry.position, entry.point.tolist(), entry.value, gradient, entry.variance, entry.excess)


def _entry(row: rows.Row) -> Entry:
    import numpy as np  # only workers that run loops need it

    gradient = None if row.gradient is None else np.asarray(row.gradient, dtype=np.float64)
    return Entry(
        row.position, np.asarray(row.point, dtype=np.float64), row.value, gradient, row.variance, row.excess
    )


def _caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


class TaskJournal:
    """One loop's journal, held by the task that runs it."""

    def __init__(
        self, connect: Callable[[], Connection], again: Again, claim: Claim, loop: int, worker: str
    ) -> None:
        self._connect = connect
        self._again = again
        self._claim = claim
        self._loop = loop
        self._worker = worker
        self._pending: list[Entry] = []
        self._changed = threading.Condition()
        self._lost = False
        self._refused: Exception | None = None
        self._failing_since: float | None = None
        self._closed = False
        self._writing = False
        self._thread: threading.Thread | None = None

    def entries(self) -> list[Entry]:
        """Return all entries recorded so far."""
        return self._again(self._read)

    def _read(self) -> list[Entry]:
        with self._connect() as connection:
            return [_entry(row) for row in rows.read(connection, self._claim.job_id, self._loop)]

    def append(self, entry: Entry) -> None:
        """Record one evaluation; returns at once."""
        with self._changed:
            self._pending.append(entry)
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self) -> None:
        """Return when everything appended is durable.

        Raises:
            Stopped: this worker no longer holds the task; nothing more is recorded.
            UnstorableError: the database cannot store an evaluation.
            ConnectionError: the database has been unavailable for `AWAY_S`.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._lost or self._refused or not (self._pending or self._writing)
            )
            if self._refused is not None:
                raise self._refused
            if self._lost:
                raise Stopped

    def close(self) -> None:
        """Stop the writing thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _write(self) -> None:
        connection: Connection | None = None
        while (batch := self._next()) is not None:
            try:
                connection = connection or self._connect()
                listed = [_row(entry) for entry in batch]
                lost = not rows.append(connection, self._claim, self._loop, listed, worker=self._worker)
                self._failing_since = None
            except errors.Error as error:
                if connection is not None:
                    connection.close()
                connection, self._refused = None, self._given_up(error)
                lost = self._refused is not None
                with self._changed:
                    self._pending[:0] = batch
                    self._changed.wait_for(lambda: self._closed, timeout=0.2)
            except Exception as error:  # reported by the next flush
                lost, self._refused = True, error
            with self._changed:
                self._writing = False
                self._lost = self._lost or lost
                self._changed.notify_all()
            if lost:
                break
        if connection is not None:
            connection.close()

    def _given_up(self, error: errors.Error) -> Exception | None:
        """Return why the batch can never be recorded; None if a retry may succeed."""
        if cannot_hold(error):
            return _caused(UnstorableError(f"an evaluation cannot be stored: {error}"), error)
        self._failing_since = self._failing_since or time.monotonic()
        if self._closed or time.monotonic() - self._failing_since > AWAY_S:
            return _caused(ConnectionError(f"the database takes no evaluations: {error}"), error)
        return None

    def _next(self) -> list[Entry] | None:
        """Return the next batch once there is one; None when closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._pending or self._closed)
            self._changed.wait_for(lambda: self._closed, timeout=LINGER_S)
            batch, self._pending = self._pending, []
            self._writing = bool(batch)
            return batch or None
