"""The server that a target is about: its operator's commands, and what it answers on the wire."""

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
"""A server that has been told to read its files again may take this long to do so."""
TIMES_SEEN = 2
"""So often in a row it has to answer as wanted: for a moment its former processes answer beside the new ones
(nginx leaves them the port for 0.1 s)."""
PAUSE_S = 0.2
SHOWN_BYTES = 4000
"""Of what a command wrote; longer output is shown without its middle."""
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
"""What a command is given; the worker's own environment may hold the key-encryption key."""


def run(command: Sequence[str], limit_s: float = LONGEST_COMMAND_S) -> None:
    """Run an operator's command, without a shell and without this process's environment of secrets.

    It has ended when its own process has: a daemon that it leaves may keep its output open.

    Raises:
        ProofError: it cannot be run, takes too long, or fails; what it wrote says why.
    """
    if not command:
        return
    shown = shlex.join(command)
    # Files and not pipes: a pipe ends only when the last process that inherited it does.
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
    """End a command with all that it started and that stayed in its session."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _written(stream: IO[bytes]) -> str:
    """What a command wrote, as one line of printable text, without the middle of what is long."""
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
    name = f" ({server.asked_name})" if server.asked_name else ""
    return settled(lambda: ask(server), wanted, pace, f"{server.probe}{name}")


def settled(
    look: Callable[[], Answer], wanted: Callable[[Answer], str | None], pace: Pace, name: str,
    pause_s: float | None = None,
) -> Answer:  # fmt: skip
    """Look at a server until it answers as wanted, and does so `TIMES_SEEN` times in a row.

    Args:
        look: asks it, by whatever protocol it speaks.
        wanted: what is wrong with an answer, None where nothing is.
        pace: of the step.
        name: of the server, for the error.
        pause_s: between two looks; None: `PAUSE_S`.

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
    """What the server agrees to now, for a client that asks for the target's name.

    Raises:
        Unreachable: nothing answers at its address.
    """
    host, port = server.address
    return probe(host, port, server_name=server.asked_name, protocol=server.protocol, reach=server.reach)


def addresses(declared: Iterable[object]) -> list[tuple[str, int]]:
    """Host and port of the servers that targets name."""
    return [one.address for one in declared if isinstance(one, Served) and one.probe]
