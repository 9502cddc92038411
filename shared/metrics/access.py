"""Access to the metrics port."""

from __future__ import annotations

import os
import socket

from novacron.errors import BadInput
from shared.settings import Settings


def check(settings: Settings) -> None:
    """Check that metrics can be served, while the exit status can still report an error.

    Raises:
        BadInput: the port is in use.
    """
    if settings.metrics_port:
        listening(settings.host, settings.metrics_port).close()


def listening(host: str, port: int) -> socket.socket:
    """Return a socket bound to a port.

    Raises:
        BadInput: it cannot be bound.
    """
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=16
        )
    except OSError as error:
        raise BadInput(
            f"cannot be bound at {host}: {_why(error)}", field="NOVACRON_METRICS_PORT", value=port,
            hint="choose a free port for each process, or 0 for no metrics",
        ) from None  # fmt: skip


def _why(error: OSError) -> str | None:
    """Return the reason without the address that `create_server` appends to it."""
    return error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
