"""Finished spans, and the span ids of task attempts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import blake2b
from typing import TypeAlias

from novacron.traceparent import Parent

Value: TypeAlias = str | bool | int | float
Attributes: TypeAlias = tuple[tuple[str, Value], ...]


class SpanKind(IntEnum):
    """Kinds of spans, with their numbers in the OpenTelemetry protocol."""

    INTERNAL = 1
    SERVER = 2
    CLIENT = 3
    PRODUCER = 4
    CONSUMER = 5


@dataclass(slots=True)
class Span:
    """A finished span.

    Attributes:
        parent: the parent span; None for the root of a trace.
        trace_id: 32 hexadecimal digits.
        span_id: 8 bytes.
        name: span name, of low cardinality.
        kind: kind of the span.
        begun_ns: start, nanoseconds since the Unix epoch.
        ended_ns: end, nanoseconds since the Unix epoch.
        facts: attributes shared by many spans, encoded once (`shared.traces.otlp.facts`).
        more: attributes of this span alone.
        links: span ids of linked spans of the same trace.
        error: status message of a failed span; None for one that did not fail.
    """

    parent: Parent | None
    trace_id: str
    span_id: bytes
    name: str
    kind: SpanKind
    begun_ns: int
    ended_ns: int
    facts: bytes = b""
    more: Attributes = ()
    links: Sequence[bytes] = ()
    error: str | None = None


def new_id() -> bytes:
    """Draw a random span id, 8 bytes, not all zero."""
    return (random.getrandbits(64) or 1).to_bytes(8)


def child(
    parent: Parent, name: str, kind: SpanKind, begun_ns: int, ended_ns: int, facts: bytes = b"",
    more: Attributes = (), *, span_id: bytes | None = None, links: Sequence[bytes] = (),
    error: str | None = None,
) -> Span:  # fmt: skip
    """Return a finished span under a parent in its trace, with a new id unless one is given."""
    chosen = span_id or new_id()
    return Span(
        parent, parent.trace_id, chosen, name, kind, begun_ns, ended_ns, facts, more, links, error
    )  # fmt: skip


def of_attempt(trace_id: str, task_id: int, attempt: int) -> bytes:
    """Derive the span id of a task attempt, 8 bytes.

    It is a hash and not random, so that the next attempt links to this one without a stored id, even if
    the worker was killed and never exported the span.
    """
    return blake2b(b"%d.%d" % (task_id, attempt), key=trace_id.encode(), digest_size=8).digest()
