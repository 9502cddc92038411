"""Bivariate bicycle codes [[72, 12, 6]] and [[144, 12, 12]].

Source: Bravyi et al., Nature 627, 778 (2024), arXiv:2308.07915.

The l m cells of a torus hold a left and a right data qubit, an X and a Z stabilizer each. With the
polynomials A = x^3 + y + y^2 and B = y^3 + x + x^2, the X stabilizer of cell i acts on the left qubits of
the cells A i and the right ones of B i, the Z stabilizer on the left ones of B^T i and the right ones of
A^T i.
"""

from __future__ import annotations

from dataclasses import dataclass

from novacron.codes.css import Code, Stabilizer, logicals

SIZES = {6: (6, 6), 12: (12, 6)}
"""Distance -> (l, m)."""
Polynomial = tuple[tuple[int, int], ...]
A: Polynomial = ((3, 0), (0, 1), (0, 2))
B: Polynomial = ((0, 3), (1, 0), (2, 0))
"""Monomials x^i y^j as (i, j)."""


@dataclass(frozen=True, slots=True)
class Torus:
    """The cells of a code, numbered along y first.

    Attributes:
        length: cells along x, the paper's l.
        m: cells along y.
    """

    length: int
    m: int

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return self.length * self.m

    def moved(self, monomial: tuple[int, int], sign: int) -> list[int]:
        """Return the cell that a monomial (sign 1), or its inverse (-1), leads to, for each cell."""
        i, j = sign * monomial[0], sign * monomial[1]
        return [
            (cell // self.m + i) % self.length * self.m + (cell % self.m + j) % self.m
            for cell in range(self.n_cells)
        ]


def bicycle(distance: int) -> Code:
    """Return the code of distance 6 or 12: the left data qubits come first, X stabilizers before Z."""
    torus = Torus(*SIZES[distance])
    cells = [divmod(cell, torus.m) for cell in range(torus.n_cells)]
    left, right = [(2 * i, 2 * j) for i, j in cells], [(2 * i + 1, 2 * j + 1) for i, j in cells]
    x = [
        Stabilizer("X", one, (2 * i + 1, 2 * j))
        for one, (i, j) in zip(_supports(torus, A, B, 1), cells, strict=True)
    ]
    z = [
        Stabilizer("Z", one, (2 * i, 2 * j + 1))
        for one, (i, j) in zip(_supports(torus, B, A, -1), cells, strict=True)
    ]
    found, period = logicals([*x, *z], 2 * torus.n_cells), (2 * torus.length, 2 * torus.m)
    return Code("bivariate_bicycle", distance, (*left, *right), (*x, *z), tuple(found), period)


def _supports(torus: Torus, left: Polynomial, right: Polynomial, sign: int) -> list[tuple[int, ...]]:
    """Return the data qubits that a kind of stabilizer acts on, for each cell."""
    reached = [torus.moved(one, sign) for one in left]
    reached += [[torus.n_cells + cell for cell in torus.moved(one, sign)] for one in right]
    return [tuple(sorted(qubits)) for qubits in zip(*reached, strict=True)]
