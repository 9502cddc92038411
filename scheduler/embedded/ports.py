"""Free loopback ports that stay the same across restarts where possible."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable

from novacron.errors import InsecureConnection

LOOPBACK = "127.0.0.1"
# Below the kernel's ephemeral port range, so that no outgoing connection occupies a port while its server is
# down.
RANGE = range(20_000, 32_000)
LARGEST_BYTES = 1 << 16


def is_free(port: int) -> bool:
    """Return whether a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def choose(preferred: int | None = None) -> int:
    """Return a free port: the preferred one, else any.

    Raises:
        OSError: none of 100 candidate ports was free.
    """
    draw = random.SystemRandom()
    for port in ([preferred] if preferred else []) + draw.sample(RANGE, 100):
        if is_free(port):
            return port
    raise OSError("no free loopback port found")


def accepts(port: int) -> bool:
    """Return whether something listens on this loopback port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=0.5):
            return True
    except OSError:
        return False


def unsecured(plain: socket.socket) -> socket.socket:
    """Return the connection as it is, without TLS."""
    return plain


def ask(
    port: int,
    request: bytes,
    *,
    timeout_s: float = 0.5,
    secured: Callable[[socket.socket], socket.socket] = unsecured,
) -> bytes:
    """Send a request; return the response until the server closes the connection or a timeout.

    Args:
        port: loopback port.
        request: bytes to send, after whose response the server closes the connection.
        timeout_s: timeout of connecting and of the response, in seconds.
        secured: wraps the connection in TLS.
    """
    response = b""
    try:
        with secured(socket.create_connection((LOOPBACK, port), timeout=timeout_s)) as connection:
            connection.sendall(request)
            while len(response) < LARGEST_BYTES and (part := connection.recv(LARGEST_BYTES)):
                response += part
    except (OSError, InsecureConnection):
        pass
    return response
