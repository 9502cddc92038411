"""Groups ops that share a buffer: greedily, as long as the bits they change fit in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

LEAST_CONTIGUOUS = 3


@dataclass(frozen=True)
class Item:
    """An op, or one bit of a layer.

    Attributes:
        op: Row of the flat program.
        moved: Mask of the bits it changes.
        read: Mask of the bits on which it is diagonal.
    """

    op: int
    moved: int
    read: int


@dataclass(frozen=True)
class Group:
    """Items executed in one pass.

    Attributes:
        items: In order.
        bits: Positions in the buffer, ascending.
        n_bits: Bits of the register.
    """

    items: tuple[Item, ...]
    bits: tuple[int, ...]
    n_bits: int

    @cached_property
    def contiguous(self) -> int:
        """Number of low buffer bits that are the register's lowest bits."""
        return next((k for k, bit in enumerate(self.bits) if bit != k), len(self.bits))

    @cached_property
    def outer(self) -> list[int]:
        """The positions outside the buffer, ascending."""
        return [bit for bit in range(self.n_bits) if bit not in self.bits]

    def runs(self) -> NDArray[np.int64]:
        """Return the start of each contiguous run of a buffer, int64[2^(bits - contiguous)]."""
        rest = self.bits[self.contiguous :]
        index = np.arange(1 << len(rest), dtype=np.int64)
        starts = np.zeros_like(index)
        for k, bit in enumerate(rest):
            starts |= (index >> k & 1) << bit
        return starts

    def place(self, bit: int) -> int:
        """Return a bit's position in the buffer, -1 outside."""
        return self.bits.index(bit) if bit in self.bits else -1

    def local(self, mask: int) -> int:
        """Return the mask's part inside the buffer, in buffer bits."""
        return sum(1 << k for k, bit in enumerate(self.bits) if mask >> bit & 1)

    def outside(self, mask: int) -> int:
        """Return the mask's part outside the buffer."""
        return mask & ~sum(1 << bit for bit in self.bits)


def grouped(items: list[Item], n_bits: int, local_bits: int) -> list[Group]:
    """Return groups that in order are equivalent to the items.

    Half the buffer's bits are the lowest ones, so that it is filled in long runs. A group wider than the
    buffer holds one item on all bits. There is at least one group.
    """
    groups = []
    contiguous = max(LEAST_CONTIGUOUS, local_bits // 2)
    low = (1 << contiguous) - 1
    high = (1 << n_bits) - (1 << (n_bits - (local_bits - contiguous)))
    while items:
        if (low | items[0].moved).bit_count() > local_bits:
            groups.append(Group((items.pop(0),), tuple(range(n_bits)), n_bits))
            continue
        seeds = (low, low | high) if n_bits > local_bits else (low,)
        tries = [_taken(items, seed, local_bits) for seed in seeds]
        taken, left, local = max(tries, key=lambda found: len(found[0]))
        if not taken:
            taken, left, local = tries[0]
        groups.append(Group(tuple(taken), _filled(local, n_bits, local_bits), n_bits))
        items = left
    return groups or [Group((), tuple(range(min(local_bits, n_bits))), n_bits)]


def _taken(items: list[Item], local: int, local_bits: int) -> tuple[list[Item], list[Item], int]:
    """Return the items that can go first within so many changed bits, the others, and the mask of bits."""
    taken, left, moved, read = [], [], 0, 0
    for item in items:
        free = not item.moved & (moved | read) and not item.read & moved
        if free and (local | item.moved).bit_count() <= local_bits:
            local |= item.moved
            taken.append(item)
        else:
            moved |= item.moved
            read |= item.read
            left.append(item)
    return taken, left, local


def _filled(local: int, n_bits: int, local_bits: int) -> tuple[int, ...]:
    for bit in range(n_bits):
        if local.bit_count() < min(local_bits, n_bits):
            local |= 1 << bit
    return tuple(bit for bit in range(n_bits) if local >> bit & 1)
