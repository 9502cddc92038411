"""Connections to the API: their limit, and the deadline for each part of a request.

Clients that open connections and send nothing, or little at a time (Slowloris), cannot starve others: at the
limit, the oldest connection that waits for a request head is closed in favour of a new one.
"""

from __future__ import annotations

import asyncio
import resource
from functools import cache
from http import HTTPStatus
from itertools import islice
from typing import Any, Final, Protocol

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from scheduler.api.problem_document import MEDIA_TYPE, Problem

HEAD_S: Final = 10.0
"""Deadline in seconds for the request line and the headers."""
HEAD_BYTES: Final = 1 << 16
BODY_S: Final = 20.0
BODY_BYTES_PER_S: Final = 32 << 10
"""Minimum average rate of a body once `BODY_S` has passed."""
DISCARD_S: Final = 0.02
"""Pause after each chunk of a refused body, so that a client that sends all of it still gets the response."""
STALLED_S: Final = 30.0
"""Seconds for which a client may leave the response unread."""
SWEEP_S: Final = 1.0
MOST_ENDED: Final = 20
"""Connections closed at a time: a thousand that arrived together must not block the event loop."""
SHORT_SWEEP_S: Final = 0.02
FILES_ELSEWHERE: Final = 256
"""File descriptors reserved for other uses: the database, parser processes and logs."""
MOST_FILES: Final = 1 << 16


class Open(Protocol):
    """An open connection, as `Connections` sees it."""

    def waits(self) -> bool:
        """Return whether no complete request of this connection is being answered."""

    def look(self, now: float) -> bool:
        """Close the connection if a deadline has passed; return whether it was closed."""

    def drop(self) -> None:
        """Close the connection to make room for another."""


class Connections:
    """All connections of one server, bound to one event loop.

    Args:
        most: limit on open connections; lowered where the process may not open as many files.
    """

    def __init__(self, most: int) -> None:
        self._most = min(most, _files() - FILES_ELSEWHERE)
        self._open: dict[Open, None] = {}
        self._sweeping = False

    def opened(self, one: Open) -> None:
        """Add a connection; at the limit, close the oldest that waits for a request, or else this one."""
        if len(self._open) >= self._most:
            oldest = next((old for old in self._open if old.waits()), one)
            oldest.drop()
            self._open.pop(oldest, None)
            if oldest is one:
                return
        self._open[one] = None
        if not self._sweeping:
            self._sweeping = True
            asyncio.get_running_loop().call_later(SWEEP_S, self._sweep)

    def closed(self, one: Open) -> None:
        """Remove a closed connection."""
        self._open.pop(one, None)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        late = (one for one in tuple(self._open) if one.look(loop.time()))
        ended = sum(1 for _ in islice(late, MOST_ENDED))
        self._sweeping = bool(self._open)
        if self._sweeping:
            loop.call_later(SWEEP_S if ended < MOST_ENDED else SHORT_SWEEP_S, self._sweep)


def _files() -> int:
    """Raise the soft limit on open files as far as allowed, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return MOST_FILES if soft == resource.RLIM_INFINITY else soft


class HttpConnection(HttpToolsProtocol):
    """An HTTP connection with a deadline for each part of a request."""

    def __init__(self, connections: Connections, **named: Any) -> None:
        super().__init__(**named)
        self._connections = connections
        self._head_since: float | None = None
        self._head_bytes = 0
        self._body_since: float | None = None
        self._body_bytes = 0
        self._stalled_since: float | None = None
        self._discarding = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Register the connection and start the deadline of its first request head."""
        super().connection_made(transport)
        self._head_since = self.loop.time()
        self._connections.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Unregister the connection."""
        self._connections.closed(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Process received bytes; answer 431 where the head of the request is too long."""
        if self.transport.is_closing():
            return
        if self._head_since is None and self._body_since is None and self._answered():
            self._head_since = self.loop.time()
        super().data_received(data)
        if self._head_since is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._end(431, f"the request line and the headers are longer than {HEAD_BYTES:,} bytes")

    def on_headers_complete(self) -> None:
        """Start the request's task; the body may still be arriving."""
        self._head_since, self._head_bytes = None, 0
        self._body_since, self._body_bytes = self.loop.time(), 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Pass on a chunk of the body; once the response is complete, read the rest slowly."""
        self._body_bytes += len(body)
        if self.cycle.response_complete and not self._discarding:
            self._discarding = True
            self.flow.pause_reading()
            self.loop.call_later(DISCARD_S, self._discard)
        super().on_body(body)

    def _discard(self) -> None:
        self._discarding = False
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def on_message_complete(self) -> None:
        """Stop the body's deadline: the request is complete."""
        self._body_since = None
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Start the deadline of a client that reads its response too slowly."""
        self._stalled_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Clear that deadline: the client has caught up."""
        self._stalled_since = None
        super().resume_writing()

    def waits(self) -> bool:
        """See `Open`."""
        return self._head_since is not None or self._answered()

    def look(self, now: float) -> bool:
        """See `Open`."""
        if self._stalled_since is not None and now - self._stalled_since > STALLED_S:
            self.transport.abort()
        elif self.transport.is_closing():
            return False
        elif self._head_since is not None and now - self._head_since > HEAD_S:
            self._end(408, f"the headers did not come within {HEAD_S:g} s")
        elif self._body_since is not None and self._slow(now - self._body_since):
            self._end(408, f"the body came more slowly than {BODY_BYTES_PER_S:,} bytes a second")
        else:
            return False
        return True

    def drop(self) -> None:
        """See `Open`."""
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """Answer 400 to data that is not HTTP."""
        self._end(400, msg)

    def _answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _slow(self, seconds: float) -> bool:
        if self.flow.read_paused:  # the application has paused reading, so the client is not at fault
            self._body_since, self._body_bytes = self.loop.time(), 0
            return False
        return self._body_bytes < BODY_BYTES_PER_S * (seconds - BODY_S)

    def _end(self, status: int, detail: str) -> None:
        """Close the connection, with an error response unless a response has begun."""
        if self._head_since is not None or not (self.cycle and self.cycle.response_started):
            self.transport.write(_last_answer(status, detail))
        self.transport.close()


@cache
def _last_answer(status: int, detail: str) -> bytes:
    """Return the bytes of the error response sent before the connection closes."""
    body = Problem(status, detail).body()
    head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {MEDIA_TYPE}\r\n"
    return f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
