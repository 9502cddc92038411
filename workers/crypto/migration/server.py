"""The server of a target: its operator's commands, and probes of its address."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import IO, TypeVar

from novacron.errors import Forbidden, Unreachable
from shared.crypto.tls.probe import Probe, probe
from workers.crypto.migration.action import Pace, ProofError
from workers.crypto.migration.served import Served

Answer = TypeVar("Answer")

LONGEST_COMMAND_S = 60.0
SETTLED_S = 10.0
"""Maximum seconds from a reload until the server uses its new files."""
TIMES_SEEN = 2
"""Consecutive correct answers required: old processes answer beside the new ones for a short time (nginx
shares the port with them for 0.1 s).
"""
PAUSE_S = 0.2
SHOWN_BYTES = 4000
"""Maximum bytes shown of a command's output; longer output is shown without its middle."""
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
"""Environment of commands; the worker's own may hold the key-encryption key."""


def run(command: Sequence[str], limit_s: float = LONGEST_COMMAND_S) -> None:
    """Run an operator's command, without a shell and without this process's secret environment.

    It is finished when its own process exits: a daemon that it leaves may keep its output open.

    Raises:
        ProofError: it cannot be run, times out, or fails; the message includes its output.
    """
    if not command:
        return
    shown = shlex.join(command)
    # Files instead of pipes: a pipe closes only when the last process that inherited it exits.
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        try:
            process = subprocess.Popen(
                list(command), stdin=subprocess.DEVNULL, stdout=said, stderr=complained, env=ENVIRONMENT,
                cwd="/", start_new_session=True,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            raise ProofError(
                f"`{shown}` cannot be run: {getattr(error, 'strerror', None) or error}"
            ) from None
        try:
            status = process.wait(limit_s)
        except BaseException as error:
            _kill(process)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            wrote = _written(complained) or _written(said)
            late = f"`{shown}` took longer than {limit_s:g} s"
            raise ProofError(f"{late}: {wrote}" if wrote else late) from None
        if status:
            wrote = _written(complained) or _written(said) or "without a word"
            how = f"ended with {status}" if status > 0 else f"was ended by signal {-status}"
            raise ProofError(f"`{shown}` {how}: {wrote}")


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a command with all processes of its session."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _written(stream: IO[bytes]) -> str:
    """Return a command's output as one line of printable text, without the middle if it is long."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if size <= SHOWN_BYTES:
        data = stream.read()
    else:
        first = stream.read(SHOWN_BYTES // 2)
        stream.seek(size - SHOWN_BYTES // 2)
        data = first + b"\n...\n" + stream.read(SHOWN_BYTES // 2)
    lines = (line.strip() for line in data.decode(errors="replace").splitlines())
    text = "; ".join(line for line in lines if line)
    return "".join(one if one.isprintable() else "?" for one in text.replace("\t", " "))


def tell(server: Served, pace: Pace | None = None) -> None:
    """Have a server validate its configuration and reload it.

    Raises:
        ProofError: it rejects it.
    """
    limit_s = min(LONGEST_COMMAND_S, pace.left_s) if pace else LONGEST_COMMAND_S
    run(server.check, limit_s)
    run(server.reload, limit_s)


def see(server: Served, wanted: Callable[[Probe], str | None], pace: Pace) -> Probe | None:
    """Probe the server until it answers as wanted; None if the target has no address.

    Args:
        server: the target.
        wanted: returns what is wrong with an answer, None if nothing is.
        pace: time limit of the step.

    Raises:
        ProofError: it does not answer so within `SETTLED_S`.
    """
    if not server.probe:
        return None
    name = f" ({server.asked_name})" if server.asked_name else ""
    return settled(lambda: ask(server), wanted, pace, f"{server.probe}{name}")


def settled(
    look: Callable[[], Answer], wanted: Callable[[Answer], str | None], pace: Pace, name: str,
    pause_s: float | None = None,
) -> Answer:  # fmt: skip
    """Probe a server until it answers as wanted `TIMES_SEEN` times in a row.

    Args:
        look: probes it, by whatever protocol it uses.
        wanted: returns what is wrong with an answer, None if nothing is.
        pace: time limit of the step.
        name: name of the server, for the error.
        pause_s: seconds between two probes; None: `PAUSE_S`.

    Raises:
        ProofError: it does not answer so within `SETTLED_S`.
    """
    deadline = time.monotonic() + min(SETTLED_S, pace.left_s)
    n_seen = 0
    while True:
        pace.check()
        try:
            seen = look()
            wrong = wanted(seen)
        except (Unreachable, Forbidden) as error:
            wrong = str(error)
        n_seen = 0 if wrong else n_seen + 1
        if n_seen == TIMES_SEEN:
            return seen
        if wrong and time.monotonic() > deadline:
            raise ProofError(f"{name}: {wrong}")
        time.sleep(PAUSE_S if pause_s is None else pause_s)


def ask(server: Served) -> Probe:
    """Probe what the server negotiates now with a client that sends the target's name.

    Raises:
        Unreachable: nothing answers at its address.
    """
    host, port = server.address
    return probe(host, port, server_name=server.asked_name, protocol=server.protocol, reach=server.reach)


def addresses(declared: Iterable[object]) -> list[tuple[str, int]]:
    """Return host and port of the servers that targets name."""
    return [one.address for one in declared if isinstance(one, Served) and one.probe]
