"""The exact reference energy of a variational job, if it is cheap to compute."""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from typing import Any

import numpy as np

from workers.quantum.classical import exact_diagonalization, sector
from workers.quantum.hamiltonians.base import Hamiltonian
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.statevector import reached_basis

MOST_QUBITS = 24
MOST_STATES = 1 << 14
MOST_WORK = 1 << 27
"""Limit of the work: basis states times X masks."""
FEW = 1 << 21
"""Work up to which no compiled code is called, since it may have to be loaded first."""

SMALL = 256
"""Number of states whose lowest energy takes milliseconds, so that an energy given by a file is checked."""


def exact_energy(known: Hamiltonian, checkpoint: Callable[[], None]) -> float | None:
    """Return the lowest energy of the declared electrons and spin, or of all states if none are declared.

    Returns:
        None if it would take more than about a second.
    """
    known = known.jordan_wigner()
    operator = known.operator
    n, flips = operator.n_qubits, len(np.unique(operator.x_masks))
    states = dimension(known)
    work = states * flips
    real = not (np.bitwise_count(operator.x_masks & operator.z_masks) & 1).any()
    if n > MOST_QUBITS or states > MOST_STATES or work > (MOST_WORK if real else FEW):
        return None
    basis = sector.basis(n, known.n_electrons, known.two_sz)
    matrix = sector.matrix(operator, basis, checkpoint) if work <= FEW else _compiled(operator, basis)
    return exact_diagonalization.lowest(matrix, checkpoint)


def is_small(known: Hamiltonian) -> bool:
    """Return whether an exact energy is worth computing even if one is given."""
    return known.n_qubits <= MOST_QUBITS and dimension(known) <= SMALL


def dimension(known: Hamiltonian) -> int:
    """Return the number of basis states of the declared electrons and spin."""
    n, electrons = known.n_qubits, known.n_electrons
    if electrons is None:
        return 1 << n
    if known.two_sz is None:
        return comb(n, electrons)
    n_up = (electrons + known.two_sz) // 2
    return comb((n + 1) // 2, n_up) * comb(n // 2, electrons - n_up)


def _compiled(operator: PauliSum, basis: sector.Index) -> Any:
    """Return a real operator that conserves the span of the basis, as a SciPy CSR array."""
    from scipy.sparse import csr_array

    position = np.full(1 << operator.n_qubits, -1, dtype=np.int32)
    position[basis] = np.arange(len(basis))
    rows = reached_basis.rows(operator, basis, position)
    return csr_array((rows.values, rows.columns, rows.starts), shape=(len(basis), len(basis)))
