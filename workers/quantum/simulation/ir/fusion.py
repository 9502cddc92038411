"""Fusion of operations that can share one pass over a state.

Blocks of operations wait on disjoint qubits. A further one joins the blocks it overlaps as long as the union
is worth one pass; the others are closed before it. Disjoint blocks commute, so the order is preserved.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Generic, TypeVar

Block = TypeVar("Block")


class Fusion(Generic[Block]):
    """The waiting blocks.

    Args:
        joined: returns the union of blocks that are disjoint except for the last, which is applied last; None
            if they are not worth one pass. A single block is its own union.
        qubits: returns the qubits of a block.
        rank: of the blocks that the new one does not join all, those of the highest rank are closed first; by
            default the widest.
    """

    def __init__(
        self,
        joined: Callable[[Sequence[Block]], Block | None],
        qubits: Callable[[Block], Collection[int]],
        rank: Callable[[Block], Any] | None = None,
    ) -> None:
        self._joined, self._qubits = joined, qubits
        self._rank = rank or (lambda block: len(qubits(block)))
        self._waiting: list[Block] = []

    def add(self, block: Block) -> list[Block]:
        """Add a block; return those that it closes, in order."""
        met = sorted(self._overlapping(self._qubits(block)), key=self._rank)
        closed: list[Block] = []
        while (whole := self._joined([*met, block])) is None:
            closed.append(met.pop())
        self._remove([*closed, *met])
        self._waiting.append(whole)
        return closed

    def close(self, qubits: Iterable[int] | None = None) -> list[Block]:
        """Return the blocks on these qubits, in their order, and stop their waiting; by default all."""
        if qubits is None:
            closed = self._waiting
        else:
            found = (one for qubit in qubits for one in self._overlapping((qubit,)))
            closed = list({id(one): one for one in found}.values())
        self._remove(closed)
        return closed

    def _overlapping(self, qubits: Collection[int]) -> list[Block]:
        mine = frozenset(qubits)
        return [one for one in self._waiting if not mine.isdisjoint(self._qubits(one))]

    def _remove(self, blocks: Iterable[Block]) -> None:
        gone = {id(one) for one in blocks}
        self._waiting = [one for one in self._waiting if id(one) not in gone]
