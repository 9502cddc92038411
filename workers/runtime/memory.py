"""Memory available to a task, limited by the machine and by the container."""

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
    """Return the total memory of this process in bytes."""
    machine = int(psutil.virtual_memory().total)
    return min(machine, _cgroup("memory.max") or machine)


def available() -> int:
    """Return the memory available now in bytes."""
    free = int(psutil.virtual_memory().available)
    limit, used = _cgroup("memory.max"), _cgroup("memory.current")
    return min(free, limit - used) if limit is not None and used is not None else free


def limit(configured: int) -> int:
    """Return the bytes above which a worker child is stopped: as configured, else most of the machine's."""
    return configured or int(RESERVE * total())


def check(wanted: int) -> None:
    """Reject work that does not fit.

    Raises:
        ResourceExhaustedError: with the bytes needed and available.
    """
    if wanted and wanted > (had := available()):
        raise ResourceExhaustedError(f"the task needs {wanted:,} bytes of memory and {had:,} are available")
