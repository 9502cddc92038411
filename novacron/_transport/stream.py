"""A job's events: decoding the server-sent stream and resuming it after a disconnect.

Source: WHATWG HTML Living Standard, section 9.2.6 "Interpreting an event stream".
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from novacron._transport.http import Request, segment
from novacron.errors import BadInput, ServerError, Unreachable

ENDED = frozenset({"completed", "failed", "cancelled"})
PATIENCE_S = 60.0
SILENCE_S = 45.0
NO_CONTENT = 204


@dataclass(frozen=True)
class Event:
    """One event of a job.

    Attributes:
        ordinal: position within the job, from 1.
        kind: ``job``, ``task``, ``evaluations``, ``rates``, ``placement``, ``reference``, ``jobs``,
            ``warning`` or ``notice``.
        data: payload from the server.
    """

    ordinal: int
    kind: str
    data: dict[str, Any]

    @property
    def last(self) -> bool:
        """Whether this event ends the job."""
        return self.kind == "job" and self.data.get("status") in ENDED


@dataclass
class Decoder:
    """Decodes the bytes of an event stream, in chunks of any size, into events."""

    _rest: bytes = b""
    _kind: str = ""
    _ordinal: str = ""
    _data: list[str] = field(default_factory=list)

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events completed by these bytes; an incomplete one is buffered."""
        text = self._rest + chunk
        # A carriage return at the very end may be half of CRLF: keep it for the next chunk.
        held = text.endswith(b"\r")
        lines = text[: len(text) - held].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop() + b"\r" * held
        return [event for line in lines if (event := self._line(line.decode("utf-8", "replace"))) is not None]

    def _line(self, line: str) -> Event | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._kind = value
        elif name == "id":
            self._ordinal = value
        return None

    def _dispatch(self) -> Event | None:
        kind, data, self._kind, self._data = self._kind, "\n".join(self._data), "", []
        if not data or not self._ordinal.isdecimal():
            return None
        try:
            return Event(int(self._ordinal), kind, json.loads(data))
        except ValueError:
            raise ServerError(f"event {self._ordinal} is not JSON") from None


class Cursor:
    """A position in a job's events across reconnects: without loss or duplicates."""

    def __init__(self, job_id: str, from_: int = 1, *, follow: bool = True) -> None:
        if from_ < 1:
            raise BadInput("events are numbered from 1", field="from", value=from_)
        self._path = f"/api/quantum/jobs/{segment(job_id)}/events"
        self._follow = follow
        self._seen = from_ - 1
        self._decoder = Decoder()
        self._alive_at = monotonic()
        self._failures = 0
        self.done = False

    def request(self) -> Request:
        """Return the request for everything after the last event seen."""
        self._decoder = Decoder()
        query = f"from={self._seen + 1}&follow={'true' if self._follow else 'false'}"
        headers = {"Accept": "text/event-stream"}
        if self._seen > 0:
            headers["Last-Event-ID"] = str(self._seen)
        return Request("GET", f"{self._path}?{query}", headers=headers, timeout_s=SILENCE_S)

    def accept(self, chunk: bytes) -> list[Event]:
        """Return the new events in these bytes, in order."""
        self._alive_at, self._failures = monotonic(), 0
        fresh = []
        for event in self._decoder.feed(chunk):
            if event.ordinal > self._seen and not self.done:
                self._seen = event.ordinal
                self.done = event.last
                fresh.append(event)
        return fresh

    def opened(self, status: int) -> None:
        """Process the status of the response: 204 means that the job has ended and nothing follows."""
        self.done = self.done or status == NO_CONTENT

    def ended(self) -> None:
        """Record that the server closed the stream cleanly."""
        if not self._follow:
            self.done = True
        elif not self.done:
            raise Unreachable("the stream of events ended before the job did")

    def pause_s(self, failure: Exception) -> float:
        """Return the delay in seconds before retrying after `failure`.

        Raises:
            Exception: `failure` itself, when no data arrived for a minute.
        """
        if monotonic() - self._alive_at > PATIENCE_S:
            raise failure
        self._failures += 1
        return float(min(0.05 * 2**self._failures, 2.0))


def references(events: Iterable[Event]) -> dict[str, float]:
    """Collect the reference values among events: ``e_hf``, ``e_exact``, ``optimum``."""
    known: dict[str, float] = {}
    for event in events:
        if event.kind == "reference":
            known.update({name: float(value) for name, value in event.data.items() if _is_number(value)})
    return known


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
