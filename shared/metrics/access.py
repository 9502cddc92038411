"""Who may read metrics."""

from __future__ import annotations

import socket
from pathlib import Path

from novacron.errors import BadInput
from shared.settings import Settings


def check(settings: Settings) -> None:
    """Refuse what could not be shown, before a process begins that could not say so with its exit status.

    Raises:
        BadInput: the port is in use, or the token cannot be read.
    """
    if settings.metrics_port:
        token(settings)
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


def token(settings: Settings) -> str:
    """The token that a reader has to show, empty for none.

    Raises:
        BadInput: its file cannot be read or holds none, or it is said twice.
    """
    file = settings.metrics_token_file
    if not file:
        return settings.metrics_token.strip()
    if settings.metrics_token:
        raise BadInput(
            "must not be given beside a file", field="NOVACRON_METRICS_TOKEN",
            hint="leave one of NOVACRON_METRICS_TOKEN and NOVACRON_METRICS_TOKEN_FILE out",
        )  # fmt: skip
    try:
        found = Path(file).read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        raise BadInput(f"cannot be read: {error}", field="NOVACRON_METRICS_TOKEN_FILE", value=file) from None
    if not found:
        raise BadInput("holds no token", field="NOVACRON_METRICS_TOKEN_FILE", value=file)
    return found
