"""Processes of a stack, found without its published state: after a crash, and to verify a shutdown."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from scheduler.embedded.files import SECRET, recorded

GRACE_S = 2.0
KINDS = {
    "worker": (signal.SIGTERM, GRACE_S),
    "flower": (signal.SIGTERM, GRACE_S),
    "scheduler": (signal.SIGTERM, GRACE_S),
    "migrate": (signal.SIGTERM, GRACE_S),
    "redis": (signal.SIGTERM, GRACE_S),
    "postgres": (signal.SIGINT, 5.0),
}
"""Kinds of processes in shutdown order, dependents first. Signal, and its grace period in seconds."""


def find(data: Path) -> list[psutil.Process]:
    """Find processes started by a supervisor of this folder.

    They are recognised by the random name in their environment, which only processes of that stack carry;
    process ids are not trusted because the system reuses them. Where the file with the name is missing or
    damaged, the folder alone identifies them.
    """
    name = recorded(data / "stack").strip()
    found = []
    for process in psutil.process_iter():
        try:
            variables = process.environ()
        except (psutil.Error, OSError):
            continue
        stack = variables.get("NOVACRON_STACK")
        ours = stack == name if SECRET.fullmatch(name) else stack is not None
        if ours and variables.get("NOVACRON_DATA") == str(data) and process.pid != os.getpid():
            found.append(process)
    return found


def supervisors(data: Path) -> list[psutil.Process]:
    """Find supervisors of this folder by their command line."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            words = process.cmdline()
            if "supervise" in words and str(data) in words and process.pid != os.getpid():
                found.append(process)
    return found


def end(data: Path) -> list[str]:
    """End what `find` finds, dependents first, with SIGKILL after a grace period; return the names."""
    found = {process: _name(process) for process in find(data)}
    for kind, (number, grace_s) in KINDS.items():
        _end_together([process for process, name in found.items() if _kind(name) == kind], number, grace_s)
    return sorted(set(found.values()))


def _end_together(processes: Sequence[psutil.Process], number: int, grace_s: float) -> None:
    pids = {process.pid for process in processes}
    for process in processes:
        with contextlib.suppress(psutil.Error):
            if process.ppid() not in pids:  # a process that receives the signal ends its children itself
                process.send_signal(number)
    _, alive = psutil.wait_procs(processes, timeout=grace_s)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=GRACE_S)


def left(data: Path, patience_s: float = GRACE_S) -> list[str]:
    """Return what still runs of a stopped stack, as `name (pid)`; polls until nothing does or time is up."""
    deadline = time.monotonic() + patience_s
    while found := find(data):
        if time.monotonic() > deadline:
            return sorted(f"{_name(process)} ({process.pid})" for process in found)
        time.sleep(0.05)
    return []


def _name(process: psutil.Process) -> str:
    """Return the role of a process of the stack."""
    try:
        words, program = process.cmdline(), process.name()
    except psutil.Error:
        return "process"
    if "--queue" in words[:-1]:
        return f"worker-{words[words.index('--queue') + 1]}"
    modules = {"flower": "flower", "shared.db.migrate": "migrate", "scheduler": "scheduler"}
    if found := next((name for word, name in modules.items() if word in words), None):
        return found
    return "redis" if program.startswith(("redis", "valkey")) else program


def _kind(name: str) -> str:
    """Return the key in `KINDS`; unknown processes go first."""
    return next((kind for kind in KINDS if name.startswith(kind)), "worker")
