"""The geometry of rotated surface codes: rectangles of data qubits and their plaquettes.

Positions are (row, column) on a grid of half steps: data qubits are at odd ones, plaquettes at even ones.
Logical Z is a row of Z, logical X a column of X; top and bottom edges have plaquettes of X, left and right
ones of Z (Bombin and Martin-Delgado, Phys. Rev. A 76, 012305 (2007)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

Position: TypeAlias = tuple[int, int]
Basis: TypeAlias = Literal["X", "Z"]

ORDERS: dict[Basis, tuple[Position, ...]] = {
    "X": ((-1, -1), (-1, 1), (1, -1), (1, 1)),
    "Z": ((-1, -1), (1, -1), (-1, 1), (1, 1)),
}
"""Steps from a plaquette to its data qubits, in the order of its CNOTs: a fault of the auxiliary qubit
between them leaves an error across the logical operator of its type, not along it (Tomita and Svore, Phys.
Rev. A 90, 062320 (2014))."""


def opposite(basis: Basis) -> Basis:
    """Return the other basis."""
    return "X" if basis == "Z" else "Z"


@dataclass(frozen=True)
class Rectangle:
    """A rectangle of data qubits, by the positions of its corner plaquettes, ends included."""

    top: int
    left: int
    bottom: int
    right: int

    @cached_property
    def data(self) -> tuple[Position, ...]:
        """Positions of the data qubits, by row."""
        rows, columns = range(self.top + 1, self.bottom, 2), range(self.left + 1, self.right, 2)
        return tuple((row, column) for row in rows for column in columns)

    @cached_property
    def plaquettes(self) -> dict[Position, Basis]:
        """Stabilizers, by position: four data qubits inside, two at an edge of the same type."""
        return dict(self._plaquettes())

    def _plaquettes(self) -> Iterator[tuple[Position, Basis]]:
        for row in range(self.top, self.bottom + 1, 2):
            for column in range(self.left, self.right + 1, 2):
                basis: Basis = "Z" if (row + column) // 2 % 2 else "X"
                edges: set[Basis] = {"X"} if row in (self.top, self.bottom) else set()
                edges |= {"Z"} if column in (self.left, self.right) else set()
                if edges <= {basis}:
                    yield (row, column), basis

    def support(self, plaquette: Position) -> list[Position | None]:
        """Return a plaquette's data qubits in the order of its CNOTs, None for those that it lacks."""
        row, column = plaquette
        places = ((row + y, column + x) for y, x in ORDERS[self.plaquettes[plaquette]])
        return [at if self._holds(at) else None for at in places]

    def _holds(self, data: Position) -> bool:
        return self.top < data[0] < self.bottom and self.left < data[1] < self.right

    @property
    def middle(self) -> Position:
        """The data qubit in the middle, where the logical operators cross."""
        return (self.top + self.bottom) // 2, (self.left + self.right) // 2

    def logical(self, basis: Basis) -> list[Position]:
        """Return the data qubits of the logical operator: the middle row for Z, the middle column for X."""
        axis = 0 if basis == "Z" else 1
        return [at for at in self.data if at[axis] == self.middle[axis]]

    def rotated(self, at: Position) -> Position:
        """Return where a quarter turn of a square moves a position: plaquettes of X to plaquettes of Z."""
        return self.top + at[1] - self.left, self.left + self.bottom - at[0]

    def joined(self, other: Rectangle) -> Rectangle:
        """Return the rectangle that holds both."""
        return Rectangle(
            min(self.top, other.top), min(self.left, other.left),
            max(self.bottom, other.bottom), max(self.right, other.right),
        )  # fmt: skip


def block(distance: int, row: int, column: int) -> Rectangle:
    """Return a square patch; neighbouring blocks are one row or column of data qubits apart."""
    top, left = 2 * (distance + 1) * row, 2 * (distance + 1) * column
    return Rectangle(top, left, top + 2 * distance, left + 2 * distance)
