"""`novacron ...` as a separate process, forked from one that has imported everything already."""

from __future__ import annotations

import io
import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from testing import copies
from testing.copies import STREAMS, Environment, Origin
from testing.patience import PATIENCE_S

PROGRAM = "novacron.cli"
STACKS = (("up",), ("down",))


def run(
    *arguments: str, environment: Environment, cwd: Path | None = None, timeout_s: float = PATIENCE_S
) -> subprocess.CompletedProcess[str]:
    """Run `novacron ARGUMENTS` and return its output as text.

    Commands that start or stop a stack, and the first use of an environment, start a new process.

    Raises:
        TimeoutExpired: it took longer; it is killed.
    """
    origin = None if arguments[:1] in STACKS else copies.repeated(PROGRAM, environment)
    if origin is not None:
        return _copied(origin, arguments, environment, cwd or Path.cwd(), timeout_s)
    return subprocess.run(
        [sys.executable, "-m", PROGRAM, *arguments],
        cwd=cwd, env=environment, capture_output=True, text=True, timeout=timeout_s, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def run_program(
    program: str, *arguments: str, environment: Environment, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a server program that terminates by itself and return its output as text.

    Args:
        program: a module with a function `main`.
        *arguments: command line arguments.
        environment: its environment.
        cwd: its working directory, None for that of this process.

    Raises:
        TimeoutExpired: it did not terminate; it is killed.
    """
    origin = copies.origin(program, environment)
    return _copied(origin, arguments, environment, cwd or Path.cwd(), PATIENCE_S)


def _copied(
    origin: Origin, arguments: tuple[str, ...], environment: Environment, cwd: Path, timeout_s: float
) -> subprocess.CompletedProcess[str]:
    wanted = {"arguments": arguments, "environment": environment, "cwd": str(cwd)}
    with ExitStack() as opened, open(os.devnull, "rb") as nothing:
        pipes = [os.pipe() for _ in STREAMS]
        reads = [opened.enter_context(open(reading, "rb", buffering=0)) for reading, _ in pipes]
        try:
            origin.start(wanted, [nothing.fileno(), *(writing for _, writing in pipes)])
        finally:
            for _, writing in pipes:
                os.close(writing)
        out, err, told = _read(reads, timeout_s, arguments)
    return subprocess.CompletedProcess(list(arguments), int(told.split()[1]), _text(out), _text(err))


def _read(reads: list[io.FileIO], timeout_s: float, arguments: tuple[str, ...]) -> list[bytes]:
    """Read all streams to their ends."""
    deadline = time.monotonic() + timeout_s
    read = {stream: b"" for stream in reads}
    with selectors.DefaultSelector() as selector:
        for stream in reads:
            selector.register(stream, selectors.EVENT_READ, stream)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                os.kill(int(read[reads[-1]].split()[0]), signal.SIGKILL)
                raise subprocess.TimeoutExpired(list(arguments), timeout_s)
            for key, _ in ready:
                found = key.data.read(1 << 16)
                if found:
                    read[key.data] += found
                else:
                    selector.unregister(key.fileobj)
    return [read[stream] for stream in reads]


def _text(read: bytes) -> str:
    with io.TextIOWrapper(io.BytesIO(read)) as text:
        return text.read()
