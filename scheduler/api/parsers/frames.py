"""Framing of messages between the API and its parser processes: a short JSON head, then raw bytes."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import IO, Any, Final, NotRequired, TypedDict

LENGTHS: Final = struct.Struct(">IQ")
"""Lengths in bytes of the head and of the body, sent first."""


class Caller(TypedDict):
    """The fields of `shared.db.tokens.Bearer`."""

    tenant_id: int
    tenant: str
    name: str
    role: str
    token_id: str


class Request(TypedDict):
    """Head of a request; empty for the first message, whose body is the settings.

    Attributes:
        call: name of the function in `scheduler.api.parsers.calls`.
        who: the caller.
        arguments: further arguments of the function.
        traceparent: parent of the job's spans; absent if it is not traced.
    """

    call: str
    who: Caller
    arguments: dict[str, str | None]
    traceparent: NotRequired[str]


class Answer(TypedDict):
    """Head of a response; empty for the response to the first message.

    Attributes:
        status: HTTP status.
        headers: headers of the response.
        course: timing of the submission, from `Course.document`; absent if it is not traced.
    """

    status: int
    headers: dict[str, str]
    course: NotRequired[dict[str, Any]]


def opening(head: Mapping[str, object], body_bytes: int) -> bytes:
    """Return the bytes that precede a body."""
    text = json.dumps(head, separators=(",", ":")).encode()
    return LENGTHS.pack(len(text), body_bytes) + text


def write(pipe: IO[bytes], head: Mapping[str, object], body: bytes = b"") -> None:
    """Write a message."""
    pipe.write(opening(head, len(body)))
    pipe.write(body)
    pipe.flush()


def read(pipe: IO[bytes]) -> tuple[Request, bytes] | None:
    """Read the next message; None at the end of the stream."""
    lengths = pipe.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    head_bytes, body_bytes = LENGTHS.unpack(lengths)
    head: Request = json.loads(pipe.read(head_bytes))
    body = pipe.read(body_bytes)
    return (head, body) if len(body) == body_bytes else None


def size(chunks: Sequence[bytes]) -> int:
    """Return the length of a chunked body in bytes."""
    return sum(map(len, chunks))
