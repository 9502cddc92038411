"""The Hubbard chain."""

from __future__ import annotations

from typing import Any

import numpy as np

from novacron.specs.hamiltonian import Hubbard
from shared.quantum.pauli_terms import bonds
from workers.quantum.hamiltonians.base import Hamiltonian, HamiltonianError
from workers.quantum.hamiltonians.jordan_wigner import Ladders, jordan_wigner

MAX_SITES = 15


def hubbard(spec: Hubbard) -> Hamiltonian:
    """Return H = -t sum (c+_is c_js + h.c.) + U sum n_i,up n_i,down - mu sum n_is on a chain.

    Returns:
        On 2 * n_sites qubits, site k up on qubit 2k, down on 2k+1; its reference is the Neel state.

    Raises:
        HamiltonianError: It has more than 15 sites.

    Source: Hubbard, Proc. R. Soc. A 276, 238 (1963).
    """
    n_sites = spec.n_sites
    if n_sites > MAX_SITES:
        raise HamiltonianError(f"hamiltonian.n_sites: {n_sites}; 1 to {MAX_SITES} are possible")
    hopping = np.zeros((n_sites, n_sites))
    for i, j in bonds(n_sites, spec.periodic):
        hopping[i, j] = hopping[j, i] = -spec.t
    operator = jordan_wigner(2 * n_sites, 0.0, [_one_body(hopping, spec.mu), _interaction(n_sites, spec.U)])
    two_sz = 2 * spec.n_alpha - spec.n_electrons
    return Hamiltonian(operator, spec.n_electrons, spec.neel, hopping, two_sz=two_sz)


def _one_body(hopping: np.ndarray[Any, np.dtype[np.float64]], mu: float) -> Ladders:
    rows, columns = np.nonzero(hopping)
    diagonal = np.arange(2 * len(hopping))
    modes = np.concatenate(
        [np.stack([2 * rows + spin, 2 * columns + spin], axis=1) for spin in (0, 1)]
        + [np.stack([diagonal, diagonal], axis=1)]
    )
    values = np.concatenate([hopping[rows, columns], hopping[rows, columns], np.full(len(diagonal), -mu)])
    return Ladders((True, False), modes, values)


def _interaction(n_sites: int, U: float) -> Ladders:
    up = 2 * np.arange(n_sites)
    return Ladders(
        (True, False, True, False), np.stack([up, up, up + 1, up + 1], axis=1), np.full(n_sites, U)
    )
