"""Backends by name; each module is imported on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from shared.quantum.backends import BACKENDS
from workers.quantum import providers
from workers.quantum.providers import PROVIDERS
from workers.runtime.outcome import UserError

if TYPE_CHECKING:
    from workers.quantum.backends.base import Backend


def load(name: str, device: str = "", **options: Any) -> Backend:
    """Return a new backend.

    Args:
        name: A key of `BACKENDS`.
        device: One of its devices, if it represents several.
        options: Options of its class, such as `precision`.

    Raises:
        UserError: Unknown name, a device if there are none, or an unsupported option.
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
    """Return why this machine cannot run a backend, empty if it can.

    A process that has opened a CUDA device must not be forked; a process that will fork uses
    `runtime.accelerator`.
    """
    if name in PROVIDERS:
        return providers.missing(name)
    if name != "gpu":
        return BACKENDS[name].missing
    from workers.quantum.simulation.cuda.device import NoDeviceError, open_device

    try:
        open_device()
    except NoDeviceError as error:
        return str(error)
    return ""
