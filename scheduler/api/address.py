"""Bind the API's port before the process changes anything, so that a failed start leaves nothing behind."""

from __future__ import annotations

import os
import socket

from novacron.errors import BadInput


def bound(host: str, port: int) -> list[socket.socket]:
    """Return a bound socket for each address of the host; none listens yet, so connections are still refused.

    Raises:
        BadInput: the host cannot be resolved or the port cannot be bound.
    """
    made: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in dict.fromkeys(found):
            made.append(one := socket.socket(family, kind, protocol))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind(address)
    except OSError as error:
        for one in made:
            one.close()
        why = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        raise BadInput(
            f"cannot be bound at {host}: {why}", field="NOVACRON_PORT", value=port,
            hint="choose a free port, and an address of this machine as NOVACRON_HOST",
        ) from None  # fmt: skip
    return made
