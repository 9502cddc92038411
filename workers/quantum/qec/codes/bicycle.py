"""Memory circuits of bivariate bicycle codes (Bravyi et al., Nature 627, 778 (2024), arXiv:2308.07915)."""

from __future__ import annotations

from collections.abc import Sequence

import stim

from novacron.codes.bicycle import SIZES, A, B, Torus, bicycle
from novacron.specs.qec_point import Point
from workers.quantum.qec import noise
from workers.quantum.qec.codes.targets import records

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


def memory(point: Point) -> stim.Circuit:
    """Return the memory circuit: rounds of eight layers, X and Z stabilizers interleaved.

    Noise acts on every qubit in every layer: gates and idle qubits depolarise, resets and outcomes flip, each
    with probability p. Detectors are those of the stored basis: both bases are decoded apart.
    """
    basis = point.basis.upper()
    bare = _bare(point.distance, basis, point.rounds)
    if point.noise != "uniform":
        return noise.noisy(noise.native(bare), noise.rates(point.noise, point.p))
    return noise.noisy(bare, noise.UNIFORM.scaled(point.p))


def _bare(distance: int, basis: str, rounds: int) -> stim.Circuit:
    """Return the circuit without noise."""
    torus, code = Torus(*SIZES[distance]), bicycle(distance)
    n, data = torus.n_cells, [*_qubits(torus, "left"), *_qubits(torus, "right")]
    reset, measure = ("R", "M") if basis == "Z" else ("RX", "MX")
    circuit = stim.Circuit()
    circuit.append(reset, data)
    circuit.append("R", _qubits(torus, "z"))
    circuit.append("TICK", ())
    for time in range(rounds):
        _round(circuit, torus)
        for cell in range(n):
            now = cell - n if basis == "X" else cell - 2 * n
            before = [now - 2 * n] if time else []
            circuit.append("DETECTOR", records([now, *before]), (*divmod(cell, torus.m), time))
        circuit.append("TICK", ())
    circuit.append(measure, data)
    for cell, one in enumerate(one for one in code.stabilizers if one.pauli == basis):
        last = cell - n if basis == "X" else cell - 2 * n
        compared = [last - 2 * n, *(qubit - 2 * n for qubit in one.qubits)]
        circuit.append("DETECTOR", records(compared), (*divmod(cell, torus.m), rounds))
    for index, qubits in enumerate(one.qubits for one in code.logicals if one.pauli == basis):
        circuit.append("OBSERVABLE_INCLUDE", records([qubit - 2 * n for qubit in qubits]), index)
    return circuit


def _round(circuit: stim.Circuit, torus: Torus) -> None:
    """Add the layers of a round, which measures the Z stabilizers first."""
    for number, (x, z) in enumerate(zip(X_ORDER, Z_ORDER, strict=True)):
        if number == 0:
            circuit.append("RX", _qubits(torus, "x"))
        if x is not None:
            circuit.append("CX", _pairs(_qubits(torus, "x"), _moved(torus, *x, 1)))
        if z is not None:
            circuit.append("CX", _pairs(_moved(torus, *z, -1), _qubits(torus, "z")))
        else:
            circuit.append("M", _qubits(torus, "z"))
        circuit.append("TICK", ())
    circuit.append("MX", _qubits(torus, "x"))
    circuit.append("R", _qubits(torus, "z"))


def _qubits(torus: Torus, kind: str) -> range:
    """Return the qubits of a kind, by cell: X stabilizers, left and right data qubits, Z stabilizers."""
    first = ("x", "left", "right", "z").index(kind) * torus.n_cells
    return range(first, first + torus.n_cells)


def _moved(torus: Torus, kind: str, monomial: tuple[int, int], sign: int) -> list[int]:
    """Return the qubit of a kind in the cell that a monomial, or its inverse, leads to, for each cell."""
    qubits = _qubits(torus, kind)
    return [qubits[cell] for cell in torus.moved(monomial, sign)]


def _pairs(controls: Sequence[int], targets: Sequence[int]) -> list[int]:
    return [qubit for pair in zip(controls, targets, strict=True) for qubit in pair]
