"""Ground states of simple parts of a Hamiltonian, as fixed ops."""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np

from workers.quantum.simulation.ir.gates import PAULIS
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Angle, Complex, Excitation, Float, Op, Unitary

Matrix = TypeVar("Matrix", Float, Complex)
# Orbital energies this close, relative to the hopping, are degenerate.
SHELL = 1e-9
DIGITS = 12
LARGE = 2.0**200
"""A power of two, so that multiplication by it is exact."""


def blocks(family: PauliSum) -> list[tuple[int, ...]] | None:
    """Return the supports of the family's terms if they are disjoint (or equal) sets of 1 or 2 qubits."""
    n = family.n_qubits
    supports = sorted(set((family.x_masks | family.z_masks).tolist()), reverse=True)
    qubits = [tuple(q for q in range(n) if support >> (n - 1 - q) & 1) for support in supports]
    seen = [q for block in qubits for q in block]
    return qubits if len(seen) == len(set(seen)) and all(len(block) <= 2 for block in qubits) else None


def product_ground_state(operator: PauliSum, qubits: list[tuple[int, ...]]) -> list[Op]:
    """Return ops from |0...0> to the ground state of the terms that act within one of the blocks.

    For a degenerate ground state, one is chosen; qubits outside the blocks stay |0>.
    """
    ops: list[Op] = []
    for block in qubits:
        values, vectors = np.linalg.eigh(_rounded(_within(operator, block)))
        ops.append(Unitary(block, np.asarray(vectors[:, np.argsort(values, kind="stable")], np.complex128)))
    return ops


def degenerate(hopping: Float, count: int) -> bool:
    """Return whether free fermions only partially fill a shell of degenerate orbitals."""
    if not 0 < count < len(hopping):
        return False
    energies = np.linalg.eigvalsh(hopping)
    return bool(energies[count] - energies[count - 1] <= SHELL * np.abs(hopping).max())


def slater_determinant(
    hopping: Float, n_up: int, n_down: int, disorder: Float | None = None
) -> tuple[int, list[Op]]:
    """Return the ground state of free fermions: a basis state, and rotations from it to the ground state.

    Args:
        hopping: float64[sites, sites], symmetric.
        n_up: Fermions on even modes.
        n_down: Fermions on odd modes.
        disorder: float64[sites], a potential, opposite for the two spins; None for none.

    Source: Wecker et al., Phys. Rev. A 92, 062318 (2015), section II D; Givens rotations as in Jiang et al.,
    Phys. Rev. Applied 9, 044036 (2018), section III.
    """
    n_sites = len(hopping)
    initial, ops = 0, list[Op]()
    potential = np.zeros(n_sites) if disorder is None else disorder
    for spin, count in enumerate((n_up, n_down)):
        orbitals = np.linalg.eigh(_rounded(hopping + np.diag((1 - 2 * spin) * potential)))[1].T
        for site in range(count):
            initial |= 1 << (2 * n_sites - 1 - (2 * site + spin))
        for site, angle in givens(orbitals[:count]):
            ops.append(Excitation((2 * site + spin,), (2 * site + 2 + spin,), Angle(offset=angle)))
    return initial, ops


def givens(rows: Float) -> list[tuple[int, float]]:
    """Return rotations (site, angle) of neighbours site, site + 1 that map the first sites to these orbitals.

    Args:
        rows: float64[fermions, sites], orthonormal rows.
    """
    count, n_sites = rows.shape
    # Mixing occupied orbitals changes at most the sign of the state: use it to clear the upper right corner.
    mixing = np.linalg.qr(rows[:, n_sites - count :][:, ::-1])[0]
    work = mixing.T[::-1] @ rows
    found = []
    for row in range(count):
        for site in range(n_sites - count + row - 1, row - 1, -1):
            angle = math.atan2(work[row, site + 1], work[row, site])
            cos, sin = math.cos(angle), math.sin(angle)
            left, right = work[:, site].copy(), work[:, site + 1].copy()
            work[:, site], work[:, site + 1] = cos * left + sin * right, cos * right - sin * left
            found.append((site, angle))
    return found[::-1]


def _rounded(matrix: Matrix) -> Matrix:
    """Return the matrix divided by its largest element, rounded to twelve digits.

    The eigenvectors of a degenerate level depend on the last bits: the unit of energy must not affect them.
    """
    greatest = float(np.abs(matrix).max(initial=0.0)) or 1.0
    if greatest < 1.0 / LARGE:  # avoids complex division by a tiny number
        return _rounded(matrix * LARGE)
    return np.asarray(np.round(matrix / greatest, DIGITS), dtype=matrix.dtype)


def _within(operator: PauliSum, block: tuple[int, ...]) -> Complex:
    """Return the matrix of the terms supported in the block, its first qubit most significant."""
    bits = [1 << (operator.n_qubits - 1 - q) for q in block]
    total = np.zeros((2 ** len(block), 2 ** len(block)), dtype=np.complex128)
    rows = zip(
        operator.x_masks.tolist(), operator.z_masks.tolist(), operator.coefficients.tolist(), strict=True
    )
    for x, z, coefficient in rows:
        if (x | z) & ~sum(bits) or not x | z:
            continue
        factor: Complex = np.eye(1, dtype=np.complex128)
        for bit in bits:
            letter = "IXZY"[bool(x & bit) + 2 * bool(z & bit)]
            factor = np.asarray(np.kron(factor, PAULIS.get(letter, np.eye(2))), dtype=np.complex128)
        total += coefficient * factor
    return total
