"""The toric code on an L x L lattice with a qubit on each edge (Kitaev, Ann. Phys. 303, 2 (2003))."""

from __future__ import annotations

from novacron.codes.css import Code, Operator, Stabilizer


def toric(size: int) -> Code:
    """Return the code [[2 L^2, 2, L]]: stabilizers of Z on faces at even coordinates, of X on vertices.

    Edges right of face (i, j) come first, those below it after.
    """
    cells = [(i, j) for i in range(size) for j in range(size)]

    def right(i: int, j: int) -> int:
        return i % size * size + j % size

    def below(i: int, j: int) -> int:
        return size * size + right(i, j)

    faces = [
        Stabilizer("Z", (right(i, j), right(i, j - 1), below(i, j), below(i - 1, j)), (2 * j, 2 * i))
        for i, j in cells
    ]
    vertices = [
        Stabilizer("X", (right(i, j), right(i + 1, j), below(i, j), below(i, j + 1)), (2 * j + 1, 2 * i + 1))
        for i, j in cells
    ]
    line = range(size)
    logicals = (
        Operator("X", tuple(right(0, j) for j in line)),
        Operator("Z", tuple(right(i, 0) for i in line)),
        Operator("X", tuple(below(i, 0) for i in line)),
        Operator("Z", tuple(below(0, j) for j in line)),
    )
    places = (*((2 * j + 1, 2 * i) for i, j in cells), *((2 * j, 2 * i + 1) for i, j in cells))
    return Code("toric", size, places, (*faces, *vertices), logicals, (2 * size, 2 * size))
