"""Backends by name; a module is imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, cast

from workers.runtime.outcome import UserError

if TYPE_CHECKING:
    from workers.quantum.backends.base import Backend
    from workers.quantum.backends.circuits import CircuitBackend

BACKENDS: dict[str, str] = {
    "statevector": "workers.quantum.backends.statevector:StateVector",
    "gpu": "workers.quantum.backends.gpu:Gpu",
}
"""What runs programs: variational loops and kernels."""

CIRCUITS: dict[str, str] = {
    "statevector": "workers.quantum.backends.pure_state:PureState",
    "density_matrix": "workers.quantum.backends.density_matrix:DensityMatrix",
    "trajectories": "workers.quantum.backends.trajectories:Trajectories",
    "stabilizer": "workers.quantum.backends.stabilizer:Stabilizer",
}
"""What runs circuit records, noise and measurements included."""


def load(name: str, precision: str = "double") -> Backend:
    """A fresh backend.

    Args:
        name: A key of `BACKENDS`.
        precision: "double" or "single".

    Raises:
        UserError: Unknown name or precision.
    """
    return cast("Backend", _named(name, BACKENDS)(precision=precision))


def load_circuits(name: str) -> CircuitBackend:
    """A fresh backend for circuits.

    Args:
        name: A key of `CIRCUITS`.

    Raises:
        UserError: Unknown name.
    """
    return cast("CircuitBackend", _named(name, CIRCUITS)())


def missing(name: str) -> str:
    """Why this machine cannot run a backend, empty where it can.

    A process that has seen a device must not be forked: see `workers.runtime.accelerator`.
    """
    if name != "gpu":
        return ""
    from workers.quantum.simulation.cuda.device import NoDeviceError, open_device

    try:
        open_device()
    except NoDeviceError as error:
        return str(error)
    return ""


def _named(name: str, table: dict[str, str]) -> Callable[..., object]:
    if name not in table:
        raise UserError(f"backend: unknown backend {name!r}; known: {', '.join(sorted(table))}")
    module, _, attribute = table[name].partition(":")
    made: Callable[..., object] = getattr(import_module(module), attribute)
    return made
