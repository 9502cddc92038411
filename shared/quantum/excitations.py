"""Excitations of fermions between modes, even modes spin up, odd ones down, and which of them may act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import TypeAlias

Modes: TypeAlias = tuple[int, ...]
Pair: TypeAlias = tuple[Modes, Modes]


def singles_doubles(reference: str) -> Iterator[Pair]:
    """(sources, targets) of all doubles, then all singles, from occupied to empty modes, that keep each spin.

    Args:
        reference: Occupied modes are 1; even modes are spin up, odd ones down.
    """
    occupied = [q for q, bit in enumerate(reference) if bit == "1"]
    empty = [q for q, bit in enumerate(reference) if bit == "0"]
    for order in (2, 1):
        for sources in combinations(occupied, order):
            for targets in combinations(empty, order):
                if _keeps_spin(sources, targets):
                    yield sources, targets


def generalized(reference: str) -> Iterator[Pair]:
    """All doubles, then all singles, between any modes, each in one direction, that keep each spin.

    Left out are those that act on no state with the reference's electrons: too few of a spin, or of holes.

    Source: Lee et al., J. Chem. Theory Comput. 15, 311 (2019).
    """
    for order in (2, 1):
        for sources, targets in combinations(combinations(range(len(reference)), order), 2):
            apart = not set(sources) & set(targets)
            if apart and _keeps_spin(sources, targets) and _acts(sources, reference):
                yield sources, targets


def allowed(pairs: Iterable[Pair], x_masks: Iterable[int], n_qubits: int) -> Iterator[Pair]:
    """Those that no parity symmetry of a Hamiltonian forbids.

    Args:
        pairs: the excitations.
        x_masks: of the Hamiltonian's terms under Jordan-Wigner, qubit q of n being bit n - 1 - q.
        n_qubits: of the Hamiltonian.
    """
    span = Span(x_masks)
    for sources, targets in pairs:
        if sum(1 << (n_qubits - 1 - q) for q in sources + targets) in span:
            yield sources, targets


def _acts(sources: Modes, reference: str) -> bool:
    """Whether there are as many electrons and as many holes of each spin as an excitation moves."""
    moved = [sum(q % 2 == spin for q in sources) for spin in (0, 1)]
    return all(
        count <= min(reference[spin::2].count("1"), reference[spin::2].count("0"))
        for spin, count in enumerate(moved)
    )


def _keeps_spin(sources: Modes, targets: Modes) -> bool:
    return sum(q % 2 for q in sources) == sum(q % 2 for q in targets)


class Span:
    """All sums modulo 2 of some bit masks."""

    def __init__(self, masks: Iterable[int]) -> None:
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
