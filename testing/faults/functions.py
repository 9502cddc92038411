"""Functions that leave traces or cause faults, provided to workers as an installed package."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from shared.functions import GROUP, Argument, Function

METADATA = "Metadata-Version: 2.1\nName: novacron-faults\nVersion: 1\n"
ENTRIES = ("TRACE", "DIE", "DEAF")


def trace(arguments: Mapping[str, Any], seed: int, checkpoint: Callable[[], None]) -> dict[str, int]:
    """Log the start of a call, wait, log its end."""
    _note(arguments["path"], "began", seed)
    until = time.monotonic() + arguments["seconds"]
    while (left := until - time.monotonic()) > 0:
        checkpoint()
        time.sleep(min(0.05, left))
    _note(arguments["path"], "ended", seed)
    return {"seed": seed}


def die(arguments: Mapping[str, Any], seed: int, checkpoint: Callable[[], None]) -> dict[str, int]:
    """Kill the process as the OOM killer does; calls with other seeds only trace."""
    _note(arguments["path"], "began", seed)
    if seed == arguments["victim"]:
        os.kill(os.getpid(), signal.SIGKILL)
    _note(arguments["path"], "ended", seed)
    return {"seed": seed}


def deaf(arguments: Mapping[str, Any], seed: int, checkpoint: Callable[[], None]) -> dict[str, int]:
    """Wait in C code, where no Python signal handler runs, without checkpoints."""
    _note(arguments["path"], "began", seed)
    clock = ctypes.CDLL(None)
    until = time.monotonic() + arguments["seconds"]
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
    while time.monotonic() < until:
        clock.usleep(50_000)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR2})
    _note(arguments["path"], "ended", seed)
    return {"seed": seed}


def _note(path: str, word: str, seed: int) -> None:
    """Append one line of less than a page, which O_APPEND writes atomically.

    A file size limit simulates a full disk of the stack; traces lie on another disk.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.write(descriptor, f"{word} {seed} {os.getpid()} {time.time():.4f}\n".encode())
    os.close(descriptor)


def notes(path: Path, word: str) -> list[tuple[int, int, float]]:
    """Return (seed, process, time) of the lines that begin with this word."""
    lines = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
    return [(int(line[1]), int(line[2]), float(line[3])) for line in lines if line[0] == word]


PATH = Argument("path", "string", "file for the traces")
SECONDS = Argument("seconds", "number", "how long", default=0.0, minimum=0)
VICTIM = Argument("victim", "integer", "seed of the call that dies")

TRACE = Function("fault_trace", "Leave traces.", (PATH, SECONDS), f"{__name__}:trace")
DIE = Function("fault_die", "Kill the worker.", (PATH, VICTIM), f"{__name__}:die")
DEAF = Function("fault_deaf", "Stop for nobody.", (PATH, SECONDS), f"{__name__}:deaf")


def offer(folder: Path) -> None:
    """Create a folder that, on the import path, provides these functions as an installed package would."""
    package = folder / "novacron_faults-1.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text(METADATA)
    lines = [f"{name.lower()} = {__name__}:{name}" for name in ENTRIES]
    (package / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines]) + "\n")
