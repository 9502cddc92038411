"""Fuses gates that can share one pass over the state.

Neighbouring one-qubit gates become one pass; fixed gates on up to four qubits are multiplied if the product
costs less than its factors; leading one-qubit gates become part of the starting product state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from workers.quantum.simulation.ir.fusion import Fusion
from workers.quantum.simulation.ir.program import Angle, Complex, Op, PauliRotation, Program, Unitary

MAX_FUSED = 4
# Relative times of one pass over a state in cache: dense on 1 to 4 qubits, diagonal, controlled X.
DENSE_COST = (0.0, 1.0, 1.7, 4.5, 8.0)
DIAGONAL_COST = 0.4
CONTROLLED_X_COST = 0.4


@dataclass(frozen=True, eq=False)
class Turns:
    """One-qubit rotations and fixed unitaries in order on one qubit, at least one with a free angle."""

    qubit: int
    parts: tuple[PauliRotation | Unitary, ...]


Block: TypeAlias = Op | Turns
Waiting: TypeAlias = Unitary | Turns


def fused(program: Program) -> tuple[Complex, list[Block]]:
    """Return the starting product state complex128[n, 2] (row q is qubit q) and its blocks, in order."""
    fuser = _Fuser(program)
    for op in program.ops:
        fuser.add(op)
    return fuser.product, fuser.done()


class _Fuser:
    """Open blocks on disjoint qubits, which further gates can join before they are emitted."""

    def __init__(self, program: Program) -> None:
        self._n_qubits = program.n_qubits
        self.product = np.zeros((program.n_qubits, 2), dtype=np.complex128)
        for qubit in range(program.n_qubits):
            self.product[qubit, program.initial >> self._position(qubit) & 1] = 1.0
        self._fresh = set(range(program.n_qubits))
        self._fusion: Fusion[Waiting] = Fusion(_joined, _qubits, _rank)
        self._done: list[Block] = []

    def add(self, op: Op) -> None:
        if isinstance(op, Unitary | PauliRotation) and (qubit := self._single(op)) is not None:
            self._turn(qubit, op)
        elif isinstance(op, Unitary) and not op.qubits:
            self._done.append(PauliRotation(0, 0, Angle(offset=-2.0 * float(np.angle(op.matrix[0, 0])))))
        elif isinstance(op, Unitary) and len(op.qubits) <= MAX_FUSED:
            self._wait(op)
        else:
            qubits = self._touched(op)
            self._fresh -= qubits
            self._done += [*self._fusion.close(sorted(qubits)), op]

    def done(self) -> list[Block]:
        return [*self._done, *self._fusion.close(range(self._n_qubits))]

    def _position(self, qubit: int) -> int:
        return self._n_qubits - 1 - qubit

    def _single(self, op: Unitary | PauliRotation) -> int | None:
        """Return the qubit of an op on only one qubit."""
        if isinstance(op, Unitary):
            return op.qubits[0] if len(op.qubits) == 1 else None
        support = op.x | op.z
        return self._n_qubits - support.bit_length() if support.bit_count() == 1 else None

    def _turn(self, qubit: int, op: PauliRotation | Unitary) -> None:
        part = op if isinstance(op, Unitary) or not op.angle.fixed else _fixed(qubit, op)
        if isinstance(part, PauliRotation):
            self._wait(Turns(qubit, (part,)))
        elif qubit in self._fresh:
            self.product[qubit] = part.matrix @ self.product[qubit]
        else:
            self._wait(part)

    def _wait(self, block: Waiting) -> None:
        self._fresh.difference_update(_qubits(block))
        self._done += self._fusion.add(block)

    def _touched(self, op: Op) -> set[int]:
        if isinstance(op, PauliRotation):
            return {q for q in range(self._n_qubits) if (op.x | op.z) >> self._position(q) & 1}
        # The sign of an excitation depends on the modes before its own.
        return set(op.qubits) if isinstance(op, Unitary) else set(range(self._n_qubits))


def _qubits(block: Waiting) -> tuple[int, ...]:
    return (block.qubit,) if isinstance(block, Turns) else block.qubits


def _rank(block: Waiting) -> tuple[bool, int]:
    """Close rotations first, the lowest qubit first, then the widest unitary."""
    return (True, -block.qubit) if isinstance(block, Turns) else (False, len(block.qubits))


def _joined(blocks: Sequence[Waiting]) -> Waiting | None:
    """Return the union of blocks: rotations on one qubit, or a product that costs less than its factors."""
    if len(blocks) == 1:
        return blocks[0]
    unitaries = [block for block in blocks if isinstance(block, Unitary)]
    if len(unitaries) == len(blocks):
        product = _product(unitaries)
        return None if product is None or _cost(product) > sum(map(_cost, unitaries)) else product
    if any(len(block.qubits) > 1 for block in unitaries):
        return None
    parts = (block.parts if isinstance(block, Turns) else (block,) for block in blocks)
    return Turns(_qubits(blocks[0])[0], tuple(part for each in parts for part in each))


def _fixed(qubit: int, op: PauliRotation) -> Unitary:
    cos, sin = np.cos(op.angle.offset / 2), np.sin(op.angle.offset / 2)
    if not op.x:
        matrix = [[cos - 1j * sin, 0], [0, cos + 1j * sin]]
    elif op.z:
        matrix = [[cos, -sin], [sin, cos]]
    else:
        matrix = [[cos, -1j * sin], [-1j * sin, cos]]
    return Unitary((qubit,), np.array(matrix, dtype=np.complex128))


def _product(gates: Sequence[Unitary]) -> Unitary | None:
    """Return the product of gates, in order of application; None on more than `MAX_FUSED` qubits."""
    qubits = tuple(sorted({qubit for gate in gates for qubit in gate.qubits}))
    if len(qubits) > MAX_FUSED:
        return None
    matrix = np.eye(1 << len(qubits), dtype=np.complex128)
    for gate in gates:
        matrix = _applied(gate, qubits, matrix)
    return Unitary(qubits, matrix)


def _applied(gate: Unitary, qubits: tuple[int, ...], matrix: Complex) -> Complex:
    """Apply the gate to the row index of matrix[2^k, 2^k], whose bits are `qubits`."""
    k = len(gate.qubits)
    axes = [qubits.index(qubit) for qubit in gate.qubits]
    rows = np.moveaxis(matrix.reshape([2] * len(qubits) + [-1]), axes, range(k))
    product = (gate.matrix @ rows.reshape(1 << k, -1)).reshape(rows.shape)
    return np.ascontiguousarray(np.moveaxis(product, range(k), axes)).reshape(matrix.shape)


def _cost(gate: Unitary) -> float:
    if is_diagonal(gate.matrix):
        return DIAGONAL_COST
    return DENSE_COST[len(gate.qubits)] if controlled_x(gate.matrix) is None else CONTROLLED_X_COST


def is_diagonal(matrix: Complex) -> bool:
    """Return whether every off-diagonal entry is exactly zero."""
    return not np.any(matrix[~np.eye(len(matrix), dtype=bool)])


def controlled_x(matrix: Complex) -> int | None:
    """Return the target's position if the matrix is an X controlled by all other qubits, else None."""
    size = len(matrix)
    moved = np.flatnonzero(np.diagonal(matrix) != 1.0)
    if len(moved) != 2 or np.count_nonzero(matrix) != size:
        return None
    low, high = moved.tolist()
    flip = low ^ high
    if high != size - 1 or flip.bit_count() != 1 or matrix[low, high] != 1.0 or matrix[high, low] != 1.0:
        return None
    return size.bit_length() - 1 - flip.bit_length()
