"""Compiles the kernels of simulators and router before a worker's first task, which they would delay."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workers.quantum.simulation.cpu import processor
from workers.quantum.simulation.cpu.code_cache import is_compiled

Process = subprocess.Popen[str]
ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "workers.quantum.warm")
COMPILING = (
    "the machine code of simulators and router is compiled now, once an installation; "
    "tasks wait for a minute or more (make setup does it ahead)"
)
NOT_COMPILED = "machine code could not be compiled ahead, so tasks compile what they need: {}"


def ensure(note: Callable[[str], None]) -> None:
    """Compile in a separate process, since Numba's threads must not be forked; or wait for one that does.

    Args:
        note: receives progress and failure messages.

    Raises:
        SystemExit: terminated by SIGTERM, or the code is for another kind of processor.
    """
    if why := processor.refusal():
        raise SystemExit(why)
    if is_compiled("double"):
        return
    with _ended_at_sigterm() as started:
        note(COMPILING)
        piped = subprocess.PIPE
        with subprocess.Popen(COMMAND, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=piped, text=True) as made:
            started(made)
            _, output = made.communicate()
    if made.returncode:
        note(NOT_COMPILED.format(output.strip().rpartition("\n")[2] or f"exit {made.returncode}"))


@contextmanager
def _ended_at_sigterm() -> Iterator[Callable[[Process], None]]:
    """Terminate the registered process and exit on SIGTERM, before a worker's drain handler is installed."""
    processes: list[Process] = []
    received: list[int] = []

    def leave(number: int, _: Any) -> None:
        received.append(number)
        for process in processes:
            process.terminate()

    def started(process: Process) -> None:
        processes.append(process)
        if received:
            process.terminate()

    former = signal.signal(signal.SIGTERM, leave)
    try:
        yield started
    finally:
        signal.signal(signal.SIGTERM, former)
    if received:
        raise SystemExit(0)
