"""Processes of a stack, found without what it has published: after a crash, and to be sure of an end."""

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
"""What there is, in the order of its end: nobody loses what it stands on. Signal, and seconds it has then."""


def find(data: Path) -> list[psutil.Process]:
    """Processes started by a supervisor of this folder.

    They are told by the random name in their environment, which only processes of that stack carry;
    process ids, which the system gives to others in time, are not trusted. Where the file with the name is
    gone or damaged, the folder tells them alone.
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
    """Supervisors of this folder, told by their command line."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            words = process.cmdline()
            if "supervise" in words and str(data) in words and process.pid != os.getpid():
                found.append(process)
    return found


def end(data: Path) -> list[str]:
    """End what `find` finds, gently at first, those first that need the others; returns their names."""
    found = {process: _name(process) for process in find(data)}
    for kind, (number, grace_s) in KINDS.items():
        _end_together([process for process, name in found.items() if _kind(name) == kind], number, grace_s)
    return sorted(set(found.values()))


def _end_together(processes: Sequence[psutil.Process], number: int, grace_s: float) -> None:
    pids = {process.pid for process in processes}
    for process in processes:
        with contextlib.suppress(psutil.Error):
            if process.ppid() not in pids:  # who is asked ends its children itself
                process.send_signal(number)
    _, alive = psutil.wait_procs(processes, timeout=grace_s)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=GRACE_S)


def left(data: Path, patience_s: float = GRACE_S) -> list[str]:
    """What still runs of a stack that was stopped, as `name (pid)`; looked at again until it is over."""
    deadline = time.monotonic() + patience_s
    while found := find(data):
        if time.monotonic() > deadline:
            return sorted(f"{_name(process)} ({process.pid})" for process in found)
        time.sleep(0.05)
    return []


def _name(process: psutil.Process) -> str:
    """What a process of the stack does."""
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
    """The row of `KINDS`; what is not known goes first."""
    return next((kind for kind in KINDS if name.startswith(kind)), "worker")
