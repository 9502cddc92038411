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
"""Name prefixes of extensions, which are listed among the methods but are not methods (RFC 8308)."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The algorithms that a server at `host`:`port` supports, in its own order.

    Attributes:
        host: as given.
        port: TCP port.
        software: the server's software version, such as `OpenSSH_10.0p2`.
        methods: key exchange methods.
        host_keys: host key algorithms.
    """

    host: str
    port: int
    software: str
    methods: tuple[str, ...]
    host_keys: tuple[str, ...]

    @property
    def preferred(self) -> str | None:
        """The method that a current client negotiates: the first post-quantum one, else the first of any."""
        return next((one for one in POST_QUANTUM if one in self.methods), next(iter(self.methods), None))

    @property
    def pq(self) -> bool:
        """Whether a current client gets a post-quantum key exchange."""
        return self.preferred in POST_QUANTUM

    @property
    def classical(self) -> tuple[str, ...]:
        """The methods without a post-quantum part."""
        return tuple(one for one in self.methods if one not in POST_QUANTUM)

    def document(self) -> dict[str, Any]:
        """Return the same as plain JSON."""
        return {
            "host": self.host, "port": self.port, "software": self.software, "pq": self.pq,
            "preferred": self.preferred, "methods": list(self.methods), "classical": list(self.classical),
            "host_keys": list(self.host_keys),
        }  # fmt: skip


def ask(host: str, port: int, timeout_s: float | None = None, reach: Reach = LOOPBACK_ONLY) -> Offer:
    """Connect, read the server's first message and disconnect, without exchanging keys.

    A server that penalizes clients that disconnect before authenticating (`PerSourcePenalties` of OpenSSH)
    counts this one, too.

    Args:
        host: name or address.
        port: TCP port.
        timeout_s: total timeout; None: `TIMEOUT_S`.
        reach: the servers that may be connected to.

    Raises:
        Unreachable: no SSH server answers in time.
        Forbidden: `reach` does not permit it.
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
    """Reads bytes from a connection until a deadline of the monotonic clock."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline
        self._waiting = b""

    def line(self) -> bytes:
        """Read a line without its terminator.

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
        """Read the payload of an unencrypted packet (RFC 4253, section 6).

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
    """Read the server's software version, skipping any lines before it."""
    for _ in range(MOST_LINES):
        line = reader.line()
        if line.startswith((b"SSH-2.0-", b"SSH-1.99-")):
            return line.split(b"-", 2)[2].decode("utf-8", "replace").split(" ")[0][:200]
        if line.startswith(b"SSH-"):
            raise ValueError("it speaks an older version of SSH")
    raise ValueError("it speaks no SSH")


def _lists(payload: bytes) -> tuple[list[str], list[str]]:
    """Return the first two name lists of a KEXINIT (RFC 4253, section 7.1)."""
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
