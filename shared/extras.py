"""Optional parts of the package that only some workers have: what they are for, and the module of each."""

from __future__ import annotations

from importlib.util import find_spec

MODULES = {"chem": "pyscf"}
"""Extra -> a module that it installs."""


def installed() -> list[str]:
    """Return the extras that this process can use."""
    return [extra for extra, module in MODULES.items() if find_spec(module) is not None]


def install(extra: str) -> str:
    """Return what an operator does so that a worker has an extra."""
    return f"pip install 'novacron[{extra}]' where a worker of cpu-sim runs, and restart it"
