"""Stand-ins of providers as processes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from testing import plain_http

ROOT = Path(__file__).resolve().parents[2]
START_S = 180.0


class Server:
    """A running stand-in.

    Attributes:
        name: of the provider.
        url: its address.
        variables: environment variables with which a worker reaches it.
    """

    def __init__(self, name: str, url: str) -> None:
        self.name, self.url = name, url
        self.variables: Mapping[str, str] = VARIABLES[name](url)
        self._http = plain_http.client(url)

    def behave(self, **behaviour: Any) -> None:
        """Set fields of its `Behaviour`."""
        self._http.put("/control", json=behaviour).raise_for_status()

    def told(self) -> dict[str, Any]:
        """Return accepted tags, cancelled jobs, request counts, and all jobs."""
        found: dict[str, Any] = self._http.get("/control").json()
        return found

    def close(self) -> None:
        """Close the connections to it."""
        self._http.close()


def _ibm(url: str) -> dict[str, str]:
    from testing.providers.ibm import INSTANCE, KEY

    return {
        "NOVACRON_IBM_TOKEN": KEY, "NOVACRON_IBM_INSTANCE": INSTANCE, "NOVACRON_IBM_URL": f"{url}/api/v1",
        "IAM_URL": url,
    }  # fmt: skip


def _ionq(url: str) -> dict[str, str]:
    from testing.providers.ionq import KEY

    return {"NOVACRON_IONQ_TOKEN": KEY, "NOVACRON_IONQ_URL": f"{url}/v0.4"}


VARIABLES = {"ibm": _ibm, "ionq": _ionq}


@contextmanager
def server(name: str, folder: Path) -> Iterator[Server]:
    """Yield a stand-in in a process of its own, which ends with the block."""
    address = folder / f"{name}-address"
    command = [sys.executable, "-m", f"testing.providers.{name}", str(address)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        deadline = time.monotonic() + START_S
        while not address.exists():
            assert process.poll() is None and time.monotonic() < deadline, f"{name}: it did not start"
            time.sleep(0.02)
        running = Server(name, address.read_text())
        yield running
        running.close()
    finally:
        process.kill()
        process.wait()
