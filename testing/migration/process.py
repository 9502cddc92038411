"""A third-party server in a separate process, under an unprivileged account if we are root."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from scheduler.embedded import ports

NOBODY = 65534
STARTS_S = 30.0


def account() -> dict[str, object]:
    """Return the arguments by which `subprocess` starts a program that refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def as_account(command: list[str]) -> tuple[str, ...]:
    """Return the command under that account."""
    if os.geteuid() != 0:
        return tuple(command)
    return ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command)


def give(*paths: Path) -> None:
    """Change the owner of files to that account."""
    for path in paths:
        if os.geteuid() == 0:
            shutil.chown(path, NOBODY, NOBODY)


class Server:
    """A running program.

    Args:
        command: runs in the foreground.
        port: port on which it listens.
        log: file of its output.
        unprivileged: whether it must not run as root.
    """

    def __init__(self, command: list[str], port: int, log: Path, *, unprivileged: bool = False) -> None:
        self.port = port
        self._log = log
        more = account() if unprivileged else {}
        with log.open("ab") as stream:
            self.process = subprocess.Popen(  # type: ignore[call-overload]
                command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, cwd="/", **more
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + STARTS_S
        while not ports.accepts(self.port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"does not start: {self._log.read_text()[-2000:]}")
            time.sleep(0.05)

    def reload(self, name: str = "HUP") -> tuple[str, ...]:
        """Return the command that makes it reload its files."""
        return ("kill", f"-{name}", str(self.process.pid))

    def stop(self) -> None:
        """Stop it."""
        self.process.terminate()
        try:
            self.process.wait(STARTS_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
