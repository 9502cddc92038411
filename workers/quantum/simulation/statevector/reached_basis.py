"""Basis states reachable by chains of excitations, and excitations and observables between them.

`position` is int32[2^n]: the number of each reached basis state, -1 for all others.
"""

from __future__ import annotations

from collections.abc import Collection
from math import comb

import numpy as np

from workers.quantum.simulation.cpu import reach
from workers.quantum.simulation.cpu.reached import Numbers, Pairs, Rows
from workers.quantum.simulation.ir.excitation import Indices, Move
from workers.quantum.simulation.ir.pauli import PauliSum


def most_states(n_qubits: int, initial: int, moves: Collection[Move]) -> int:
    """Return an upper bound on the reached states: those of equal particle number, per spin if conserved."""
    up = sum(1 << bit for bit in range(n_qubits - 1, -1, -2))
    occupied = initial.bit_count(), (initial & up).bit_count()
    kept = all(
        (kind.sources & up).bit_count() == (kind.both & ~kind.sources & up).bit_count() for kind in moves
    )
    if not kept:
        return comb(n_qubits, occupied[0])
    n_up = up.bit_count()
    return comb(n_up, occupied[1]) * comb(n_qubits - n_up, occupied[0] - occupied[1])


def reached(n_qubits: int, initial: int, moves: Collection[Move]) -> tuple[Indices, Numbers]:
    """Return the basis indices reachable by the moves, ascending int64[m], and `position`."""
    position = np.full(1 << n_qubits, -1, dtype=np.int32)
    found = np.empty(most_states(n_qubits, initial, moves), dtype=np.int64)
    basis = np.sort(found[: reach.reach(initial, _table(moves), position, found)])
    position[basis] = np.arange(len(basis))
    return basis, position


def pairs(moves: Collection[Move], basis: Indices, position: Numbers) -> Pairs:
    """Return the pairs of each move."""
    table = _table(moves)
    starts = reach.pair_starts(table, basis)
    first, second = (np.empty(starts[-1], dtype=np.int32) for _ in range(2))
    reach.fill_pairs(table, basis, position, starts, first, second)
    return Pairs(starts, first, second)


def rows(observable: PauliSum, basis: Indices, position: Numbers) -> Rows:
    """Return the real part of an observable between the reached states."""
    n_y = np.bitwise_count(observable.x_masks & observable.z_masks)
    real = np.flatnonzero(n_y % 2 == 0)
    order = real[np.argsort(observable.x_masks[real], kind="stable")]
    flips, first = np.unique(observable.x_masks[order], return_index=True)
    terms = np.append(first, len(order)).astype(np.int64)
    signed = np.where(n_y[order] % 4 == 2, -1.0, 1.0) * observable.coefficients[order]
    starts = reach.row_starts(flips, basis, position)
    columns, values = np.empty(starts[-1], dtype=np.int32), np.empty(starts[-1])
    reach.fill_rows(flips, terms, observable.z_masks[order], signed, basis, position, columns, values)
    return Rows(starts, columns, values)


def _table(moves: Collection[Move]) -> Indices:
    return np.array(list(moves), dtype=np.int64).reshape(-1, 4)
