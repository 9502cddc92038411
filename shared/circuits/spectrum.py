"""Eigenvalues and eigenvectors of small unitary matrices, by Jacobi rotations.

Source: Cardoso and Souloumiac, SIAM J. Matrix Anal. Appl. 17, 161 (1996), for the angle of a rotation that
brings a normal matrix closest to a diagonal one; for Hermitian matrices this is the method of Jacobi.
"""

import cmath
import math
from collections.abc import Sequence
from itertools import combinations
from typing import Final

from shared.circuits.gate_matrices import Matrix, identity

_GENERIC: Final = cmath.exp(1.234567j)
"""Where rotations start: no two eigenvalues of practical gates are mirror images about this direction."""
_SMALL: Final = 1e-15
_MAX_SWEEPS: Final = 40
"""Convergence is quadratic: matrices of 16 rows take about six sweeps."""

Rows = list[list[complex]]


def diagonalized(unitary: Matrix) -> tuple[list[complex], Matrix]:
    """Return eigenvalues, and the unitary matrix whose columns are the eigenvectors.

    A Hermitian combination of the matrix and its adjoint is diagonalized first. It has the same eigenvectors,
    and rotations always converge for it; for a normal matrix, they may come to rest elsewhere. The matrix
    itself then separates eigenvalues that coincide in the combination.
    """
    n = len(unitary)
    basis = [list(row) for row in identity(n)]
    hermitian = [
        [(_GENERIC * unitary[i][j] + (_GENERIC * unitary[j][i]).conjugate()) / 2 for j in range(n)]
        for i in range(n)
    ]
    _diagonalize(hermitian, basis)
    matrix = _conjugated(unitary, basis)
    _diagonalize(matrix, basis)
    return [matrix[i][i] for i in range(n)], tuple(map(tuple, basis))


def _conjugated(matrix: Matrix, basis: Rows) -> Rows:
    """Return the matrix in a basis: adjoint(basis) @ matrix @ basis."""
    size = range(len(matrix))
    right = [[sum(matrix[i][k] * basis[k][j] for k in size) for j in size] for i in size]
    return [[sum(basis[k][i].conjugate() * right[k][j] for k in size) for j in size] for i in size]


def _diagonalize(matrix: Rows, basis: Rows) -> None:
    """Rotate a normal matrix, in place, until it is diagonal, and the basis along with it."""
    for _ in range(_MAX_SWEEPS):
        rotated = False
        for p, q in combinations(range(len(matrix)), 2):
            if abs(matrix[p][q]) + abs(matrix[q][p]) > _SMALL:
                rotated = True
                cos, sin = _rotation(matrix, p, q)
                _turn_columns(matrix, p, q, cos, sin)
                _turn_columns(basis, p, q, cos, sin)
                _turn_rows(matrix, p, q, cos, sin)
        if not rotated:
            return


def _rotation(matrix: Rows, p: int, q: int) -> tuple[float, complex]:
    """Return cosine and complex sine of the rotation that minimizes what is beside the diagonal."""
    across, back = matrix[p][q], matrix[q][p]
    h = (matrix[p][p] - matrix[q][q], across + back, 1j * (back - across))
    turn = cmath.exp(-0.5j * cmath.phase(sum(entry * entry for entry in h)))
    x, y, z = ((turn * entry).real for entry in h)
    norm = math.copysign(math.hypot(x, y, z), x)
    x, y, z = x / norm, y / norm, z / norm
    cos = math.sqrt((x + 1) / 2)
    return cos, complex(y, -z) / (2 * cos)


def _turn_columns(rows: Rows, p: int, q: int, cos: float, sin: complex) -> None:
    other = sin.conjugate()
    for row in rows:
        row[p], row[q] = cos * row[p] + sin * row[q], cos * row[q] - other * row[p]


def _turn_rows(rows: Sequence[list[complex]], p: int, q: int, cos: float, sin: complex) -> None:
    other = sin.conjugate()
    above, below = rows[p], rows[q]
    for k, (one, two) in enumerate(zip(above, below, strict=True)):
        above[k], below[k] = cos * one + other * two, cos * two - sin * one
