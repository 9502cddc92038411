"""Spin chains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workers.quantum.hamiltonians.base import Hamiltonian, HamiltonianError, bonds
from workers.quantum.simulation.ir.pauli import PauliSum


def tfim(spec: Mapping[str, Any]) -> Hamiltonian:
    """H = -J sum Z_i Z_i+1 - h sum X_i - hz sum Z_i.

    Args:
        spec: `n_qubits`, and optionally `J` (1), `h` (1), `hz` (0), `periodic` (False).

    Raises:
        HamiltonianError: No qubit, or all couplings zero.

    Source: Pfeuty, Ann. Phys. 57, 79 (1970), eq. 1.1, in Pauli matrices.
    """
    J, h, hz = (float(spec.get(key, default)) for key, default in (("J", 1.0), ("h", 1.0), ("hz", 0.0)))
    return _chain(spec, {"ZZ": -J}, {"X": -h, "Z": -hz})


def heisenberg(spec: Mapping[str, Any]) -> Hamiltonian:
    """H = sum (Jx X_i X_i+1 + Jy Y_i Y_i+1 + Jz Z_i Z_i+1) + h sum Z_i.

    Args:
        spec: `n_qubits`, and optionally `Jx`, `Jy`, `Jz` (1 each), `h` (0), `periodic` (False).

    Raises:
        HamiltonianError: No qubit, or all couplings zero.
    """
    couplings = {pair: float(spec.get(key, 1.0)) for pair, key in (("XX", "Jx"), ("YY", "Jy"), ("ZZ", "Jz"))}
    return _chain(spec, couplings, {"Z": float(spec.get("h", 0.0))})


def _chain(spec: Mapping[str, Any], couplings: dict[str, float], fields: dict[str, float]) -> Hamiltonian:
    n = int(spec["n_qubits"])
    if n < 1:
        raise HamiltonianError(f"hamiltonian.n_qubits: {n}; a chain needs at least 1")
    terms = []
    for i, j in bonds(n, bool(spec.get("periodic", False))):
        terms += [(_placed(n, {i: pair[0], j: pair[1]}), c) for pair, c in couplings.items() if c]
    for i in range(n):
        terms += [(_placed(n, {i: letter}), c) for letter, c in fields.items() if c]
    if not terms:
        raise HamiltonianError(f"hamiltonian: all couplings of this chain of {n} are zero")
    return Hamiltonian(PauliSum.from_terms(terms))


def _placed(n: int, letters: dict[int, str]) -> str:
    return "".join(letters.get(q, "I") for q in range(n))
