"""Converts products of ladder operators to Pauli sums.

With Z and X as operators, a_q = X_q (1 - Z_q)/2 and a_q^dagger = X_q (1 + Z_q)/2, each with a string of Z on
all modes before q. Products of such monomials X^x Z^z keep real signs: X^x Z^z X^u Z^v = (-1)^|z&u| X^(x^u)
Z^(z^v).

Source: Jordan and Wigner, Z. Phys. 47, 631 (1928); Seeley, Richard, Love, J. Chem. Phys. 137, 224109 (2012).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Float

NEGLIGIBLE = 1e-12


@dataclass(frozen=True, eq=False)
class Ladders:
    """Products of ladder operators with a common pattern of creation and annihilation.

    Attributes:
        creates: One flag for each factor, leftmost first; True for a creation operator.
        modes: int64[products, factors].
        coefficients: float64[products].
    """

    creates: tuple[bool, ...]
    modes: NDArray[np.int64]
    coefficients: Float


def jordan_wigner(n_modes: int, constant: float, ladders: Sequence[Ladders]) -> PauliSum:
    """Return the Pauli sum of constant + sum of the products, which together must be Hermitian.

    Args:
        n_modes: 1 to 31; mode q becomes qubit q.
        constant: Coefficient of the identity.
        ladders: The products.

    Returns:
        Terms above 1e-12 in magnitude, ordered by masks, always including the identity.
    """
    keys, values = [np.zeros(1, dtype=np.int64)], [np.array([constant])]
    for group in ladders:
        for x, z, coefficients in _monomials(n_modes, group):
            keys.append(x << n_modes | z)
            values.append(coefficients)
    distinct, position = np.unique(np.concatenate(keys), return_inverse=True)
    sums = np.bincount(position, weights=np.concatenate(values), minlength=len(distinct))
    xs, zs = distinct >> n_modes, distinct & ((1 << n_modes) - 1)
    # X^x Z^z = (-i)^|x&z| P; odd powers cancel in a Hermitian sum.
    n_y = np.bitwise_count(xs & zs).astype(np.int64)
    kept = ((np.abs(sums) > NEGLIGIBLE) & (n_y % 2 == 0)) | (distinct == 0)
    signs = 1.0 - (n_y & 2)
    return PauliSum(n_modes, xs[kept], zs[kept], (signs * sums)[kept])


def _monomials(n_modes: int, group: Ladders) -> list[tuple[NDArray[np.int64], NDArray[np.int64], Float]]:
    """Return X masks, Z masks and coefficients of all 2^factors monomials of every product."""
    bits = np.left_shift(1, n_modes - 1 - group.modes)
    before = (1 << n_modes) - 2 * bits
    result = []
    for with_z in product((False, True), repeat=len(group.creates)):
        x = np.zeros(len(bits), dtype=np.int64)
        z = np.zeros(len(bits), dtype=np.int64)
        odd = np.zeros(len(bits), dtype=np.int64)
        sign = 1.0
        for factor, (create, own) in enumerate(zip(group.creates, with_z, strict=True)):
            u, v = bits[:, factor], before[:, factor] | (bits[:, factor] if own else 0)
            odd += np.bitwise_count(z & u)
            x, z = x ^ u, z ^ v
            sign *= 0.5 if create or not own else -0.5
        result.append((x, z, sign * (1.0 - 2.0 * (odd & 1)) * group.coefficients))
    return result
