"""Processes of a stack whose supervisor was killed."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import psutil

GRACE_S = 2.0


def find(data: Path, stack: str) -> list[psutil.Process]:
    """Processes started by an earlier supervisor of this folder.

    They are told by the random name in their environment, which only processes of that stack carry;
    process ids, which the system gives to others in time, are not trusted.
    """
    found = []
    for process in psutil.process_iter():
        try:
            variables = process.environ()
        except (psutil.Error, OSError):
            continue
        ours = variables.get("NOVACRON_STACK") == stack and variables.get("NOVACRON_DATA") == str(data)
        if ours and process.pid != os.getpid():
            found.append(process)
    return found


def end(data: Path, stack: str) -> int:
    """End what `find` finds, gently at first; returns how many there were."""
    found = find(data, stack)
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(found, timeout=GRACE_S)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=GRACE_S)
    return len(found)
