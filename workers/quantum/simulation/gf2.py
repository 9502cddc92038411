"""Linear algebra over GF(2)."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Bits = TypeVar("Bits", np.bool_, np.uint8)


def reduced(rows: NDArray[Bits]) -> NDArray[Bits]:
    """Return the reduced row echelon form, without rows of zeros: a basis of the row space.

    Args:
        rows: zeros and ones, (n_rows, n_columns).
    """
    rows, rank = rows.copy(), 0
    for column in range(rows.shape[1]):
        pivots = np.flatnonzero(rows[rank:, column])
        if len(pivots) == 0:
            continue
        rows[[rank, rank + pivots[0]]] = rows[[rank + pivots[0], rank]]
        others = np.flatnonzero(rows[:, column])
        rows[others[others != rank]] ^= rows[rank]
        rank += 1
        if rank == len(rows):
            break
    return rows[:rank]
