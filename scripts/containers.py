"""The container engine that scripts/engine.sh starts, and what checks on it have in common."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path("/var/lib/novacron-engine")
PATIENCE_S = 900.0
DOCKER = "/usr/bin/docker"


class Failed(SystemExit):
    """A check failed."""


class Engine:
    """The engine's command and Compose, with the engine's address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._variables = os.environ | {
            "DOCKER_HOST": f"unix://{folder}/docker.sock", "DOCKER_CONFIG": f"{folder}/config",
            "DOCKER_BUILDKIT": "1", "WORKER_CPU_CPUS": os.environ.get("WORKER_CPU_CPUS", "2"),
        }  # fmt: skip

    def start(self) -> None:
        """Start it, with substitutes for the public images."""
        for action in ("start", "images"):
            subprocess.run([*self._script, action, str(self.folder)], check=True)

    def stop(self) -> None:
        """Stop it; its folder is kept."""
        subprocess.run([*self._script, "stop", str(self.folder)], check=False)

    def docker(self, *arguments: str) -> str:
        """Run docker and return its output.

        Raises:
            Failed: its exit status is not 0.
        """
        done = self.ended(*arguments)
        if done.returncode:
            raise Failed(f"docker {' '.join(arguments)}: {(done.stdout + done.stderr)[-3000:]}")
        return (done.stdout + done.stderr if arguments[0] == "logs" else done.stdout).strip()

    def ended(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run docker to its end, whatever its exit status is."""
        command = [DOCKER, *arguments]
        return subprocess.run(command, cwd=ROOT, env=self._variables, capture_output=True, text=True)

    def compressed(self, image: str) -> int:
        """Return the number of bytes of an image as it is pushed: all layers, compressed by gzip."""
        command = f"{DOCKER} save {image} | gzip --fast | wc --bytes"
        done = subprocess.run(command, shell=True, env=self._variables, capture_output=True, check=True)
        return int(done.stdout)

    def compose(self, *arguments: str) -> str:
        """Run Compose and return its output."""
        return self.docker("compose", *arguments)

    def containers(self, service: str) -> list[str]:
        """Return the containers of a service."""
        return self.compose("ps", "--quiet", service).split()

    def kill(self, container: str) -> None:
        """Kill a container's first process with SIGKILL; the engine restarts it."""
        os.kill(int(self.docker("inspect", "--format", "{{.State.Pid}}", container)), signal.SIGKILL)

    @property
    def _script(self) -> list[str]:
        return [str(ROOT / "scripts" / "engine.sh")]


class Figures(dict[str, Any]):
    """What a check measures, by what it is."""

    def __init__(self) -> None:
        load = f"load {os.getloadavg()[1]:.0f}"
        super().__init__(machine=f"{os.cpu_count()} cores, {platform.machine()}, {load}")

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Record the duration of a block in seconds."""
        print(what, flush=True)
        began = time.monotonic()
        yield
        self[what] = round(time.monotonic() - began, 1)
        print(f"  {self[what]} s", flush=True)


def until(look: Callable[[], Any], what: str) -> Any:
    """Poll until the result is true, and return it.

    Raises:
        Failed: it was not true within `PATIENCE_S`.
    """
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.2)
    raise Failed(f"not within {PATIENCE_S:g} s: {what}")


def hold(held: bool, what: str) -> None:
    """Report a check that holds, or exit with one that fails.

    Raises:
        Failed: it does not hold.
    """
    if not held:
        raise Failed(f"does not hold: {what}")
    print(f"  holds: {what}", flush=True)
