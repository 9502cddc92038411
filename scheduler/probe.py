"""`python -m scheduler.probe [--live]`: check whether this machine's scheduler is ready, or at least alive.

It queries the scheduler's own `/readyz` or `/healthz`, at the address in the settings.
"""

from __future__ import annotations

import argparse
import socket
import time
from typing import TYPE_CHECKING, cast

from novacron.cli import edge
from novacron.errors import InsecureConnection, Unavailable, Unreachable
from shared.settings import Settings, load

if TYPE_CHECKING:
    from novacron.tls.groups import ModeName

WAIT_S = 8.0
"""Timeout in seconds; longer than `/readyz` waits for the database."""
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def main() -> int:
    """Query once.

    Raises:
        BadInput: a setting breaks its rule.
        Unavailable: it does not answer, or is not ready.
    """
    parser = argparse.ArgumentParser(prog="python -m scheduler.probe", description=__doc__)
    parser.add_argument("--live", action="store_true", help="only whether it answers")
    path = "/healthz" if parser.parse_args().live else "/readyz"
    settings = load()
    status, body = ask(settings, path)
    if status != 200:
        raise Unavailable(f"{path} answers {status}: {body}")
    print(f"{path} answers 200: {body}")
    return 0


def ask(settings: Settings, path: str) -> tuple[int, str]:
    """Return the status and the body of the scheduler's response.

    Raises:
        Unreachable: nothing answers, or something other than a scheduler.
    """
    host = EVERYWHERE.get(settings.host, settings.host)
    request = f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode()
    try:
        with _secured(settings, socket.create_connection((host, settings.port), WAIT_S)) as connection:
            connection.sendall(request)
            answer = b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
        head, _, body = answer.partition("\r\n\r\n")
        return int(head.split()[1]), body.strip()
    except (OSError, ValueError, IndexError, InsecureConnection) as error:
        raise Unreachable(f"no scheduler answers at {host} port {settings.port}: {error}") from None


def _secured(settings: Settings, plain: socket.socket) -> socket.socket:
    """Use TLS where the scheduler does; the probe does not verify its certificate."""
    if not settings.tls_mode:
        return plain
    from novacron.tls.contexts import Context  # importing pyOpenSSL takes 0.1 s
    from novacron.tls.groups import MODES
    from novacron.tls.stream import Stream

    mode = MODES[cast("ModeName", settings.tls_mode)]
    return Stream(plain, Context(mode).connect("localhost"), time.monotonic() + WAIT_S)


if __name__ == "__main__":
    edge.run(main)
