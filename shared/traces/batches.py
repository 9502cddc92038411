"""Batch span processor: a bounded queue and a thread that exports it.

A slow or unreachable collector never delays the process: when the queue is full, new spans are dropped and
counted.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from shared import telemetry
from shared.traces.collector import Refused
from shared.traces.span import Raw

log = telemetry.logger("novacron.traces")

Deferred: TypeAlias = Callable[[], Iterable[bytes]]
"""Encodes spans in the exporting thread, for callers that must not block on a query, for instance."""
Recorded: TypeAlias = bytes | Raw | Deferred
"""An encoded span, one that the exporting thread encodes, or several."""

LONGEST_PAUSE_S = 30.0
"""Upper bound of the exponential backoff between two attempts to export a batch."""
STOP_S = 2.0
"""Deadline for the last export of a process that shuts down."""
WARN_S = 60.0
"""Minimum interval between two warnings about dropped spans."""


class Batches:
    """Exports spans in batches.

    Args:
        export: sends a batch; raises `OSError` if a retry may help, else `Refused`.
        queue_size: maximum number of queued spans.
        batch_size: maximum number of spans in a batch.
        delay_s: maximum time a span waits for its batch to fill, in seconds.
    """

    def __init__(
        self, export: Callable[[Sequence[bytes]], None], *, queue_size: int, batch_size: int, delay_s: float
    ) -> None:
        self._export = export
        self._queue_size = queue_size
        self._batch_size = batch_size
        self._delay_s = delay_s
        self._queue: deque[Recorded] = deque()
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="traces", daemon=True)
        self._n_exporting = 0
        self._dropped = 0
        self._cause = ""
        self._warned_s = -WARN_S

    def start(self) -> None:
        """Start the exporting thread; after a fork, in the child."""
        self._thread.start()

    def add(self, one: Recorded) -> None:
        """Enqueue a span or several; drop them if the queue is full. Never blocks."""
        queue = self._queue
        if len(queue) >= self._queue_size:
            self._dropped += 1  # not atomic: of two concurrent drops one may go uncounted
            return
        queue.append(one)
        if len(queue) == self._batch_size:
            self._awake.set()

    def add_each(self, spans: Sequence[Recorded]) -> None:
        """Enqueue several; drop those for which the queue has no room. Never blocks."""
        queue = self._queue
        room = self._queue_size - len(queue)
        if len(spans) > room:
            self._dropped += len(spans) - max(0, room)
            spans = spans[: max(0, room)]
        queue.extend(spans)
        if len(queue) >= self._batch_size > len(queue) - len(spans):
            self._awake.set()

    def stop(self) -> None:
        """Export queued spans, for `STOP_S` at most, and warn about dropped ones."""
        self._stopping.set()
        self._awake.set()
        self._thread.join(STOP_S)
        if n_left := len(self._queue) + self._n_exporting:
            self._drop(n_left, self._cause or "the process ended")
        self._warn(now=True)

    def _run(self) -> None:
        last = False
        while not last:
            self._awake.wait(self._delay_s)
            self._awake.clear()
            last = self._stopping.is_set()
            while self._queue and self._exported(self._batch()):
                pass
            self._warn()

    def _batch(self) -> list[bytes]:
        queue, batch = self._queue, list[bytes]()
        while queue and len(batch) < self._batch_size:
            one = queue.popleft()
            if isinstance(one, tuple):
                batch.append(one[0].span(one[1], one[2], one[3]))
            elif isinstance(one, bytes):
                batch.append(one)
            else:
                batch += self._encoded(one)
        return batch

    def _encoded(self, spans: Deferred) -> list[bytes]:
        try:
            return list(spans())
        except Exception as error:
            self._drop(1, str(error))
            return []

    def _exported(self, batch: list[bytes]) -> bool:
        """Export a batch with retries; return False if shutdown ended them."""
        pause_s = self._delay_s
        while batch:
            self._n_exporting = len(batch)
            try:
                self._export(batch)
                return True
            except Refused as error:
                self._drop(len(batch), str(error))
                return True
            except OSError as error:
                self._cause = str(error)
            finally:
                self._n_exporting = 0
            if self._stopping.wait(pause_s):
                self._drop(len(batch), self._cause)
                return False
            self._warn()
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        return True

    def _drop(self, n_spans: int, cause: str) -> None:
        self._dropped += n_spans
        self._cause = cause

    def _warn(self, *, now: bool = False) -> None:
        """Log how many spans were dropped since the last warning, and why."""
        if self._dropped and (now or time.monotonic() - self._warned_s > WARN_S):
            n_dropped, self._dropped = self._dropped, 0
            self._warned_s = time.monotonic()
            log.warning("spans_dropped", spans=n_dropped, cause=self._cause or "the queue was full")
