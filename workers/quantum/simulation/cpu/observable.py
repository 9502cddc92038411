"""A Pauli sum prepared for the compiled run: one pass per X mask.

(H a)_i = sum_x f_x(i) a_(i ^ x) with f_x(i) = sum_z c (-i)^|x & z| (-1)^|i & z|: a mask's strings are one
permutation and one diagonal, real for an even number of Y and imaginary for an odd one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.cpu import aligned
from workers.quantum.simulation.ir.operator import diagonal
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Float

Int = NDArray[np.int64]

LANES = 8
BLOCK_BITS = 12
TABLE_BITS = 16
TABLE_LIMIT = 1 << 22

CONSTANT, TABLE, TERMS = range(3)


class Observable(NamedTuple):
    """A Pauli sum for the compiled run.

    Attributes:
        passes: int64[p, 5]: X mask, 1 if f is imaginary, form of f, first entry, end of entries. CONSTANT:
            constants[first]. TABLE: row `first` of tables. TERMS: strings first to end.
        constants: float64[...].
        tables: float64[..., 2^n].
        z_masks: int64[...], strings expanded into a table block by block.
        factors: float64[...].
    """

    passes: Int
    constants: Float
    tables: Float
    z_masks: Int
    factors: Float


NOTHING = Observable(
    np.empty((0, 5), dtype=np.int64), np.empty(0), np.empty((0, 1)), np.empty(0, dtype=np.int64), np.empty(0)
)


def prepare(pauli_sum: PauliSum) -> Observable:
    """Prepare a Pauli sum.

    The Z strings form one table. Strings with X get tables on small registers, up to `TABLE_LIMIT` bytes in
    total: larger ones would exceed the processor's caches and gain nothing over strings summed block by
    block.
    """
    passes: list[tuple[int, ...]] = []
    constants: list[float] = []
    tables: list[tuple[Int, Float]] = []
    z_masks: list[Int] = []
    factors: list[Float] = []
    n_strings = 0
    for mask, imaginary, zs, values in _parts(pauli_sum):
        if not zs.any():
            passes.append((mask, imaginary, CONSTANT, len(constants), 0))
            constants.append(float(values.sum()))
        elif _tabulated(pauli_sum.n_qubits, mask, len(tables)):
            passes.append((mask, imaginary, TABLE, len(tables), 0))
            tables.append((zs, values))
        else:
            passes.append((mask, imaginary, TERMS, n_strings, n_strings + len(zs)))
            n_strings += len(zs)
            z_masks.append(zs)
            factors.append(values)
    return Observable(
        passes=np.array(passes, dtype=np.int64).reshape(-1, 5),
        constants=np.array(constants, dtype=np.float64),
        tables=_tables(pauli_sum.n_qubits, tables),
        z_masks=np.concatenate([np.empty(0, dtype=np.int64), *z_masks]),
        factors=np.concatenate([np.empty(0), *factors]),
    )


def table_bytes(pauli_sum: PauliSum) -> int:
    """Return the size in bytes of the tables that `prepare` allocates."""
    count = 0
    for mask, _, zs, _ in _parts(pauli_sum):
        count += bool(zs.any()) and _tabulated(pauli_sum.n_qubits, mask, count)
    return count * (8 << pauli_sum.n_qubits)


def _tabulated(n_qubits: int, mask: int, n_tables: int) -> bool:
    return mask == 0 or (n_qubits <= TABLE_BITS and (n_tables + 1) * (8 << n_qubits) <= TABLE_LIMIT)


def _parts(pauli_sum: PauliSum) -> Iterator[tuple[int, int, Int, Float]]:
    """Yield X mask, whether imaginary, Z masks and factors, in a fixed order."""
    for mask in sorted(set(pauli_sum.x_masks.tolist())):
        chosen = pauli_sum.x_masks == mask
        zs, values = pauli_sum.z_masks[chosen], pauli_sum.coefficients[chosen]
        n_y = np.bitwise_count(zs & mask).astype(np.int64)
        # (-i)^n_y is 1, -i, -1, i.
        factors = values * (1 - (n_y & 2))
        for imaginary in (0, 1):
            part = n_y % 2 == imaginary
            if part.any():
                yield mask, imaginary, zs[part], -factors[part] if imaginary else factors[part]


def _tables(n_qubits: int, strings: list[tuple[Int, Float]]) -> Float:
    tables = aligned.empty((len(strings), max(LANES, 1 << n_qubits)), np.float64)
    for table, (zs, values) in zip(tables, strings, strict=True):
        # Padding bits repeat the values.
        table.reshape(-1, 1 << n_qubits)[:] = diagonal(PauliSum(n_qubits, np.zeros_like(zs), zs, values))
    return tables
