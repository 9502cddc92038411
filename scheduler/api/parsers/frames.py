"""Messages between the API and its parser processes: a short JSON head, then bytes as they came."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import IO, Final, TypedDict

LENGTHS: Final = struct.Struct(">IQ")
"""Bytes of the head and of the body, before both."""


class Caller(TypedDict):
    """The fields of `shared.db.tokens.Bearer`."""

    tenant_id: int
    tenant: str
    name: str
    role: str
    token_id: str


class Request(TypedDict):
    """Head of what is asked; that of the first message, whose body is the settings, is empty.

    Attributes:
        call: name of the function, as `scheduler.api.parsers.calls` has it.
        who: asks.
        arguments: further ones of the function.
    """

    call: str
    who: Caller
    arguments: dict[str, str | None]


class Answer(TypedDict):
    """Head of what is answered; that of the answer to the first message is empty.

    Attributes:
        status: of HTTP.
        headers: of the answer.
    """

    status: int
    headers: dict[str, str]


def opening(head: Mapping[str, object], body_bytes: int) -> bytes:
    """What precedes a body."""
    text = json.dumps(head, separators=(",", ":")).encode()
    return LENGTHS.pack(len(text), body_bytes) + text


def write(pipe: IO[bytes], head: Mapping[str, object], body: bytes = b"") -> None:
    """Send a message."""
    pipe.write(opening(head, len(body)))
    pipe.write(body)
    pipe.flush()


def read(pipe: IO[bytes]) -> tuple[Request, bytes] | None:
    """The next message; None at the end of the stream."""
    lengths = pipe.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    head_bytes, body_bytes = LENGTHS.unpack(lengths)
    head: Request = json.loads(pipe.read(head_bytes))
    body = pipe.read(body_bytes)
    return (head, body) if len(body) == body_bytes else None


def size(chunks: Sequence[bytes]) -> int:
    """Bytes of a body in pieces."""
    return sum(map(len, chunks))
