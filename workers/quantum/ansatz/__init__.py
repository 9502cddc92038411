"""Ansaetze from the `ansatz` field of a canonical hybrid_vqe spec."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workers.quantum.ansatz.adapt import adapt
from workers.quantum.ansatz.base import AnsatzError, Trial
from workers.quantum.ansatz.circuit import circuit
from workers.quantum.ansatz.hamiltonian_variational import hamiltonian_variational
from workers.quantum.ansatz.hardware_efficient import hardware_efficient
from workers.quantum.ansatz.uccsd import uccsd
from workers.quantum.hamiltonians.base import Hamiltonian

ANSAETZE: dict[str, Callable[[Mapping[str, Any], Hamiltonian], Trial]] = {
    "uccsd": uccsd,
    "adapt": adapt,
    "hamiltonian_variational": hamiltonian_variational,
    "hardware_efficient": hardware_efficient,
    "circuit": circuit,
}


def ansatz(spec: Mapping[str, Any], hamiltonian: Hamiltonian) -> Trial:
    """Build an ansatz for a Hamiltonian.

    Args:
        spec: The canonical dictionary; `name` is a key of `ANSAETZE`.
        hamiltonian: What it is to minimise.

    Raises:
        AnsatzError: Unknown name, or options that do not fit the Hamiltonian.
    """
    name = spec.get("name")
    if name not in ANSAETZE:
        raise AnsatzError(f"ansatz.name: unknown ansatz {name!r}; known: {', '.join(ANSAETZE)}")
    return ANSAETZE[name](spec, hamiltonian)
