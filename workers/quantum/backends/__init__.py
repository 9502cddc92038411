"""Backends by name; a module is imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from shared.quantum.backends import BACKENDS
from workers.runtime.outcome import UserError

if TYPE_CHECKING:
    from workers.quantum.backends.base import Backend


def load(name: str, device: str = "", **options: Any) -> Backend:
    """A fresh backend.

    Args:
        name: A key of `BACKENDS`.
        device: Which of its devices, where it stands for several.
        options: Of its class, such as `precision`.

    Raises:
        UserError: Unknown name, a device where there are none, or an option that it does not take.
    """
    if name not in BACKENDS or BACKENDS[name].missing:
        known = ", ".join(sorted(name for name, row in BACKENDS.items() if not row.missing))
        raise UserError(f"backend: unknown backend {name!r}; known: {known}")
    if device and not BACKENDS[name].devices:
        raise UserError(f"backend: {name} has no devices, and none called {device!r}")
    options |= {"device": device} if BACKENDS[name].devices else {}
    module, _, attribute = BACKENDS[name].implementation.partition(":")
    return cast("Backend", getattr(import_module(module), attribute)(**options))


def missing(name: str) -> str:
    """Why this machine cannot run a backend, empty where it can.

    A process that has seen a device must not be forked; a process that will be asks `runtime.accelerator`.
    """
    if name != "gpu":
        return BACKENDS[name].missing
    from workers.quantum.simulation.cuda.device import NoDeviceError, open_device

    try:
        open_device()
    except NoDeviceError as error:
        return str(error)
    return ""
