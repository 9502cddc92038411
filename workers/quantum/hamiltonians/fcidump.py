"""Converts molecular integrals in FCIDUMP files to qubit Hamiltonians.

Source: Knowles and Handy, Comput. Phys. Commun. 54, 75 (1989), section 3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from novacron.inputs.fcidump import Integrals
from novacron.specs.integrals import Fcidump
from workers.quantum.hamiltonians.base import Hamiltonian
from workers.quantum.hamiltonians.jordan_wigner import Ladders, jordan_wigner
from workers.quantum.hamiltonians.reference import reference
from workers.quantum.simulation.ir.program import Float


def fcidump(spec: Fcidump) -> Hamiltonian:
    """Return the Jordan-Wigner Hamiltonian of an FCIDUMP file, with interleaved spins.

    If the spec gives no occupation, `workers.quantum.hamiltonians.reference` selects one.

    Raises:
        HamiltonianError: There are too many determinants to select from.
    """
    integrals = spec.integrals
    header, core = integrals.header, integrals.core or 0.0
    operator = jordan_wigner(2 * header.n_orbitals, core, [_one_body(integrals), _two_body(integrals)])
    chosen = reference(operator, integrals, spec.reference)
    return Hamiltonian(
        operator,
        header.n_electrons,
        chosen.reference,
        e_hf=chosen.energy,
        two_sz=header.two_sz,
        doubts=chosen.doubts,
    )


def _one_body(integrals: Integrals) -> Ladders:
    places, values = [], []
    for (p, q), value in integrals.one_body.items():
        for pair in {(p, q), (q, p)}:
            places.append(pair)
            values.append(value)
    rows = np.array(places, dtype=np.int64).reshape(-1, 2)
    modes = np.concatenate([2 * rows + spin for spin in (0, 1)])
    return Ladders((True, False), modes, np.tile(np.array(values, dtype=np.float64), 2))


def _two_body(integrals: Integrals) -> Ladders:
    """Return 1/2 sum (pq|rs) a+_p,s a+_r,t a_s,t a_q,s over both spins."""
    quadruples, values = _all_places(integrals)
    p, q, r, s = quadruples.T
    spins = [(0, 0), (0, 1), (1, 0), (1, 1)]
    modes = [np.stack([2 * p + a, 2 * r + b, 2 * s + b, 2 * q + a], axis=1) for a, b in spins]
    return Ladders((True, True, False, False), np.concatenate(modes), np.tile(0.5 * values, 4))


def _all_places(integrals: Integrals) -> tuple[NDArray[np.int64], Float]:
    """Return all (up to eight) symmetric copies of each integral: int64[places, 4], float64[places]."""
    n = integrals.header.n_orbitals
    values = np.zeros((n, n, n, n))
    for (p, q, r, s), value in integrals.two_body.items():
        for a, b, c, d in ((p, q, r, s), (r, s, p, q)):
            values[a, b, c, d] = values[b, a, c, d] = values[a, b, d, c] = values[b, a, d, c] = value
    places = np.argwhere(values)
    return places, values[tuple(places.T)]
