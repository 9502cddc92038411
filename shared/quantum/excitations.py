"""Fermionic excitations between modes (even modes spin up, odd ones down), and those allowed by symmetry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import TypeAlias

Modes: TypeAlias = tuple[int, ...]
Pair: TypeAlias = tuple[Modes, Modes]


def singles_doubles(reference: str) -> Iterator[Pair]:
    """Yield (sources, targets) of spin-conserving doubles, then singles, from occupied to empty modes.

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
    """Yield all doubles, then all singles, between any modes, each in one direction, that conserve each spin.

    Excitations that vanish on every state with the reference's electrons, for lack of electrons or holes of a
    spin, are omitted.

    Source: Lee et al., J. Chem. Theory Comput. 15, 311 (2019).
    """
    for order in (2, 1):
        for sources, targets in combinations(combinations(range(len(reference)), order), 2):
            apart = not set(sources) & set(targets)
            if apart and _keeps_spin(sources, targets) and _acts(sources, reference):
                yield sources, targets


def allowed(pairs: Iterable[Pair], x_masks: Iterable[int], n_qubits: int) -> Iterator[Pair]:
    """Yield the excitations allowed by all parity symmetries of a Hamiltonian.

    Args:
        pairs: the excitations.
        x_masks: X masks of the Hamiltonian's terms under Jordan-Wigner, qubit q of n being bit n - 1 - q.
        n_qubits: number of qubits of the Hamiltonian.
    """
    span = Span(x_masks)
    for sources, targets in pairs:
        if sum(1 << (n_qubits - 1 - q) for q in sources + targets) in span:
            yield sources, targets


def _acts(sources: Modes, reference: str) -> bool:
    """Return whether enough electrons and holes of each spin exist for an excitation."""
    moved = [sum(q % 2 == spin for q in sources) for spin in (0, 1)]
    return all(
        count <= min(reference[spin::2].count("1"), reference[spin::2].count("0"))
        for spin, count in enumerate(moved)
    )


def _keeps_spin(sources: Modes, targets: Modes) -> bool:
    return sum(q % 2 for q in sources) == sum(q % 2 for q in targets)


class Span:
    """The span of some bit masks over GF(2)."""

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
