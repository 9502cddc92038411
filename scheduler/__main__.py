"""`python -m scheduler`: the HTTP API and the leader's loop in one process."""

from __future__ import annotations

import gc

from shared import starting

if __name__ == "__main__":
    starting.end_at_sigterm()
    gc.disable()  # until all is loaded: nearly all objects stay, and each collection would visit them again

import argparse
import logging
import os
import re
import signal
import socket
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import uvicorn

from novacron.cli import edge
from novacron.errors import BadInput
from novacron.tls.groups import ModeName
from scheduler.api.address import bound
from scheduler.api.app import create
from scheduler.api.connections import Connections, HttpConnection
from scheduler.dispatch.hooks import DispatchHook
from scheduler.dispatch.loop import Loop, standard
from scheduler.dispatch.traces import Traces
from scheduler.observation.counts import Counts
from scheduler.observation.observer import Observer
from shared import telemetry
from shared.crypto import secret_files
from shared.db import compatibility, errors, session, tenants, tokens
from shared.ring import Ring
from shared.settings import Settings, load, unknown
from shared.traces.tracing import Tracing, configured

if TYPE_CHECKING:
    from fastapi import FastAPI

    from shared.metrics.exposition import Endpoint

log = logging.getLogger("novacron.scheduler")

SETTINGS = (
    "Everything else is said by settings: environment variables NOVACRON_* and the file NOVACRON_CONFIG."
)
STOPPED = (128 + signal.SIGTERM, 128 + signal.SIGINT)
"""Exit statuses of uvicorn after SIGTERM and SIGINT: a clean shutdown."""
TOKEN = re.compile(r"[!-~]{16,512}")
"""What a token file may hold: hard to guess, and valid in an HTTP header."""

SWITCH_S = 0.001
"""Thread switch interval in seconds: the longest time that a computing thread blocks the event loop."""


def _first_token(settings: Settings) -> str:
    """Return the operator's token from `NOVACRON_TOKEN_FILE`, empty where no file is named.

    Raises:
        BadInput: the file cannot be read or does not hold a token.
    """
    if not settings.token_file:
        return ""
    try:
        token = Path(settings.token_file).read_text(errors="replace").strip()
    except OSError as error:
        raise BadInput(
            f"cannot be read: {error.strerror}", field="NOVACRON_TOKEN_FILE", value=settings.token_file
        ) from None
    if not TOKEN.fullmatch(token):
        raise BadInput(
            "must hold a token of 16 to 512 visible ASCII characters and nothing else",
            field="NOVACRON_TOKEN_FILE", value=settings.token_file,
            hint="draw one with `openssl rand -hex 24`",
        )  # fmt: skip
    return token


def _register(settings: Settings, token: str) -> None:
    """Register the operator's token in the database."""
    with session.connect(settings.database_url, name="novacron-start") as connection:
        tokens.create(connection, name="first", role="operator", tenant=tenants.DEFAULT, token=token)


def _protocol(settings: Settings) -> Any:
    """Return the protocol class for client connections: HTTP, behind TLS where the settings enable it."""
    connections = Connections(settings.max_connections)
    if not settings.tls_mode:
        return partial(HttpConnection, connections)
    from scheduler.api import secure  # importing pyOpenSSL takes 0.1 s
    from shared.crypto import permitted
    from shared.crypto.tls.record import record
    from shared.crypto.tls.server import serving

    mode = permitted.load(settings.pq_crypto_file).mode(cast(ModeName, settings.tls_mode))
    return secure.protocol(connections, serving(mode, Path(settings.tls_folder)), record)


def _endpoint(settings: Settings) -> Endpoint | None:
    """Return the metrics endpoint, None where metrics are disabled; bind its port before anything starts.

    Raises:
        BadInput: the port cannot be bound.
    """
    if not settings.metrics_port:
        return None
    from shared.metrics.exposition import Endpoint

    beside = [int(port) for port in settings.metrics_beside.split(",") if port]
    return Endpoint(settings.host, settings.metrics_port, token=settings.metrics_token, beside=beside)


def _attached(settings: Settings, *, metrics: bool, tracing: Tracing | None) -> list[DispatchHook]:
    """Return the hooks of the leader."""
    attached = [*standard()]
    if metrics:
        attached.append(Counts())
    if tracing:
        named = partial(session.connect, settings.database_url, name="novacron-traces", durable=False)
        attached.append(Traces(tracing, named))
    return attached


def main() -> int:
    """Run until a signal stops the process.

    Raises:
        BadInput: a setting breaks its rule, others can read a secret key (`NOVACRON_STRICT`), a port cannot
            be bound, tracing is misconfigured, or the database has a newer schema that no longer supports
            this version.
        Unavailable: the database does not answer or must be migrated first.
    """
    argparse.ArgumentParser(prog="python -m scheduler", description=__doc__, epilog=SETTINGS).parse_args()
    sys.setswitchinterval(SWITCH_S)
    settings = load()
    telemetry.set_up(settings.log_format)
    for line in unknown():
        log.warning(line)
    if settings.tls_mode:
        secret_files.check(secret_files.of_tls(settings), strict=settings.strict, warn=log.warning)
    token = _first_token(settings)
    endpoint, tracing = _endpoint(settings), configured("novacron-scheduler")
    sockets = bound(settings.host, settings.port)
    compatibility.require(settings.database_url)
    try:
        protocol = _protocol(settings)
        if token:
            _register(settings, token)
    except (OSError, errors.Error) as error:
        raise SystemExit(f"cannot start: {error}") from None
    connect = partial(session.connect, settings.database_url, name="novacron-log", durable=False)
    logging.getLogger().addHandler(Ring(connect))
    app = create(settings, tracing)
    # Exempt what is loaded by now from collection: a full one would visit 150,000 objects while requests
    # wait.
    gc.freeze()
    gc.enable()
    if tracing:
        tracing.start(f"{socket.gethostname()}:{os.getpid()}")
    loop = Loop(settings, _attached(settings, metrics=endpoint is not None, tracing=tracing))
    loop.start()
    observer = Observer(settings, lambda: loop.leading)
    if endpoint:
        observer.start()
        endpoint.start()
    try:
        _serve(app, protocol, sockets)
    finally:
        observer.stop()
        loop.stop()
        if tracing:
            tracing.stop()
    return 0


def _serve(app: FastAPI, protocol: Any, sockets: list[socket.socket]) -> None:
    """Run the HTTP server until a signal stops it.

    Raises:
        SystemExit: the application failed to start; the log has the reason.
    """
    server = uvicorn.Server(uvicorn.Config(
        app, http=protocol, ws="none", workers=1,
        log_config=None, log_level="warning", access_log=False, timeout_graceful_shutdown=3,
    ))  # fmt: skip
    try:
        server.run(sockets)
    except KeyboardInterrupt:
        return
    except SystemExit as end:
        if end.code not in STOPPED:
            raise
        return
    if not server.started:
        raise SystemExit("the API did not start; see the log")


if __name__ == "__main__":
    edge.run(main)
