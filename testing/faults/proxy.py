"""A TCP proxy whose connections can become silent without being closed."""

from __future__ import annotations

import contextlib
import select
import socket
import threading

from scheduler.embedded import ports

POLL_S = 0.2


class Proxy:
    """Forwards to an address until told to drop all traffic, in both directions."""

    def __init__(self, address: tuple[str, int], host: str = ports.LOOPBACK) -> None:
        self._address = address
        self._silent: set[socket.socket] = set()
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._silencing = False
        self._stopping = threading.Event()
        self._listener = socket.create_server((host, ports.choose()))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._thread.start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        for one in (self._listener, *self._pairs):
            one.close()

    def silence(self, *, new_too: bool = False) -> None:
        """Silence all existing connections, and while `new_too` new ones."""
        self._silent = set(self._pairs)
        self._silencing = new_too

    def heal(self) -> None:
        """Forward new connections again; silenced ones stay silent."""
        self._silencing = False

    def _run(self) -> None:
        while not self._stopping.is_set():
            ready, _, _ = select.select([self._listener, *self._pairs], [], [], POLL_S)
            for one in ready:
                if one is self._listener:
                    self._accept()
                elif one in self._pairs:
                    self._forward(one)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        server = socket.create_connection(self._address)
        self._pairs |= {client: server, server: client}
        if self._silencing:
            self._silent |= {client, server}

    def _forward(self, one: socket.socket) -> None:
        other = self._pairs[one]
        try:
            data = one.recv(1 << 16)
            if data and one not in self._silent:
                other.sendall(data)
        except OSError:
            data = b""
        if not data:
            for end in (one, other):
                self._pairs.pop(end, None)
                self._silent.discard(end)
                with contextlib.suppress(OSError):
                    end.close()
