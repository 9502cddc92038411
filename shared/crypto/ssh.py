"""Probes an SSH server's key exchange methods: its KEXINIT message, which it sends unencrypted.

In SSH the client chooses: the first method of its list that the server also supports (RFC 4253, section 7.1).
A server only lists the methods it supports.
"""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass
from typing import Any

from novacron.errors import Unreachable
from shared.crypto.reach import LOOPBACK_ONLY, Reach

TIMEOUT_S = 5.0
GREETING = b"SSH-2.0-NovaCron\r\n"
LONGEST_LINE, MOST_LINES = 8192, 1024  # lines allowed before the version (RFC 4253, 4.2)
LONGEST_PACKET = 35_000  # RFC 4253, 6.1
KEXINIT, COOKIE_BYTES = 20, 16

POST_QUANTUM = ("mlkem768x25519-sha256", "sntrup761x25519-sha512", "sntrup761x25519-sha512@openssh.com")
"""OpenSSH's post-quantum key exchange methods, in its client's order since version 10.0."""
_SIGNS = ("ext-info-", "kex-strict-")
"""Prefixes of entries that are signals, not methods."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a server at `host`:`port` takes, in its own order.

    Attributes:
        host: as it was asked for.
        port: TCP port.
        software: as it calls itself, such as `OpenSSH_10.0p2`.
        methods: of the key exchange.
        host_keys: algorithms by which it proves itself.
    """

    host: str
    port: int
    software: str
    methods: tuple[str, ...]
    host_keys: tuple[str, ...]

    @property
    def preferred(self) -> str | None:
        """What a client of today gets: the first post-quantum method it has, else any."""
        return next((one for one in POST_QUANTUM if one in self.methods), next(iter(self.methods), None))

    @property
    def pq(self) -> bool:
        """Whether a client of today gets a post-quantum key exchange."""
        return self.preferred in POST_QUANTUM

    @property
    def classical(self) -> tuple[str, ...]:
        """The methods without a post-quantum part."""
        return tuple(one for one in self.methods if one not in POST_QUANTUM)

    def document(self) -> dict[str, Any]:
        """The same as plain JSON."""
        return {
            "host": self.host, "port": self.port, "software": self.software, "pq": self.pq,
            "preferred": self.preferred, "methods": list(self.methods), "classical": list(self.classical),
            "host_keys": list(self.host_keys),
        }  # fmt: skip


def ask(host: str, port: int, timeout_s: float | None = None, reach: Reach = LOOPBACK_ONLY) -> Offer:
    """Connect, read the server's first message and leave; no key is exchanged.

    A server that counts those who leave before they log in (`PerSourcePenalties` of OpenSSH) counts this too.

    Args:
        host: name or address.
        port: TCP port.
        timeout_s: for all of it; None: `TIMEOUT_S`.
        reach: what may be asked.

    Raises:
        Unreachable: nothing answers there in time, or it is no SSH server.
        Forbidden: it is not among what may be asked.
    """
    timeout_s = TIMEOUT_S if timeout_s is None else timeout_s
    deadline = time.monotonic() + timeout_s
    try:
        with reach.connect(host, port, timeout_s) as connection:
            reader = _Reader(connection, deadline)
            software = _greeted(reader)
            connection.sendall(GREETING)
            methods, host_keys = _lists(reader.packet())
    except (OSError, ValueError) as error:
        raise Unreachable(
            f"no SSH server answers at {host}:{port}: {error or type(error).__name__}"
        ) from None
    offered = tuple(one for one in methods if not one.startswith(_SIGNS))
    return Offer(host, port, software, offered, tuple(host_keys))


class _Reader:
    """Bytes from a connection, until a moment of the monotonic clock."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline
        self._waiting = b""

    def line(self) -> bytes:
        """A line without its end.

        Raises:
            ValueError: it is too long.
        """
        while b"\n" not in self._waiting:
            if len(self._waiting) > LONGEST_LINE:
                raise ValueError("it speaks no SSH")
            self._more()
        line, self._waiting = self._waiting.split(b"\n", 1)
        return line.rstrip(b"\r")

    def packet(self) -> bytes:
        """The payload of a packet before encryption (RFC 4253, section 6).

        Raises:
            ValueError: it is malformed.
        """
        length, padding = struct.unpack(">IB", self._exactly(5))
        if not padding + 1 < length <= LONGEST_PACKET:
            raise ValueError("its first packet is malformed")
        return self._exactly(length - 1)[: length - 1 - padding]

    def _exactly(self, count: int) -> bytes:
        while len(self._waiting) < count:
            self._more()
        data, self._waiting = self._waiting[:count], self._waiting[count:]
        return data

    def _more(self) -> None:
        self._connection.settimeout(max(0.001, self._deadline - time.monotonic()))
        data = self._connection.recv(1 << 14)
        if not data:
            raise ConnectionError("it closed the connection")
        self._waiting += data


def _greeted(reader: _Reader) -> str:
    """The server's name for itself; what it says before that is passed over."""
    for _ in range(MOST_LINES):
        line = reader.line()
        if line.startswith((b"SSH-2.0-", b"SSH-1.99-")):
            return line.split(b"-", 2)[2].decode("utf-8", "replace").split(" ")[0][:200]
        if line.startswith(b"SSH-"):
            raise ValueError("it speaks an older version of SSH")
    raise ValueError("it speaks no SSH")


def _lists(payload: bytes) -> tuple[list[str], list[str]]:
    """The first two lists of names in a KEXINIT (RFC 4253, section 7.1)."""
    if len(payload) < 1 + COOKIE_BYTES or payload[0] != KEXINIT:
        raise ValueError("its first packet is no KEXINIT")
    found, at = [], 1 + COOKIE_BYTES
    for _ in range(2):
        if len(payload) < at + 4:
            raise ValueError("its KEXINIT is cut short")
        (length,) = struct.unpack_from(">I", payload, at)
        names, at = payload[at + 4 : at + 4 + length], at + 4 + length
        if len(payload) < at:
            raise ValueError("its KEXINIT is cut short")
        found.append(names.decode("ascii", "replace").split(",") if names else [])
    return found[0], found[1]
