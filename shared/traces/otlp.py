"""Encoder of OTLP trace requests (Protocol Buffers); spans are encoded in `shared.traces.span`.

Hand-written for speed: a task of a wide fan-out takes less than 100 microseconds of CPU time, and a span of
the SDK with its encoder costs several times what this one does (docs/libraries.md).

Source: opentelemetry-proto, trace/v1/trace.proto; Protocol Buffers, "Encoding".
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, TypeAlias

BYTES: Final = 2
"""Wire type of length-delimited fields."""
DOUBLE: Final = struct.Struct("<Bd")
Value: TypeAlias = str | bool | int | float
Attributes: TypeAlias = tuple[tuple[str, Value], ...]


def number(value: int) -> bytes:
    """Encode a varint; a negative number takes ten bytes."""
    value &= (1 << 64) - 1
    if value < 0x80:
        return bytes((value,))
    if value < 0x4000:
        return bytes((value & 0x7F | 0x80, value >> 7))
    if value < 0x20_0000:
        return bytes((value & 0x7F | 0x80, value >> 7 & 0x7F | 0x80, value >> 14))
    if value < 0x1000_0000:
        return bytes((value & 0x7F | 0x80, value >> 7 & 0x7F | 0x80, value >> 14 & 0x7F | 0x80, value >> 21))
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


SMALL: Final = tuple(number(value) for value in range(0x80))
TAGS: Final = tuple(number(field << 3 | BYTES) for field in range(17))


def part(field: int, content: bytes) -> bytes:
    """Encode a field, up to number 16, that holds text, bytes or a message."""
    n = len(content)
    return TAGS[field] + (SMALL[n] if n < 0x80 else number(n)) + content


def _value(value: Value) -> bytes:
    if isinstance(value, bool):
        return b"\x10" + number(value)
    if isinstance(value, int):
        return b"\x18" + number(value)
    if isinstance(value, float):
        return DOUBLE.pack(4 << 3 | 1, value)
    return part(1, value.encode(errors="replace"))


def attribute(field: int, name: str, value: Value) -> bytes:
    """Encode a KeyValue as an element of a repeated field."""
    return part(field, _name(name) + part(2, _value(value)))


_recurring = lru_cache(maxsize=1024, typed=True)(attribute)


@lru_cache(maxsize=256)
def _name(name: str) -> bytes:
    return part(1, name.encode())


def attributes(field: int, pairs: Iterable[tuple[str, Value]]) -> bytes:
    """Encode a repeated field of KeyValue; texts recur, numbers such as ids of tasks do not."""
    return b"".join([
        (_recurring if isinstance(value, str) else attribute)(field, name, value) for name, value in pairs
    ])  # fmt: skip


def facts(pairs: Attributes) -> bytes:
    """Encode attributes that many spans share."""
    return attributes(9, pairs)


def resource(pairs: Iterable[tuple[str, Value]]) -> bytes:
    """Encode a Resource, for `request`."""
    return part(1, attributes(1, pairs))


def request(of: bytes, scope: tuple[str, str], spans: Iterable[bytes]) -> bytes:
    """Encode an ExportTraceServiceRequest.

    Args:
        of: encoded resource.
        scope: name and version of the instrumentation scope.
        spans: encoded by `shared.traces.span`.
    """
    made_by = part(1, part(1, scope[0].encode()) + part(2, scope[1].encode()))
    return part(1, of + part(2, made_by + b"".join(spans)))
