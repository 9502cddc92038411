"""The remote test server as a process, and its backend as an installed package."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shared.quantum.backends import GROUP
from testing import plain_http

ROOT = Path(__file__).resolve().parents[2]
START_S = 120.0


class Server:
    """A running server.

    Attributes:
        url: its address.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = plain_http.client(url)

    def device(self, name: str, **behaviour: Any) -> None:
        """Set the behaviour of a device: fields of `testing.remote.server.Device`."""
        self._http.put(f"/control/devices/{name}", json=behaviour).raise_for_status()

    def forget(self, provider_job: str) -> None:
        """Make it forget a job."""
        self._http.delete(f"/control/jobs/{provider_job}").raise_for_status()

    def told(self) -> dict[str, Any]:
        """Return how often each tag was accepted, what was cancelled, request counts, and all jobs."""
        found: dict[str, Any] = self._http.get("/control").json()
        return found

    def jobs(self, device: str) -> list[dict[str, Any]]:
        """Return the jobs of a device."""
        return [job for job in self.told()["jobs"] if job["device"] == device]

    def close(self) -> None:
        """Close the connections to it."""
        self._http.close()


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """Yield a server in a separate process, which ends with the block."""
    address = folder / "remote-address"
    process = subprocess.Popen([sys.executable, "-m", "testing.remote.server", str(address)], cwd=ROOT)
    try:
        deadline = time.monotonic() + START_S
        while not address.exists():
            assert process.poll() is None and time.monotonic() < deadline, "the remote server did not start"
            time.sleep(0.02)
        running = Server(address.read_text())
        yield running
        running.close()
    finally:
        process.kill()
        process.wait()


def install(folder: Path) -> None:
    """Create a folder that, on the import path, provides the backend as an installed package would."""
    package = folder / "novacron_remote-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: novacron-remote\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(f"[{GROUP}]\nremote = testing.remote.row:REMOTE\n")
