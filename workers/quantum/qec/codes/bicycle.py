"""Bivariate bicycle codes [[72, 12, 6]] and [[144, 12, 12]].

Source: Bravyi et al., Nature 627, 778 (2024), arXiv:2308.07915.

The l m cells of a torus hold a left and a right data qubit, an X and a Z stabilizer each. With the
polynomials A = x^3 + y + y^2 and B = y^3 + x + x^2, the X stabilizer of cell i acts on the left qubits of
the cells A i and the right ones of B i, the Z stabilizer on the left ones of B^T i and the right ones of
A^T i.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import stim
from numpy.typing import NDArray

from novacron.specs.qec_point import Point
from workers.quantum.qec import noise
from workers.quantum.qec.codes.targets import records
from workers.quantum.simulation.gf2 import reduced

SIZES = {6: (6, 6), 12: (12, 6)}
"""Distance -> (l, m)."""
A = ((3, 0), (0, 1), (0, 2))
B = ((0, 3), (1, 0), (2, 0))
"""Monomials x^i y^j as (i, j)."""
X_ORDER = (
    None,
    ("left", A[1]),
    ("right", B[1]),
    ("right", B[0]),
    ("right", B[2]),
    ("left", A[0]),
    ("left", A[2]),
)
Z_ORDER = (
    ("right", A[0]),
    ("right", A[2]),
    ("left", B[0]),
    ("left", B[1]),
    ("left", B[2]),
    ("right", A[1]),
    None,
)
"""Data qubit of each stabilizer's gate in layers 1 to 7 of a round (table 5).

Z stabilizers take the inverse monomials.
"""


@dataclass(frozen=True, slots=True)
class Bicycle:
    """A code's cells; qubits are numbered X stabilizers, left, right, Z stabilizers, by cell.

    Attributes:
        length: cells along x, the paper's l.
        m: cells along y.
    """

    length: int
    m: int

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return self.length * self.m

    def qubits(self, kind: str) -> range:
        """Return the qubits of a kind: x, left, right or z."""
        first = ("x", "left", "right", "z").index(kind) * self.n_cells
        return range(first, first + self.n_cells)

    def moved(self, kind: str, monomial: tuple[int, int], sign: int) -> list[int]:
        """Return the qubit of a kind in the cell that a monomial, or its inverse, leads to, for each cell."""
        first = self.qubits(kind)[0]
        i, j = sign * monomial[0], sign * monomial[1]
        return [
            first + (cell // self.m + i) % self.length * self.m + (cell % self.m + j) % self.m
            for cell in range(self.n_cells)
        ]

    def checks(self, basis: str) -> NDArray[np.uint8]:
        """Return the stabilizers of a basis over the data qubits, (l m, 2 l m), left ones first."""
        found = np.zeros((self.n_cells, 2 * self.n_cells), dtype=np.uint8)
        left, right, sign = (A, B, 1) if basis == "X" else (B, A, -1)
        for kind, monomials in (("left", left), ("right", right)):
            for monomial in monomials:
                for cell, qubit in enumerate(self.moved(kind, monomial, sign)):
                    found[cell, qubit - self.n_cells] ^= 1
        return found

    def logicals(self, basis: str) -> list[list[int]]:
        """Return independent logical operators of a basis, as positions among the data qubits."""
        own, other = self.checks(basis), self.checks("Z" if basis == "X" else "X")
        found: list[NDArray[np.uint8]] = []
        rank = len(reduced(own))
        for vector in _kernel(other):
            if len(reduced(np.array([*own, *found, vector]))) > rank + len(found):
                found.append(vector)
        return [np.flatnonzero(vector).tolist() for vector in found]


def _kernel(rows: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Return a basis of the vectors that all rows have an even overlap with."""
    basis = reduced(rows)
    pivots = [int(np.argmax(row)) for row in basis]
    found = []
    for free in sorted(set(range(rows.shape[1])).difference(pivots)):
        vector = np.zeros(rows.shape[1], dtype=np.uint8)
        vector[free] = 1
        vector[pivots] = basis[:, free]
        found.append(vector)
    return found


def memory(point: Point) -> stim.Circuit:
    """Return the memory circuit: rounds of eight layers, X and Z stabilizers interleaved.

    Noise acts on every qubit in every layer: gates and idle qubits depolarise, resets and outcomes flip, each
    with probability p. Detectors are those of the stored basis: both bases are decoded apart.
    """
    code, basis = Bicycle(*SIZES[point.distance]), point.basis.upper()
    bare = _bare(code, basis, point.rounds)
    if point.noise != "uniform":
        return noise.noisy(noise.native(bare), noise.rates(point.noise, point.p))
    return noise.noisy(bare, noise.UNIFORM.scaled(point.p))


def _bare(code: Bicycle, basis: str, rounds: int) -> stim.Circuit:
    """Return the circuit without noise."""
    n, data = code.n_cells, [*code.qubits("left"), *code.qubits("right")]
    reset, measure = ("R", "M") if basis == "Z" else ("RX", "MX")
    circuit = stim.Circuit()
    circuit.append(reset, data)
    circuit.append("R", code.qubits("z"))
    circuit.append("TICK", ())
    for time in range(rounds):
        _round(circuit, code)
        for cell in range(n):
            now = cell - n if basis == "X" else cell - 2 * n
            before = [now - 2 * n] if time else []
            circuit.append("DETECTOR", records([now, *before]), (*divmod(cell, code.m), time))
        circuit.append("TICK", ())
    circuit.append(measure, data)
    for cell, row in enumerate(code.checks(basis)):
        last = cell - n if basis == "X" else cell - 2 * n
        compared = [last - 2 * n, *(int(qubit) - 2 * n for qubit in np.flatnonzero(row))]
        circuit.append("DETECTOR", records(compared), (*divmod(cell, code.m), rounds))
    for index, qubits in enumerate(code.logicals(basis)):
        circuit.append("OBSERVABLE_INCLUDE", records([qubit - 2 * n for qubit in qubits]), index)
    return circuit


def _round(circuit: stim.Circuit, code: Bicycle) -> None:
    """Add the layers of a round, which measures the Z stabilizers first."""
    for number, (x, z) in enumerate(zip(X_ORDER, Z_ORDER, strict=True)):
        if number == 0:
            circuit.append("RX", code.qubits("x"))
        if x is not None:
            circuit.append("CX", _pairs(code.qubits("x"), code.moved(*x, 1)))
        if z is not None:
            circuit.append("CX", _pairs(code.moved(*z, -1), code.qubits("z")))
        else:
            circuit.append("M", code.qubits("z"))
        circuit.append("TICK", ())
    circuit.append("MX", code.qubits("x"))
    circuit.append("R", code.qubits("z"))


def _pairs(controls: Sequence[int], targets: Sequence[int]) -> list[int]:
    return [qubit for pair in zip(controls, targets, strict=True) for qubit in pair]
