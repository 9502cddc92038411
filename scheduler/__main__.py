"""`python -m scheduler`: the HTTP API and the leader's loop in one process."""

from __future__ import annotations

import argparse
import gc
import logging
import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import uvicorn

from novacron.cli import edge
from novacron.tls.groups import ModeName
from scheduler.api.app import create
from scheduler.api.connections import Connections, HttpConnection
from scheduler.dispatch.loop import Loop, standard
from scheduler.observation.counts import Counts
from scheduler.observation.observer import Observer
from shared import telemetry
from shared.crypto import secret_files
from shared.db import compatibility, errors, session, tenants, tokens
from shared.ring import Ring
from shared.settings import Settings, load, unknown

if TYPE_CHECKING:
    from shared.metrics.exposition import Endpoint

log = logging.getLogger("novacron.scheduler")

SETTINGS = (
    "Everything else is said by settings: environment variables NOVACRON_* and the file NOVACRON_CONFIG."
)
STOPPED = (128 + signal.SIGTERM, 128 + signal.SIGINT)
"""Exit statuses of uvicorn after SIGTERM and SIGINT: a clean shutdown."""

SWITCH_S = 0.001
"""Thread switch interval in seconds: the longest time that a computing thread blocks the event loop."""


def _register_first_token(settings: Settings) -> None:
    """Register the operator's token, which the embedded stack provides in a file."""
    token = Path(settings.token_file).read_text().strip()
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


def main() -> int:
    """Run until a signal stops the process.

    Raises:
        BadInput: a setting breaks its rule, others can read a secret key (`NOVACRON_STRICT`), or the database
            has a schema that does not serve this version.
        Unavailable: the database does not answer, or has to be migrated first.
    """
    argparse.ArgumentParser(prog="python -m scheduler", description=__doc__, epilog=SETTINGS).parse_args()
    sys.setswitchinterval(SWITCH_S)
    settings = load()
    telemetry.set_up(settings.log_format)
    for line in unknown():
        log.warning(line)
    if settings.tls_mode:
        secret_files.check(secret_files.of_tls(settings), strict=settings.strict, warn=log.warning)
    endpoint = _endpoint(settings)
    compatibility.require(settings.database_url)
    try:
        protocol = _protocol(settings)
        if settings.token_file:
            _register_first_token(settings)
    except (OSError, errors.Error) as error:
        raise SystemExit(f"cannot start: {error}") from None
    connect = partial(session.connect, settings.database_url, name="novacron-log", durable=False)
    logging.getLogger().addHandler(Ring(connect))
    app = create(settings)
    # Exempt what is loaded by now from collection: a full one would visit 150,000 objects while requests
    # wait.
    gc.collect()
    gc.freeze()
    loop = Loop(settings, (*standard(), Counts()) if endpoint else None)
    loop.start()
    observer = Observer(settings, lambda: loop.leading)
    if endpoint:
        observer.start()
        endpoint.start()
    try:
        uvicorn.run(
            app, host=settings.host, port=settings.port, http=protocol, ws="none", workers=1,
            log_config=None, log_level="warning", access_log=False, timeout_graceful_shutdown=3,
        )  # fmt: skip
    except SystemExit as end:
        if end.code not in STOPPED:
            raise
    finally:
        observer.stop()
        loop.stop()
    return 0


if __name__ == "__main__":
    edge.run(main)
