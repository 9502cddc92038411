"""A Pauli sum in the layout of the kernel `observe`: strings grouped by X mask."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Float
from workers.quantum.simulation.lowering.flat import Int

# (-i)^n: factor of a string with n Ys in its entry at basis state i, beside the sign (-1)^(bits of i & z).
SIGN_OF_YS = np.array([1.0, -1.0, -1.0, 1.0])


@dataclass(frozen=True, eq=False)
class Groups:
    """Terms sorted by X mask; within a group, those with real entries (an even number of Ys) first.

    Attributes:
        flips: int64[groups], the X masks.
        firsts: int64[groups + 1], first term of each group.
        splits: int64[groups], first term with imaginary entries.
        zs: int64[terms], Z masks.
        coefficients: float64[terms], coefficients of 1 or i.
    """

    flips: Int
    firsts: Int
    splits: Int
    zs: Int
    coefficients: Float

    @classmethod
    def of(cls, observable: PauliSum) -> Groups:
        """Group the terms of a sum."""
        n_ys = np.bitwise_count(observable.x_masks & observable.z_masks).astype(np.int64)
        order = np.lexsort((n_ys % 2, observable.x_masks))
        xs, odd = observable.x_masks[order], n_ys[order] % 2
        flips, firsts, sizes = np.unique(xs, return_index=True, return_counts=True)
        n_odd = np.add.reduceat(odd, firsts)
        return cls(
            flips=flips,
            firsts=np.append(firsts, len(xs)).astype(np.int64),
            splits=(firsts + sizes - n_odd).astype(np.int64),
            zs=observable.z_masks[order],
            coefficients=observable.coefficients[order] * SIGN_OF_YS[n_ys[order] % 4],
        )

    @property
    def nbytes(self) -> int:
        """Size of the arrays in bytes."""
        arrays = (self.flips, self.firsts, self.splits, self.zs, self.coefficients)
        return sum(array.nbytes for array in arrays)
