"""Unitary coupled cluster with singles and doubles, as a product of excitation rotations.

Source: Romero et al., Quantum Sci. Technol. 4, 014008 (2018), section 2; doubles act first, which costs fewer
evaluations and ends lower (Grimsley et al., J. Chem. Theory Comput. 16, 1 (2020), on operator order).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from workers.ansatz.base import Ansatz, AnsatzError
from workers.hamiltonians.base import Hamiltonian
from workers.simulation.program import Angle, Excitation, Program

Modes = tuple[int, ...]


def uccsd(spec: Mapping[str, Any], hamiltonian: Hamiltonian) -> Ansatz:
    """Doubles, then singles, on the Hartree-Fock state; particle number and spin projection are kept.

    Left out are excitations that a parity symmetry of the Hamiltonian forbids: their gradient is zero as long
    as they are, so that a minimisation from zero would never move them.

    Raises:
        AnsatzError: The Hamiltonian has no reference state, or nothing can be excited.
    """
    if hamiltonian.reference is None:
        raise AnsatzError("ansatz uccsd: the hamiltonian needs hf_bitstring (or an FCIDUMP or hubbard model)")
    n_qubits = hamiltonian.n_qubits
    allowed = Span(hamiltonian.operator.x_masks.tolist())
    chosen = [
        (sources, targets)
        for sources, targets in excitations(hamiltonian.reference)
        if sum(1 << (n_qubits - 1 - q) for q in sources + targets) in allowed
    ]
    if not chosen:
        raise AnsatzError(f"ansatz uccsd: nothing can be excited from {hamiltonian.reference!r}")
    ops = tuple(Excitation(s, t, Angle.parameter(k)) for k, (s, t) in enumerate(chosen))
    names = tuple("t_" + ".".join(map(str, s)) + "_" + ".".join(map(str, t)) for s, t in chosen)
    program = Program(n_qubits, len(ops), ops, int(hamiltonian.reference, 2))
    return Ansatz(program, names, np.zeros(len(ops)), spread=0.05)


def excitations(reference: str) -> Iterator[tuple[Modes, Modes]]:
    """(sources, targets) of all doubles, then all singles, that keep the number of each spin.

    Args:
        reference: Occupied modes are 1; even modes are spin up, odd ones down.
    """
    occupied = [q for q, bit in enumerate(reference) if bit == "1"]
    empty = [q for q, bit in enumerate(reference) if bit == "0"]
    for order in (2, 1):
        for sources in combinations(occupied, order):
            for targets in combinations(empty, order):
                if sum(q % 2 for q in sources) == sum(q % 2 for q in targets):
                    yield sources, targets


class Span:
    """All sums modulo 2 of some bit masks."""

    def __init__(self, masks: list[int]) -> None:
        self._pivots: dict[int, int] = {}
        for mask in masks:
            rest = self._reduced(mask)
            if rest:
                self._pivots[rest.bit_length()] = rest

    def __contains__(self, mask: int) -> bool:
        return self._reduced(mask) == 0

    def _reduced(self, mask: int) -> int:
        while mask and mask.bit_length() in self._pivots:
            mask ^= self._pivots[mask.bit_length()]
        return mask
