"""Messages between the API and its parser processes: a short JSON head, then bytes as they came."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import IO, Any, Final

LENGTHS: Final = struct.Struct(">IQ")
"""Bytes of the head and of the body, before both."""


def opening(head: dict[str, Any], body_bytes: int) -> bytes:
    """What precedes a body."""
    text = json.dumps(head, separators=(",", ":")).encode()
    return LENGTHS.pack(len(text), body_bytes) + text


def write(pipe: IO[bytes], head: dict[str, Any], body: bytes = b"") -> None:
    """Send a message."""
    pipe.write(opening(head, len(body)))
    pipe.write(body)
    pipe.flush()


def read(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """The next message; None at the end of the stream."""
    lengths = pipe.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    head_bytes, body_bytes = LENGTHS.unpack(lengths)
    head: dict[str, Any] = json.loads(pipe.read(head_bytes))
    body = pipe.read(body_bytes)
    return (head, body) if len(body) == body_bytes else None


def size(chunks: Sequence[bytes]) -> int:
    """Bytes of a body in pieces."""
    return sum(map(len, chunks))
