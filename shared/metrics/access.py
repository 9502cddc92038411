"""Where metrics are read."""

from __future__ import annotations

import socket

from novacron.errors import BadInput
from shared.settings import Settings


def check(settings: Settings) -> None:
    """Refuse what could not be shown, before a process begins that could not say so with its exit status.

    Raises:
        BadInput: the port is in use.
    """
    if settings.metrics_port:
        listening(settings.host, settings.metrics_port).close()


def listening(host: str, port: int) -> socket.socket:
    """A socket that holds a port.

    Raises:
        BadInput: it cannot be had.
    """
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=16
        )
    except OSError as error:
        raise BadInput(
            f"cannot be listened on at {host}: {error.strerror}", field="NOVACRON_METRICS_PORT", value=port,
            hint="choose a free port for each process, or 0 for no metrics",
        ) from None  # fmt: skip
