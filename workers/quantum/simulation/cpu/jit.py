"""How kernels are compiled: once an installation, kept on disk."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from numba import config, njit

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


config.CACHE_DIR = str(cache_folder())
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}


def compiled(function: Any) -> Any:
    """Compile for any argument types at first call, on the caller's thread.

    Two processes that compile one function for different types at once would mix up its files.
    """
    return njit(cache=True, **OPTIONS)(function)


def inner(function: Any) -> Any:
    """For functions that only compiled code calls: no way in from Python is made, and none is kept alone."""
    return njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **OPTIONS)(function)
