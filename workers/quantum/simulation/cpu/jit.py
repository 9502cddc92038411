"""Compilation of kernels: once per installation, cached on disk."""

from __future__ import annotations

from typing import Any

from numba import config, njit
from numba.core.caching import UserProvidedCacheLocator

from workers.quantum.simulation.cpu import processor
from workers.quantum.simulation.cpu.code_cache import cache_folder, is_sealed

config.CACHE_DIR = str(cache_folder())
if processor.named():
    config.CPU_NAME, config.CPU_FEATURES = processor.named(), ""
OPTIONS: dict[str, bool | str] = {"nogil": True, "error_model": "numpy"}


class Sealed(UserProvidedCacheLocator):  # type: ignore[misc]
    """Loads code from a read-only folder, which Numba would not use."""

    def ensure_cache_path(self) -> None:
        """Do nothing: the folder exists."""


if is_sealed():
    config.CACHE_LOCATOR_CLASSES = f"{Sealed.__module__}.{Sealed.__qualname__}"


def compiled(function: Any) -> Any:
    """Compile for any argument types at first call, on the caller's thread.

    Two processes that compile one function for different types at once would corrupt its cache files.
    """
    made = njit(cache=True, **OPTIONS)(function)
    if is_sealed():
        made._cache.save_overload = _drop
    return made


def inner(function: Any) -> Any:
    """Compile a function called only by compiled code: without a Python entry point or a cache entry."""
    return njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **OPTIONS)(function)


def _drop(_signature: Any, _code: Any) -> None:
    """Discard: code missing from a read-only folder is compiled by each process that needs it."""
