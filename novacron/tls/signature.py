"""The scheme of the server's handshake signature, parsed from messages since pyOpenSSL does not report it."""

from __future__ import annotations

from functools import cache
from typing import Any

from OpenSSL import SSL

HANDSHAKE, CERTIFICATE_VERIFY = 22, 15  # RFC 8446, sections 5.1 and 4
SERVER_KEY_EXCHANGE, NAMED_CURVE = 12, 3  # RFC 5246, section 7.4; RFC 8422, section 5.4
SIGNED = (CERTIFICATE_VERIFY, SERVER_KEY_EXCHANGE)
LONGEST = 8 + 255 + 2  # number of bytes that can contain the scheme
_lib: Any = getattr(SSL, "_lib", None)
_ffi: Any = getattr(SSL, "_ffi", None)
_seen: dict[int, int] = {}  # address of a connection -> scheme, until it is taken


def watch(context: SSL.Context) -> None:
    """Record the schemes of a context's connections."""
    _lib.SSL_CTX_set_msg_callback(context._context, _callback()[0])


def take(connection: SSL.Connection) -> int | None:
    """Return a connection's scheme and forget it; None if no message had one."""
    return _seen.pop(_address(connection._ssl), None)


def scheme(message: bytes) -> int | None:
    """Return the scheme of a handshake message's signature; None if it is not signed."""
    if message[:1] == bytes([CERTIFICATE_VERIFY]):
        place = 4
    elif message[:1] == bytes([SERVER_KEY_EXCHANGE]) and message[4:5] == bytes([NAMED_CURVE]):
        place = 8 + int.from_bytes(message[7:8], "big")
    else:
        return None
    found = message[place : place + 2]
    return int.from_bytes(found, "big") if len(found) == 2 else None


@cache  # one per process: OpenSSL may call it as long as any connection exists
def _callback() -> tuple[Any, Any]:
    # Bytes rather than void: the message type is read without a copy. The first lives as long as the second.
    look = _ffi.callback("void(int, int, int, const unsigned char *, size_t, SSL *, void *)", _look)
    return _ffi.cast("void(*)(int, int, int, const void *, size_t, SSL *, void *)", look), look


def _look(_sent: int, _version: int, kind: int, data: Any, length: int, ssl: Any, _argument: Any) -> None:
    if kind != HANDSHAKE or not length or data[0] not in SIGNED:
        return
    if (found := scheme(_ffi.buffer(data, min(length, LONGEST))[:])) is not None:
        _seen[_address(ssl)] = found


def _address(ssl: Any) -> int:
    return int(_ffi.cast("intptr_t", ssl))
