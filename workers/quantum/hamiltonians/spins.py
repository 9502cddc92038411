"""Spin chains."""

from __future__ import annotations

from novacron.specs.hamiltonian import Heisenberg, Tfim
from workers.quantum.hamiltonians.base import Hamiltonian, bonds
from workers.quantum.simulation.ir.pauli import PauliSum


def tfim(spec: Tfim) -> Hamiltonian:
    """H = -J sum Z_i Z_i+1 - h sum X_i - hz sum Z_i.

    Source: Pfeuty, Ann. Phys. 57, 79 (1970), eq. 1.1, in Pauli matrices.
    """
    return _chain(spec, {"ZZ": -spec.J}, {"X": -spec.h, "Z": -spec.hz})


def heisenberg(spec: Heisenberg) -> Hamiltonian:
    """H = sum (Jx X_i X_i+1 + Jy Y_i Y_i+1 + Jz Z_i Z_i+1) + h sum Z_i."""
    return _chain(spec, {"XX": spec.Jx, "YY": spec.Jy, "ZZ": spec.Jz}, {"Z": spec.h})


def _chain(spec: Tfim | Heisenberg, couplings: dict[str, float], fields: dict[str, float]) -> Hamiltonian:
    n = spec.n_qubits
    terms = []
    for i, j in bonds(n, spec.periodic):
        terms += [(_placed(n, {i: pair[0], j: pair[1]}), c) for pair, c in couplings.items() if c]
    for i in range(n):
        terms += [(_placed(n, {i: letter}), c) for letter, c in fields.items() if c]
    return Hamiltonian(PauliSum.from_terms(terms))


def _placed(n: int, letters: dict[int, str]) -> str:
    return "".join(letters.get(q, "I") for q in range(n))
