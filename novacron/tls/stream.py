"""A socket that speaks TLS, to be used where a plain one is: blocking, with a timeout."""

from __future__ import annotations

import socket
import time
from typing import Any

from novacron.tls.channel import CHUNK, Channel
from novacron.tls.handshake import Handshake


class Stream(socket.socket):
    """A connected socket taken over, with a handshake on top.

    Args:
        plain: the socket; it must not be used any more.
        channel: a client's end, not yet begun.
        deadline: monotonic time at which the handshake must be over.

    Raises:
        InsecureConnection: the server is refused, or refuses.
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
        """Read into a buffer; 0 at the end. A server that leaves without a word has also ended."""
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
        """Read so many bytes or fewer; none at the end."""
        buffer = bytearray(bufsize)
        return bytes(buffer[: self.recv_into(buffer)])

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send all of it."""
        self.channel.write(bytes(data))
        self._flush()

    def send(self, data: Any, flags: int = 0) -> int:
        """Send all of it, and say how much that was."""
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
            self._flush()  # also the alert that says why not

    def _real_close(self, *arguments: Any) -> None:
        self.channel.close()
        try:
            self.settimeout(0)
            self._flush()
        except OSError:
            pass  # nobody waits for our farewell
        super()._real_close(*arguments)  # type: ignore[misc]
