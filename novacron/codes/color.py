"""The triangular colour code 6.6.6.

Sites (r, c) with 0 <= c <= r <= 3 (d - 1) / 2 form a triangle of a triangular lattice; those with r + c = 1
mod 3 are the centres of hexagonal faces of colour r mod 3, the others data qubits. Each face is an X and a Z
stabilizer.
"""

from __future__ import annotations

from math import sqrt

from novacron.codes.css import Code, Operator, Place, Stabilizer

COLOURS = ("red", "green", "blue")
NEIGHBOURS = ((0, -1), (0, 1), (-1, 0), (1, 0), (1, 1), (-1, -1))


def triangular(distance: int) -> Code:
    """Return the code [[(3 d^2 + 1) / 4, 1, d]]; its logical operators are one side of the triangle.

    The stabilizers of X come first, in the same order of faces as those of Z after them.
    """
    last = 3 * (distance - 1) // 2
    sites = [(row, column) for row in range(last + 1) for column in range(row + 1)]
    numbers = {site: k for k, site in enumerate(site for site in sites if sum(site) % 3 != 1)}
    stabilizers = [
        Stabilizer(
            pauli,
            tuple(numbers[r + i, c + j] for i, j in NEIGHBOURS if (r + i, c + j) in numbers),
            _place(r, c),
            COLOURS[r % 3],
        )
        for pauli in ("X", "Z")
        for r, c in sites
        if (r + c) % 3 == 1
    ]
    side = tuple(number for (_, column), number in numbers.items() if column == 0)
    places = tuple(_place(*site) for site in numbers)
    logicals = (Operator("X", side), Operator("Z", side))
    return Code("color_666", distance, places, tuple(stabilizers), logicals, stretch=sqrt(3))


def _place(row: int, column: int) -> Place:
    return (2 * column - row, row)
