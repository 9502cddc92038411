"""The order that a circuit imposes on its operations, as arrays for the router.

On every wire, consecutive operations that are diagonal in the same Pauli basis form a set without order: they
commute, since each is a sum of products of that wire's projectors with operators on other wires.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

FENCE = -1
"""Cost class of an operation that needs no coupling and that no block extends across."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as the router sees it.

    Attributes:
        wires: the wires it acts on.
        bases: for each wire X, Y or Z if the operation is diagonal in that basis there, else empty.
        cost: CX gates of a two-qubit gate (1 to 3), 0 for a one-qubit gate, `FENCE` for anything else.
    """

    wires: tuple[int, ...]
    bases: tuple[str, ...]
    cost: int


class Dependencies(NamedTuple):
    """The operations of a circuit; a tuple, as machine code takes it.

    Attributes:
        coupled: int64[n_ops], CX gates of a two-qubit gate (1 to 3), 0 for a one-qubit gate, `FENCE` for
            others.
        wire_start: int64[n_ops + 1], first position of each operation in `wires`.
        wires: int64[n_places], wires of the operations.
        set_of: int64[n_places], the set of commuting operations that the place belongs to.
        first_set: int64[n_wires + 1], first set of each wire; the sets of a wire are numbered in order.
        member_start: int64[n_sets + 1], first position of each set in `members`.
        members: int64[n_places], operations of the sets.
    """

    coupled: Integers
    wire_start: Integers
    wires: Integers
    set_of: Integers
    first_set: Integers
    member_start: Integers
    members: Integers

    @classmethod
    def of(cls, operations: Sequence[Operation], n_wires: int) -> Dependencies:
        """Divide the operations on each wire into sets.

        Args:
            operations: in the order of the circuit.
            n_wires: number of wires.
        """
        sets: list[list[list[int]]] = [[] for _ in range(n_wires)]
        basis = [""] * n_wires
        places: list[tuple[int, int]] = []
        for number, operation in enumerate(operations):
            for wire, diagonal in zip(operation.wires, operation.bases, strict=True):
                if not diagonal or diagonal != basis[wire]:
                    sets[wire].append([])
                basis[wire] = diagonal
                sets[wire][-1].append(number)
                places.append((wire, len(sets[wire]) - 1))
        first_set = np.cumsum([0, *map(len, sets)])
        every = [members for on_wire in sets for members in on_wire]
        return cls(
            coupled=np.array([one.cost for one in operations], dtype=np.int64),
            wire_start=_starts([len(one.wires) for one in operations]),
            wires=np.array([wire for wire, _ in places], dtype=np.int64),
            set_of=np.array([first_set[wire] + index for wire, index in places], dtype=np.int64),
            first_set=first_set.astype(np.int64),
            member_start=_starts(list(map(len, every))),
            members=np.array([number for members in every for number in members], dtype=np.int64),
        )


def _starts(sizes: Sequence[int]) -> Integers:
    return np.cumsum([0, *sizes], dtype=np.int64)
