"""Where the kernels' machine code is kept, what of it is there, and who may make it; no import of Numba."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path(__file__).parent


def sources_digest() -> str:
    """Changes with any kernel's source: Numba looks at the file of a function, not at those it calls."""
    digest = hashlib.sha256()
    for source in sorted(FOLDER.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Where compiled code lies: NUMBA_CACHE_DIR, else beside the sources, else in the user's cache."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return Path(chosen) / sources_digest()
    beside = FOLDER / "__pycache__"
    if os.access(beside if beside.exists() else FOLDER, os.W_OK):
        return beside / sources_digest()
    user = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(user) / "novacron" / sources_digest()


def is_compiled(precision: str) -> bool:
    """Whether the code of that precision is there whole."""
    return _mark(precision).exists()


def is_sealed() -> bool:
    """Whether the code is there whole and nobody may add to it, as in an image: no function is kept then."""
    return is_compiled("double") and not os.access(cache_folder(), os.W_OK)


def mark_compiled(precision: str) -> None:
    """Remember that it is."""
    _mark(precision).touch()


@contextmanager
def compiling() -> Iterator[None]:
    """Hold what lets one process of the machine compile; the others wait, and load what it made.

    The operating system lets go of it when its holder ends, however it does.
    """
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _mark(precision: str) -> Path:
    return cache_folder() / precision
