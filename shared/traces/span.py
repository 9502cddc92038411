"""Finished spans, encoded as elements of an OTLP request, and the span ids of task attempts.

Source: opentelemetry-proto, trace/v1/trace.proto, message Span.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Final, TypeAlias

from novacron.traceparent import Parent
from shared.traces.otlp import Attributes, attributes, number, part

CORE: Final = struct.Struct("<BB8sBQBQ")
SPAN_ID, BEGUN, ENDED = 2 << 3 | 2, 7 << 3 | 1, 8 << 3 | 1
"""Tags of the fields of `CORE`: an id of 8 bytes, and times."""
LISTED, FACT, LINK, STATUS = 2, 9, 13, 15
"""Numbers of fields: a span in the list of a request; in a span its attributes, links and status."""
KIND: Final = 6 << 3
FLAGS: Final = struct.Struct("<BBI")
HAS_IS_REMOTE, IS_REMOTE = 0x100, 0x200
"""Bits of a span's flags: whether `IS_REMOTE` is meaningful, and whether the parent is in another process."""
ERROR: Final = b"\x18\x02"


class SpanKind(IntEnum):
    """Kinds of spans, with their numbers in the OpenTelemetry protocol."""

    INTERNAL = 1
    SERVER = 2
    CLIENT = 3
    PRODUCER = 4
    CONSUMER = 5


def span(
    parent: Parent | None, trace_id: str, span_id: bytes, name: str, kind: SpanKind, begun_ns: int,
    ended_ns: int, facts: bytes = b"", more: Attributes = (), *, links: Sequence[bytes] = (),
    error: str | None = None,
) -> bytes:  # fmt: skip
    """Encode a finished span.

    Args:
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
    fields = [_head(parent, trace_id, name, kind), _core(span_id, begun_ns, ended_ns), facts]
    fields.append(attributes(FACT, more))
    if links:
        trace = part(1, bytes.fromhex(trace_id))
        fields += [part(LINK, trace + part(2, linked)) for linked in links]
    if error is not None:
        fields.append(part(STATUS, part(2, error.encode(errors="replace")) + ERROR))
    return part(LISTED, b"".join(fields))


def child(
    parent: Parent, name: str, kind: SpanKind, begun_ns: int, ended_ns: int, facts: bytes = b"",
    more: Attributes = (), *, span_id: bytes | None = None, links: Sequence[bytes] = (),
    error: str | None = None,
) -> bytes:  # fmt: skip
    """Encode a finished span under a parent in its trace, with a new id unless one is given."""
    chosen = span_id or new_id()
    return span(
        parent, parent.trace_id, chosen, name, kind, begun_ns, ended_ns, facts, more, links=links, error=error
    )  # fmt: skip


class Template:
    """Encodes spans of the first attempts of tasks, which differ only in the task and in their times.

    Args:
        parent: parent of all of them.
        name: of all of them.
        kind: of all of them.
        facts: their other attributes (`shared.traces.otlp.facts`).
        varying: name of the attribute with the id of the task.
    """

    def __init__(self, parent: Parent, name: str, kind: SpanKind, facts: bytes, varying: str) -> None:
        self._same = _head(parent, parent.trace_id, name, kind) + facts
        self._varying = part(1, varying.encode())
        self._trace_id = parent.trace_id
        self._layouts: dict[int, tuple[struct.Struct, bytes, bytes]] = {}

    def span(self, task_id: int, begun_ns: int, ended_ns: int) -> bytes:
        """Encode a span."""
        varint = number(task_id)
        layout, before, between = self._layouts.get(len(varint)) or self._layout(len(varint))
        span_id = of_attempt(self._trace_id, task_id, 1)
        return layout.pack(before, span_id, BEGUN, begun_ns, ENDED, ended_ns, between, varint)

    def _layout(self, size: int) -> tuple[struct.Struct, bytes, bytes]:
        """Return the layout for ids of this many bytes, what stands before the span id, and before the id."""
        placeholder = bytes(size)
        pair = part(FACT, self._varying + part(2, b"\x18" + placeholder))
        length = len(self._same) + CORE.size + len(pair)
        before = number(LISTED << 3 | 2) + number(length) + self._same + bytes((SPAN_ID, 8))
        between = pair.removesuffix(placeholder)
        layout = struct.Struct(f"<{len(before)}s8sBQBQ{len(between)}s{size}s")
        made = self._layouts[size] = layout, before, between
        return made


Raw: TypeAlias = tuple[Template, int, int, int]
"""A span that is not encoded yet: its template, the id of its task, start and end."""


def new_id() -> bytes:
    """Draw a random span id, 8 bytes, not all zero."""
    return (random.getrandbits(64) or 1).to_bytes(8)


def of_attempt(trace_id: str, task_id: int, attempt: int) -> bytes:
    """Derive the span id of a task attempt, 8 bytes.

    It is not random, so that the next attempt links to this one without a stored id, even if the worker
    was killed and never exported the span. Ids of task ids below 2^48 and attempts below 2^16 differ from
    each other, and as trace ids are random, from others' as random ones do.
    """
    return (_low(trace_id) ^ (attempt & 0xFFFF) << 48 ^ task_id & 0xFFFF_FFFF_FFFF).to_bytes(8)


@lru_cache(maxsize=256)
def _low(trace_id: str) -> int:
    """Return the last 64 bits of a trace id."""
    return int(trace_id[16:], 16)


@lru_cache(maxsize=256)
def _head(parent: Parent | None, trace_id: str, name: str, kind: SpanKind) -> bytes:
    """Encode the fields shared by all spans of one name under one parent."""
    flags = HAS_IS_REMOTE | (0 if parent is None else IS_REMOTE | parent.flags)
    head = part(1, bytes.fromhex(trace_id)) + part(5, name.encode()) + number(KIND) + number(kind)
    if parent is not None:
        head += part(4, bytes.fromhex(parent.span_id))
    return head + FLAGS.pack(0x85, 0x01, flags)


def _core(span_id: bytes, begun_ns: int, ended_ns: int) -> bytes:
    return CORE.pack(SPAN_ID, 8, span_id, BEGUN, begun_ns, ENDED, ended_ns)
