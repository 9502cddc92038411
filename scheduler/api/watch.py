"""Waking of requests that wait for a job, on PostgreSQL notifications."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from shared.db import errors, session

log = logging.getLogger("novacron.api")

SWEEP_S = 0.5
"""Polling interval of waiters in seconds; bounds the delay after a lost notification."""


class Watch:
    """One listening connection for all waiters of this process."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._waiters: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="watch", daemon=True)

    def start(self) -> None:
        """Start listening; call within the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def stop(self) -> None:
        """Stop the listening thread."""
        self._stopping.set()
        self._thread.join(timeout=2)

    @contextmanager
    def waiter(self, job_id: str) -> Iterator[asyncio.Event]:
        """Return an event that is set whenever the job changes."""
        event = asyncio.Event()
        self._waiters[job_id].add(event)
        try:
            yield event
        finally:
            self._waiters[job_id].discard(event)
            if not self._waiters[job_id]:
                del self._waiters[job_id]

    def _wake(self, job_id: str) -> None:
        for event in self._waiters.get(job_id, ()):
            event.set()

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                with session.connect(self._url, name="novacron-watch") as connection:
                    session.listen(connection, "job")
                    while not self._stopping.is_set():
                        for notice in connection.notifies(timeout=SWEEP_S):
                            assert self._loop is not None
                            if notice.payload in self._waiters:
                                self._loop.call_soon_threadsafe(self._wake, notice.payload)
            except (errors.Error, RuntimeError) as error:
                log.info("listening again: %s", error)
                self._stopping.wait(0.2)


async def changed(event: asyncio.Event, timeout_s: float) -> None:
    """Wait until the event is set or the timeout expires."""
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        pass
    event.clear()
