"""Backends by name; a module is imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from workers.backends.base import Backend

BACKENDS: dict[str, str] = {
    "statevector": "workers.backends.statevector:StateVector",
}


def load(name: str) -> Backend:
    """A fresh backend.

    Args:
        name: A key of `BACKENDS`.

    Raises:
        ValueError: Unknown name.
    """
    target = BACKENDS.get(name)
    if target is None:
        raise ValueError(f"unknown backend {name!r}; known: {', '.join(sorted(BACKENDS))}")
    module, _, attribute = target.partition(":")
    return cast("Backend", getattr(import_module(module), attribute)())
