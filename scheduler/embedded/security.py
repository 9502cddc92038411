"""TLS of the embedded stack's API."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from novacron.errors import NovaCronError
from novacron.tls.contexts import Context
from novacron.tls.groups import DEFAULT_MODE, MODES, ModeName
from novacron.tls.stream import Stream
from scheduler.embedded import certificates

SHAKEN_S = 2.0


@dataclass(frozen=True, slots=True)
class Security:
    """TLS configuration of a stack's API.

    Attributes:
        mode: what it accepts.
        folder: folder of its certificates.
        ca_file: root certificates that clients trust.
    """

    mode: ModeName
    folder: Path
    ca_file: Path

    @property
    def variables(self) -> dict[str, str]:
        """Environment variables for the scheduler."""
        return {"NOVACRON_TLS_MODE": self.mode, "NOVACRON_TLS_FOLDER": str(self.folder)}

    def secured(self, plain: socket.socket) -> socket.socket:
        """Wrap a connection to the API in TLS.

        Raises:
            InsecureConnection: the server does not authenticate.
            OSError: the connection broke.
        """
        context = Context(MODES[self.mode])
        context.trust(self.ca_file)
        name = plain.getpeername()[0]
        return Stream(plain, context.connect(name), time.monotonic() + SHAKEN_S)


def agreed(url: str, ca_file: str) -> str:
    """Return what a current client negotiates with the API, as text for people."""
    address = urlsplit(url)
    context = Context(MODES[DEFAULT_MODE])
    try:
        context.trust(ca_file)
        with socket.create_connection((address.hostname or "", address.port or 443), SHAKEN_S) as plain:
            with Stream(
                plain, context.connect(address.hostname or ""), time.monotonic() + SHAKEN_S
            ) as stream:
                return str(stream.handshake)
    except (OSError, NovaCronError) as error:
        return f"no handshake: {error}"


def security(data: Path, mode: ModeName) -> Security:
    """Create what a stack with TLS needs in its data folder."""
    folder = data / "tls"
    return Security(mode, folder, certificates.ensure(folder))
