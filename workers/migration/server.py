"""The server that a target is about: its operator's commands, and what it answers on the wire."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from novacron.errors import BadInput, Unreachable
from shared.tls.probe import Probe, probe
from workers.migration.action import Pace, ProofError

LONGEST_COMMAND_S = 60.0
SETTLED_S = 10.0
"""A server that has been told to read its files again may take this long to do so."""
PAUSE_S = 0.2
Answer = TypeVar("Answer")


class Served(Protocol):
    """The parts of a target that say how its server is told and asked."""

    @property
    def name(self) -> str:
        """The target's name."""

    @property
    def check(self) -> tuple[str, ...]:
        """Command that tests the configuration."""

    @property
    def reload(self) -> tuple[str, ...]:
        """Command that has it read again."""

    @property
    def probe(self) -> str:
        """`host:port`."""


def run(command: Sequence[str], limit_s: float = LONGEST_COMMAND_S) -> None:
    """Run an operator's command, without a shell and without this process's environment of secrets.

    Raises:
        ProofError: it cannot be run, takes too long, or fails; the last line it wrote says why.
    """
    if not command:
        return
    shown = " ".join(command)
    try:
        done = subprocess.run(
            list(command), stdin=subprocess.DEVNULL, capture_output=True, timeout=limit_s, env=ENVIRONMENT
        )
    except subprocess.TimeoutExpired:
        raise ProofError(f"`{shown}` took longer than {limit_s:g} s") from None
    except OSError as error:
        raise ProofError(f"`{shown}` cannot be run: {error.strerror}") from None
    if done.returncode:
        lines = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines() or [
            "without a word"
        ]
        raise ProofError(f"`{shown}` ended with {done.returncode}: {lines[-1][:200]}")


ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
"""What a command is given; the worker's own environment may hold the key-encryption key."""


def tell(server: Served, pace: Pace | None = None) -> None:
    """Have a server test its configuration and read it again.

    Raises:
        ProofError: it refuses it.
    """
    limit_s = min(LONGEST_COMMAND_S, pace.left_s) if pace else LONGEST_COMMAND_S
    run(server.check, limit_s)
    run(server.reload, limit_s)


def see(server: Served, wanted: Callable[[Probe], str | None], pace: Pace) -> Probe | None:
    """Ask the server until it answers as wanted; None where the target names no address to ask.

    Args:
        server: the target.
        wanted: what is wrong with an answer, None where nothing is.
        pace: of the step.

    Raises:
        ProofError: it does not answer so within `SETTLED_S`.
    """
    if not server.probe:
        return None
    host, port = address(server)
    deadline = time.monotonic() + min(SETTLED_S, pace.left_s)
    while True:
        pace.check()
        try:
            seen = probe(host, port)
            wrong = wanted(seen)
        except Unreachable as error:
            wrong = str(error)
        if wrong is None:
            return seen
        if time.monotonic() > deadline:
            raise ProofError(f"{server.probe}: {wrong}")
        time.sleep(PAUSE_S)


def address(server: Served) -> tuple[str, int]:
    """Host and port of a target's server.

    Raises:
        BadInput: they are not written as `host:port`.
    """
    host, _, port = server.probe.rpartition(":")
    if not host or not port.isdigit():
        raise BadInput("must be host:port", field=f"targets.{server.name}.probe", value=server.probe)
    return host.strip("[]"), int(port)
