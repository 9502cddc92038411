"""Terminates TLS in front of another asyncio protocol, in the same process: no port carries plaintext."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, cast

from novacron.errors import InsecureConnection
from novacron.tls.channel import Channel
from novacron.tls.handshake import Handshake

HANDSHAKE_S = 10.0
"""Timeout of a client's handshake, in seconds."""

Record = Callable[[Handshake, Any], None]
log = logging.getLogger(__name__)


class Terminator(asyncio.Protocol):
    """One connection; the inner protocol is connected once the handshake is complete.

    Args:
        inner: receives the decrypted bytes.
        channel: the server side of a TLS channel.
        record: called with the handshake and the client's address.
    """

    def __init__(self, inner: asyncio.Protocol, channel: Channel, record: Record) -> None:
        self._inner = inner
        self._channel = channel
        self._record = record
        self._deadline: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start waiting for the client's handshake."""
        self._transport = cast(asyncio.Transport, transport)
        self._deadline = asyncio.get_running_loop().call_later(HANDSHAKE_S, self._transport.abort)

    def data_received(self, data: bytes) -> None:
        """Decrypt and pass on."""
        self._channel.receive(data)
        try:
            if self._deadline is None or self._shake_hands():
                self._deliver()
        except (InsecureConnection, ConnectionError) as error:
            log.info("TLS with %s: %s", self._transport.get_extra_info("peername"), error)
            self._flush()  # the alert
            self._transport.close()

    def eof_received(self) -> None:
        """Let the transport close: a close without close_notify may be a truncation."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Notify the inner protocol if it was connected."""
        if self._deadline is None:
            self._inner.connection_lost(exc)
        else:
            self._deadline.cancel()
        self._channel.close()

    def pause_writing(self) -> None:
        """Pass on that the client reads too slowly."""
        if self._deadline is None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass on that the client has caught up."""
        if self._deadline is None:
            self._inner.resume_writing()

    def write(self, data: bytes) -> None:
        """Encrypt and send."""
        if not self._transport.is_closing():
            self._channel.write(data)
            self._flush()

    def close(self) -> None:
        """Send close_notify, flush the buffer, and close."""
        if not self._transport.is_closing():
            self._channel.close()
            self._flush()
            self._transport.close()

    def _shake_hands(self) -> bool:
        done = self._channel.advance()
        self._flush()
        if done:
            assert self._deadline is not None and self._channel.handshake is not None
            self._deadline.cancel()
            self._deadline = None
            self._record(self._channel.handshake, self._transport.get_extra_info("peername"))
            self._inner.connection_made(Outlet(self, self._transport))
        return done

    def _deliver(self) -> None:
        data = self._channel.read()
        self._flush()
        if data:
            self._inner.data_received(data)
        if self._channel.ended and not self._inner.eof_received():
            self.close()

    def _flush(self) -> None:
        if waiting := self._channel.to_send():
            self._transport.write(waiting)


class Outlet(asyncio.Transport):
    """The transport presented to the inner protocol."""

    def __init__(self, terminator: Terminator, transport: asyncio.Transport) -> None:
        super().__init__()
        self._terminator = terminator
        self._transport = transport

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return the connection's value; servers detect TLS by `sslcontext`."""
        return True if name == "sslcontext" else self._transport.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send."""
        self._terminator.write(bytes(data))

    def close(self) -> None:
        """Close once the buffer is flushed."""
        self._terminator.close()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def is_closing(self) -> bool:
        """Return whether it is closed or closing."""
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        """Pause reading."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Resume reading."""
        self._transport.resume_reading()

    def get_write_buffer_size(self) -> int:
        """Return the number of bytes not yet sent."""
        return self._transport.get_write_buffer_size()
