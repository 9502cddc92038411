"""A socket with TLS, used like a plain one: blocking, with a timeout."""

from __future__ import annotations

import socket
import time
from typing import Any

from novacron.tls.channel import CHUNK, Channel
from novacron.tls.handshake import Handshake


class Stream(socket.socket):
    """Wraps a connected socket and performs the TLS handshake on it.

    Args:
        plain: the socket, which must not be used any more.
        channel: a client's channel before its handshake.
        deadline: monotonic time by which the handshake must be done.

    Raises:
        InsecureConnection: the server is refused, or refuses the client.
        OSError: the connection broke, or the handshake took too long.
    """

    def __init__(self, plain: socket.socket, channel: Channel, deadline: float) -> None:
        timeout_s = plain.gettimeout()
        super().__init__(fileno=plain.detach())
        self.channel = channel
        self._unread = memoryview(b"")
        try:
            self.handshake = self._shake_hands(deadline)
        except BaseException:
            self.close()
            raise
        self.settimeout(timeout_s)

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Read into a buffer; return 0 at the end, including one without close_notify."""
        while not self._unread:
            if self.channel.ended or not (data := super().recv(CHUNK)):
                return 0
            self.channel.receive(data)
            self._unread = memoryview(self.channel.read())
            self._flush()
        target = memoryview(buffer).cast("B")
        taken = min(nbytes or len(target), len(target), len(self._unread))
        target[:taken] = self._unread[:taken]
        self._unread = self._unread[taken:]
        return taken

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """Read at most this many bytes; empty at the end."""
        buffer = bytearray(bufsize)
        return bytes(buffer[: self.recv_into(buffer)])

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send all data."""
        self.channel.write(bytes(data))
        self._flush()

    def send(self, data: Any, flags: int = 0) -> int:
        """Send all data; return its length."""
        self.sendall(data)
        return len(data)

    def _flush(self) -> None:
        if waiting := self.channel.to_send():
            super().sendall(waiting)

    def _shake_hands(self, deadline: float) -> Handshake:
        while not self._advance():
            self.settimeout(max(deadline - time.monotonic(), 1e-3))
            data = super().recv(CHUNK)
            if not data:
                raise ConnectionResetError("the server hung up during the handshake")
            self.channel.receive(data)
            if time.monotonic() > deadline:
                raise TimeoutError("the handshake took too long")
        assert self.channel.handshake is not None
        return self.channel.handshake

    def _advance(self) -> bool:
        try:
            return self.channel.advance()
        finally:
            self._flush()  # also sends the alert with the reason

    def _real_close(self, *arguments: Any) -> None:
        self.channel.close()
        try:
            self.settimeout(0)
            self._flush()
        except OSError:
            pass  # the peer is not waiting for close_notify
        super()._real_close(*arguments)  # type: ignore[misc]
