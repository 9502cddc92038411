"""How much memory there is for a task, by the machine and by the container's limit."""

from __future__ import annotations

from pathlib import Path

import psutil

from workers.runtime.outcome import ResourceExhaustedError

CGROUP = Path("/sys/fs/cgroup")
RESERVE = 0.9


def _cgroup(name: str) -> int | None:
    try:
        return int((CGROUP / name).read_text())
    except (OSError, ValueError):
        return None


def total() -> int:
    """Bytes this process may use at all."""
    machine = int(psutil.virtual_memory().total)
    return min(machine, _cgroup("memory.max") or machine)


def available() -> int:
    """Bytes that can be had now."""
    free = int(psutil.virtual_memory().available)
    limit, used = _cgroup("memory.max"), _cgroup("memory.current")
    return min(free, limit - used) if limit is not None and used is not None else free


def limit(configured: int) -> int:
    """Bytes above which a worker child is stopped: the configured number, else most of the machine."""
    return configured or int(RESERVE * total())


def check(wanted: int) -> None:
    """Refuse to start what will not fit.

    Raises:
        ResourceExhaustedError: with the bytes wanted and had.
    """
    if wanted and wanted > (had := available()):
        raise ResourceExhaustedError(f"the task needs {wanted:,} bytes of memory and {had:,} are available")
