"""Free loopback ports that stay the same over restarts where possible."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable

from novacron.errors import InsecureConnection

LOOPBACK = "127.0.0.1"
# Below the range the kernel takes source ports from, so that no outgoing connection sits on a port
# while its server is down.
RANGE = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def choose(preferred: int | None = None) -> int:
    """A free port: the preferred one, else any.

    Raises:
        OSError: none of 100 ports tried was free.
    """
    draw = random.SystemRandom()
    for port in ([preferred] if preferred else []) + draw.sample(RANGE, 100):
        if is_free(port):
            return port
    raise OSError("no free loopback port found")


def accepts(port: int) -> bool:
    """Whether something listens on this loopback port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=0.5):
            return True
    except OSError:
        return False


def unsecured(plain: socket.socket) -> socket.socket:
    """The connection as it is, without TLS."""
    return plain


def ask(
    port: int,
    request: bytes,
    *,
    timeout_s: float = 0.5,
    secured: Callable[[socket.socket], socket.socket] = unsecured,
) -> bytes:
    """The first bytes answered to a request; empty when nobody answers in time.

    Args:
        port: on loopback.
        request: what to send.
        timeout_s: for connecting and for the answer.
        secured: puts TLS on the connection.
    """
    try:
        with secured(socket.create_connection((LOOPBACK, port), timeout=timeout_s)) as connection:
            connection.sendall(request)
            return connection.recv(256)
    except (OSError, InsecureConnection):
        return b""
