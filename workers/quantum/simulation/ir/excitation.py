"""Fermionic excitation rotations as lists of index pairs.

exp(angle (T - T^dagger)) rotates each pair |i> -> |j> = +-T|i> by the real angle and leaves all other states
unchanged. The sign determines the order of the pair: (i, j) if T|i> = |j>, (j, i) if T|i> = -|j>.

Source: Romero et al., Quantum Sci. Technol. 4, 014008 (2018); signs by Jordan and Wigner (1928), as in
Seeley, Richard, Love, J. Chem. Phys. 137, 224109 (2012), eq. 9.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.ir.program import Excitation

Indices = NDArray[np.int64]


class Move(NamedTuple):
    """The action of an excitation on basis indices; mode q of n is bit n-1-q.

    Attributes:
        sources: Bits that must be 1 and become 0.
        both: Those and the bits that must be 0 and become 1.
        string: Bits whose parity in the starting state flips the sign: the Jordan-Wigner strings.
        odd: 1 if the sign is flipped once more.
    """

    sources: int
    both: int
    string: int
    odd: int


def move(op: Excitation, n_qubits: int) -> Move:
    """Return the masks of an excitation."""
    return _masks(op.sources, op.targets, n_qubits)


# An ansatz that grows evaluates its whole pool at every step.
@lru_cache(maxsize=1 << 14)
def _masks(sources: tuple[int, ...], targets: tuple[int, ...], n_qubits: int) -> Move:
    string = odd = changed = 0
    # Each ladder operator counts the occupied modes before its own.
    for mode in (*sources, *reversed(targets)):
        bit = 1 << (n_qubits - 1 - mode)
        before = (1 << n_qubits) - 2 * bit
        string ^= before
        odd ^= (changed & before).bit_count() & 1
        changed ^= bit
    return Move(sum(1 << (n_qubits - 1 - q) for q in sources), changed, string, odd)


def pairs(op: Excitation, basis: Indices, n_qubits: int) -> tuple[Indices, Indices]:
    """Return the pairs (first, second) of basis states that the rotation mixes.

    Args:
        op: The excitation.
        basis: int64[m], the basis indices considered.
        n_qubits: Number of modes; mode q is bit n_qubits-1-q.

    Returns:
        Two int64 arrays of basis indices: first -> cos first + sin second, second -> cos second - sin first.
    """
    sources, both, string, odd = move(op, n_qubits)
    start = basis[(basis & both) == sources]
    end = start ^ both
    negative = (np.bitwise_count(start & string) & 1) != odd
    return np.where(negative, end, start), np.where(negative, start, end)
