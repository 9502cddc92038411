"""`python -m scheduler`: the HTTP API and the leader's loop in one process."""

from __future__ import annotations

import logging
import sys
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import uvicorn

from novacron.errors import BadInput
from scheduler.api.app import create
from scheduler.api.connections import Connections, HttpConnection
from scheduler.loop import Loop
from shared.db import session, tokens
from shared.settings import Settings, load

SWITCH_S = 0.001
"""Longest time for which a thread that computes keeps the event loop waiting."""


def _register_first_token(settings: Settings) -> None:
    """Make the token of the installation known; the embedded stack hands it over in a file."""
    token = Path(settings.token_file).read_text().strip()
    with session.connect(settings.database_url, name="novacron-start") as connection:
        tokens.create(connection, name="first", role="admin", tenant="default", token=token)


def _protocol(settings: Settings) -> Any:
    """What speaks with clients: HTTP, with TLS before it where that is asked for."""
    connections = Connections(settings.max_connections)
    if not settings.tls_mode:
        return partial(HttpConnection, connections)
    from scheduler.api import secure  # pyOpenSSL takes a tenth of a second to import
    from shared.tls.record import record
    from shared.tls.server import serving

    return secure.protocol(connections, serving(settings.tls_mode, Path(settings.tls_folder)), record)


def main() -> None:
    """Run until told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    sys.setswitchinterval(SWITCH_S)
    settings = load()
    try:
        protocol = _protocol(settings)
        if settings.token_file:
            _register_first_token(settings)
    except (BadInput, OSError, psycopg.Error) as error:
        raise SystemExit(f"cannot start: {error}") from None
    loop = Loop(settings)
    loop.start()
    try:
        uvicorn.run(
            create(settings), host=settings.host, port=settings.port, http=protocol, ws="none",
            log_level="warning", access_log=False, timeout_graceful_shutdown=3,
        )  # fmt: skip
    finally:
        loop.stop()


if __name__ == "__main__":
    main()
