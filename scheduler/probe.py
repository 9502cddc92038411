"""`python -m scheduler.probe [--live]`: whether this machine's scheduler is ready, or at least answers.

It asks the scheduler's own `/readyz` or `/healthz`, as settings say where that is.
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
"""More than `/readyz` waits for the database."""
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def main() -> int:
    """Ask once.

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
    """Status and body of what the scheduler answers.

    Raises:
        Unreachable: nobody answers, or something that is no scheduler.
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
    """With TLS where the scheduler speaks that; its certificate is for others to judge."""
    if not settings.tls_mode:
        return plain
    from novacron.tls.contexts import Context  # pyOpenSSL takes a tenth of a second to import
    from novacron.tls.groups import MODES
    from novacron.tls.stream import Stream

    mode = MODES[cast("ModeName", settings.tls_mode)]
    return Stream(plain, Context(mode).connect("localhost"), time.monotonic() + WAIT_S)


if __name__ == "__main__":
    edge.run(main)
