"""Pauli sums as sparse matrices on a subspace of the basis, such as the states of one particle number."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.quantum.diagonalization import MAX_ELEMENTS
from workers.quantum.simulation.ir.operator import elements
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.runtime.outcome import UserError

Index = NDArray[np.int64]

# Matrix elements that leave the sector and are below this, in the Hamiltonian's unit, are rounding errors.
_LEAK = 1e-9


def check_size(hamiltonian: PauliSum, n_electrons: int | None) -> None:
    """Reject matrices that would not fit, before anything is allocated.

    Raises:
        UserError: the matrix would be too large.
    """
    n_states = 2**hamiltonian.n_qubits if n_electrons is None else comb(hamiltonian.n_qubits, n_electrons)
    n_flips = len(np.unique(hamiltonian.x_masks))
    if n_flips * n_states > MAX_ELEMENTS:
        raise UserError(
            f"exact diagonalisation in {n_states} states with {n_flips} kinds of flips takes too much memory"
            f" (limit {MAX_ELEMENTS} matrix elements); n_electrons narrows it to a sector"
        )


def basis(n_qubits: int, n_electrons: int | None, two_sz: int | None = None) -> Index:
    """Return the basis indices of a sector, ascending; qubit 0 is the most significant bit.

    Args:
        n_qubits: spin orbitals, interleaved: even qubits spin up, odd qubits spin down.
        n_electrons: number of ones; None = all states.
        two_sz: number of ones on even qubits minus that on odd qubits; None = any.

    Raises:
        UserError: there is no such state.
    """
    if n_electrons is None:
        if two_sz is not None:
            raise UserError("arguments.two_sz needs n_electrons as well")
        return np.arange(2**n_qubits)
    if two_sz is None:
        found = _with_ones(list(range(n_qubits)), n_electrons)
    elif (n_electrons + two_sz) % 2 or abs(two_sz) > n_electrons:
        found = np.empty(0, dtype=np.int64)
    else:
        even = [bit for bit in range(n_qubits) if (n_qubits - 1 - bit) % 2 == 0]
        odd = [bit for bit in range(n_qubits) if (n_qubits - 1 - bit) % 2]
        ups = _with_ones(even, (n_electrons + two_sz) // 2)
        downs = _with_ones(odd, (n_electrons - two_sz) // 2)
        found = (ups[:, None] | downs[None, :]).ravel()
    if not len(found):
        wanted = f"n_electrons = {n_electrons} and two_sz = {two_sz}"
        raise UserError(f"no state of {n_qubits} qubits has {wanted}")
    return np.sort(found)


def _with_ones(bits: list[int], count: int) -> Index:
    return np.array([sum(1 << bit for bit in chosen) for chosen in combinations(bits, count)], dtype=np.int64)


def matrix(hamiltonian: PauliSum, states: Index, checkpoint: Callable[[], None]) -> Any:
    """Return the Hamiltonian between the given basis states as a SciPy CSR array, real if possible.

    Args:
        hamiltonian: acts on as many qubits as the indices have bits.
        states: basis indices in ascending order.
        checkpoint: called once for each X mask.

    Raises:
        UserError: the Hamiltonian does not conserve the sector.
    """
    from scipy.sparse import coo_array

    real = not (np.bitwise_count(hamiltonian.x_masks & hamiltonian.z_masks) & 1).any()
    rows, columns, values = [], [], []
    for flip in np.unique(hamiltonian.x_masks):
        checkpoint()
        found = elements(hamiltonian, int(flip), states)
        target = states ^ flip
        place = np.minimum(np.searchsorted(states, target), len(states) - 1)
        inside = states[place] == target
        if (np.abs(found[~inside]) > _LEAK).any():
            raise UserError("the Hamiltonian does not conserve n_electrons (or two_sz): leave it out")
        rows.append(place[inside])
        columns.append(np.flatnonzero(inside))
        values.append(found[inside].real if real else found[inside])
    data = np.concatenate(values)
    # 32-bit indices halve the memory traffic of a product; MAX_ELEMENTS keeps them in range.
    where = tuple(np.concatenate(part).astype(np.int32) for part in (rows, columns))
    made = coo_array((data, where), shape=(len(states), len(states))).tocsr()
    made.eliminate_zeros()
    return made
