"""Cache of the kernels' machine code: location, completeness and compile lock; does not import Numba."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path(__file__).parent
ROUTER = FOLDER.parents[1] / "compiler" / "router" / "kernel.py"


def sources_digest() -> str:
    """Return a digest of all kernel sources: Numba checks the file of a function, not of those it calls."""
    digest = hashlib.sha256()
    for source in (*sorted(FOLDER.rglob("*.py")), ROUTER):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Return the cache folder: NUMBA_CACHE_DIR, else beside the sources, else in the user's cache."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return Path(chosen) / sources_digest()
    beside = FOLDER / "__pycache__"
    if os.access(beside if beside.exists() else FOLDER, os.W_OK):
        return beside / sources_digest()
    user = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(user) / "novacron" / sources_digest()


def is_compiled(precision: str) -> bool:
    """Return whether the code of that precision is complete."""
    return _mark(precision).exists()


def is_sealed() -> bool:
    """Return whether the code is complete and read-only, as in an image: then no function is cached."""
    return is_compiled("double") and not os.access(cache_folder(), os.W_OK)


def mark_compiled(precision: str) -> None:
    """Mark the code of that precision as complete."""
    _mark(precision).touch()


@contextmanager
def compiling() -> Iterator[None]:
    """Hold the lock that lets one process per machine compile; others wait, and load its result.

    The operating system releases it when the holder exits for any reason.
    """
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _mark(precision: str) -> Path:
    return cache_folder() / precision
