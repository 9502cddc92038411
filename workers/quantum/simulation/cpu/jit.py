"""How kernels are compiled: once an installation, kept on disk."""

from __future__ import annotations

from typing import Any

from numba import config, njit

from workers.quantum.simulation.cpu.code_cache import cache_folder

config.CACHE_DIR = str(cache_folder())
OPTIONS: dict[str, bool | str] = {"nogil": True, "error_model": "numpy"}


def compiled(function: Any) -> Any:
    """Compile for any argument types at first call, on the caller's thread.

    Two processes that compile one function for different types at once would mix up its files.
    """
    return njit(cache=True, **OPTIONS)(function)


def inner(function: Any) -> Any:
    """For functions that only compiled code calls: no way in from Python is made, and none is kept alone."""
    return njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **OPTIONS)(function)
