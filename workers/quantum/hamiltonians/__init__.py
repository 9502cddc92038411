"""Hamiltonians from the `hamiltonian` field of a canonical hybrid_vqe spec."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workers.quantum.hamiltonians.base import Hamiltonian, HamiltonianError
from workers.quantum.hamiltonians.fcidump import fcidump
from workers.quantum.hamiltonians.hubbard import hubbard
from workers.quantum.hamiltonians.spins import heisenberg, tfim
from workers.quantum.hamiltonians.terms import terms

MODELS: dict[str, Callable[[Mapping[str, Any]], Hamiltonian]] = {
    "tfim": tfim,
    "heisenberg": heisenberg,
    "hubbard": hubbard,
}


def hamiltonian(spec: Mapping[str, Any]) -> Hamiltonian:
    """Build a Hamiltonian.

    Args:
        spec: The canonical dictionary: with `terms`, with `fcidump` (the file's text), or with `model`.

    Raises:
        HamiltonianError: None of these, or what is there is not a Hamiltonian.
    """
    if spec.get("terms") is not None:
        return terms(spec)
    if spec.get("fcidump") is not None:
        return fcidump(spec)
    model = spec.get("model")
    if model not in MODELS:
        known = ", ".join(MODELS)
        raise HamiltonianError(f"hamiltonian: needs terms, fcidump or model ({known}), got model {model!r}")
    return MODELS[model](spec)
