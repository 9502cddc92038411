"""Pauli transfer matrices, and their fusion.

A state of n qubits is the real vector r[s] = tr(P_s rho) over the 4^n Pauli strings s, each a number of n
digits in base 4 (I, X, Y, Z are 0 to 3), qubit 0 the most significant. A channel E on k qubits is the real
matrix R[s, t] = tr(P_s E(P_t))/2^k. Source: Greenbaum, arXiv:1509.02921, section 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, reduce
from itertools import product

import numpy as np

from workers.quantum.simulation.ir.fusion import Fusion
from workers.quantum.simulation.ir.gates import pauli
from workers.quantum.simulation.ir.program import Complex, Float

FUSED_QUBITS = 2
RESET: Float = np.array([[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]], dtype=np.float64)

Transfer = tuple[Float, tuple[int, ...]]
"""A transfer matrix and the qubits it acts on, the first most significant."""


@cache
def _paulis(n_qubits: int) -> Complex:
    """Return all Pauli strings, complex128[4^k, 4^k], one per row."""
    return np.array([pauli("".join(s)).reshape(-1) for s in product("IXYZ", repeat=n_qubits)])


def transfer(kraus: Complex) -> Float:
    """Return the transfer matrix float64[4^k, 4^k] of Kraus operators complex128[m, 2^k, 2^k]."""
    size = kraus.shape[1]
    rows = _paulis(size.bit_length() - 1)
    images = rows.reshape(-1, 1, size, size)
    evolved = (kraus @ images @ kraus.conj().transpose(0, 2, 1)).sum(axis=1).reshape(len(rows), -1)
    return np.ascontiguousarray((rows.conj() @ evolved.T).real / size)


def fused(parts: Iterable[Transfer]) -> Iterator[Transfer]:
    """Yield the same map in fewer parts: consecutive maps on the same one or two qubits are multiplied."""
    fusion = Fusion(_product, lambda part: part[1])
    for part in parts:
        yield from fusion.add(part)
    yield from fusion.close()


def _product(parts: Sequence[Transfer]) -> Transfer | None:
    """Return the product of maps; None if it is wider than the last of them, and than two qubits."""
    union = sorted(set[int]().union(*(qubits for _, qubits in parts)))
    if len(parts) > 1 and len(union) > max(FUSED_QUBITS, len(parts[-1][1])):
        return None
    wide = (widened(matrix, qubits, union) for matrix, qubits in parts)
    return reduce(lambda whole, part: part @ whole, wide), tuple(union)


def widened(matrix: Float, qubits: Sequence[int], onto: Sequence[int]) -> Float:
    """Embed a transfer matrix on `qubits` into the qubits `onto`, which include them."""
    if tuple(qubits) == tuple(onto):
        return matrix
    others = [qubit for qubit in onto if qubit not in qubits]
    order = [*qubits, *others]
    whole = np.kron(matrix, np.eye(4 ** len(others))).reshape([4] * (2 * len(order)))
    axes = [order.index(qubit) for qubit in onto]
    moved = whole.transpose([*axes, *(len(order) + axis for axis in axes)])
    return np.ascontiguousarray(moved.reshape(4 ** len(onto), -1))
