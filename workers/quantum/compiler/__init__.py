"""The compiler: rewrites circuits for devices with few two-qubit gates, and proves each result."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workers.quantum.compiler.compiled import Compiled, Options
    from workers.quantum.compiler.pipeline import compile, conclude, enter
    from workers.quantum.compiler.verify import DOUBTS

# Imported at first use: the router, which has machine code, needs neither Qiskit nor Stim.
_HOMES = {
    "DOUBTS": "verify",
    "Compiled": "compiled",
    "Options": "compiled",
    "compile": "pipeline",
    "conclude": "pipeline",
    "enter": "pipeline",
}

__all__ = ["DOUBTS", "Compiled", "Options", "compile", "conclude", "enter"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
