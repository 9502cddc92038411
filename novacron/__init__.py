"""NovaCron: durable hybrid quantum-classical jobs. Example: `Client().submit(VQE(...)).result().energy`."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from novacron._version import __version__

if TYPE_CHECKING:
    from novacron._transport.stream import Event
    from novacron.async_client import AsyncClient, AsyncJob
    from novacron.client import Client, Job
    from novacron.errors import BadInput, JobCancelled, JobFailed, NovaCronError
    from novacron.specs import QAOA, QML, VQE, Budget, Circuit, Classical, Crypto, QECMemory, Sweep

_HOMES = {
    "QAOA": "specs",
    "QML": "specs",
    "VQE": "specs",
    "AsyncClient": "async_client",
    "AsyncJob": "async_client",
    "BadInput": "errors",
    "Budget": "specs",
    "Circuit": "specs",
    "Classical": "specs",
    "Client": "client",
    "Crypto": "specs",
    "Event": "_transport.stream",
    "Job": "client",
    "JobCancelled": "errors",
    "JobFailed": "errors",
    "NovaCronError": "errors",
    "QECMemory": "specs",
    "Sweep": "specs",
}

__all__ = [
    "QAOA",
    "QML",
    "VQE",
    "AsyncClient",
    "AsyncJob",
    "BadInput",
    "Budget",
    "Circuit",
    "Classical",
    "Client",
    "Crypto",
    "Event",
    "Job",
    "JobCancelled",
    "JobFailed",
    "NovaCronError",
    "QECMemory",
    "Sweep",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'novacron' has no attribute {name!r}")
    value = getattr(import_module(f"novacron.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
