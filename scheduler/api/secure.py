"""TLS termination for connections to the API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from novacron.tls.channel import Channel
from novacron.tls.contexts import Context
from novacron.tls.handshake import Handshake
from scheduler.api.connections import Connections, HttpConnection
from shared.crypto.tls.terminator import Record, Terminator


class SecureConnection(Terminator):
    """A TLS connection; it counts as waiting during its handshake, then the HTTP connection inside counts."""

    def __init__(
        self, connections: Connections, inner: asyncio.Protocol, channel: Channel, record: Record
    ) -> None:
        super().__init__(inner, channel, self._done)
        self._connections = connections
        self._told = record

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register the connection and start the handshake's deadline."""
        super().connection_made(transport)
        self._connections.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Unregister the connection."""
        self._connections.closed(self)
        super().connection_lost(exc)

    def waits(self) -> bool:
        """See `Open`."""
        return True

    def look(self, now: float) -> bool:
        """See `Open`; the handshake has a deadline of its own."""
        return False

    def drop(self) -> None:
        """See `Open`."""
        self._transport.abort()

    def _done(self, handshake: Handshake, client: Any) -> None:
        self._connections.closed(self)
        self._told(handshake, client)


def protocol(connections: Connections, context: Context, record: Record) -> Callable[..., asyncio.Protocol]:
    """Return the protocol factory for new connections.

    Args:
        connections: all connections of the server.
        context: the server's TLS context.
        record: called after every handshake, with the client's address.
    """

    def make(**named: Any) -> asyncio.Protocol:
        return SecureConnection(connections, HttpConnection(connections, **named), context.accept(), record)

    return make
