"""The determinant of lowest energy among those of one particle number and spin."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from workers.quantum.hamiltonians.base import filled
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Float

MOST_DETERMINANTS = 1 << 26
ROWS = 256
# Energies this close, relative to their magnitude, are degenerate.
EQUAL = 1e-9


@dataclass(frozen=True, slots=True)
class Lowest:
    """The first of the determinants of lowest energy, in the order that fills the first orbitals first.

    Attributes:
        reference: Occupation of the spin orbitals, spins interleaved.
        energy: Energy of the determinant.
        degeneracy: Number of determinants of that energy.
    """

    reference: str
    energy: float
    degeneracy: int


def lowest(
    operator: PauliSum,
    n_up: int,
    n_down: int,
    irreps: tuple[int, ...] = (),
    wanted: frozenset[int] = frozenset(),
) -> Lowest | None:
    """Return the lowest determinant of a Hamiltonian.

    Args:
        operator: Under Jordan-Wigner, spins interleaved.
        n_up: Electrons of spin up.
        n_down: Electrons of spin down.
        irreps: Zero-based irrep of each orbital, if only some irreps are wanted.
        wanted: The wanted zero-based irreps.

    Returns:
        None if there is none of a wanted irrep, if there are too many to enumerate, or if the energy has
        products of more than two occupations.
    """
    n = operator.n_qubits
    ups, downs = (n + 1) // 2, n // 2
    if n_up > ups or n_down > downs or comb(ups, n_up) * comb(downs, n_down) > MOST_DETERMINANTS:
        return None
    energies = _Energies.of(operator)
    if energies is None:
        return None
    up, down = list(combinations(range(ups), n_up)), list(combinations(range(downs), n_down))
    up_irreps, down_irreps = _products(up, irreps), _products(down, irreps)
    best, found, degeneracy = np.inf, (0, 0), 0
    for first in range(0, len(up), ROWS):
        block = energies.between(_signs(up[first : first + ROWS], ups), _signs(down, downs))
        if wanted:
            irrep = up_irreps[first : first + ROWS, None] ^ down_irreps
            block[~np.isin(irrep, list(wanted))] = np.inf
        low = float(block.min())
        if not np.isfinite(low):
            continue
        margin = EQUAL * max(1.0, abs(low))
        if low < best - margin:
            best, degeneracy = low, 0
            row, column = np.argwhere(block <= low + margin)[0]
            found = (first + int(row), int(column))
        degeneracy += int((block <= best + margin).sum())
    if not np.isfinite(best):
        return None
    reference = filled(ups, list(up[found[0]]), list(down[found[1]]))[:n]
    return Lowest(reference, best, degeneracy)


def _signs(chosen: list[tuple[int, ...]], n: int) -> Float:
    """Return Z of every orbital in every string: -1 if it is occupied; float64[strings, n]."""
    signs = np.ones((len(chosen), n))
    for row, occupied in enumerate(chosen):
        signs[row, list(occupied)] = -1.0
    return signs


def _products(chosen: list[tuple[int, ...]], irreps: tuple[int, ...]) -> NDArray[np.int64]:
    if not irreps:
        return np.zeros(len(chosen), dtype=np.int64)
    return np.array([np.bitwise_xor.reduce([irreps[k] for k in one], initial=0) for one in chosen], np.int64)


@dataclass(frozen=True, eq=False)
class _Energies:
    """The diagonal of a Hamiltonian as fields and couplings of the Z of spin orbitals."""

    constant: float
    fields: Float
    couplings: Float

    @classmethod
    def of(cls, operator: PauliSum) -> _Energies | None:
        n = operator.n_qubits
        constant, fields, couplings = 0.0, np.zeros(n), np.zeros((n, n))
        chosen = operator.x_masks == 0
        rows = zip(operator.z_masks[chosen].tolist(), operator.coefficients[chosen].tolist(), strict=True)
        for z, value in rows:
            qubits = [q for q in range(n) if z >> (n - 1 - q) & 1]
            if len(qubits) > 2:
                return None
            if len(qubits) == 2:
                couplings[qubits[0], qubits[1]] += value
                couplings[qubits[1], qubits[0]] += value
            elif qubits:
                fields[qubits[0]] += value
            else:
                constant += value
        return cls(constant, fields, couplings)

    def between(self, up: Float, down: Float) -> Float:
        """Return the energies of all pairs of strings, float64[up, down]."""
        alone = [
            signs @ self.fields[spin::2]
            + 0.5 * ((signs @ self.couplings[spin::2, spin::2]) * signs).sum(axis=1)
            for spin, signs in enumerate((up, down))
        ]
        both = up @ self.couplings[0::2, 1::2] @ down.T
        return np.asarray(self.constant + alone[0][:, None] + alone[1] + both, dtype=np.float64)
