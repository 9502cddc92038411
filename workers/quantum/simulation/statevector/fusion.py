"""Gate sequences on state vectors; gates on a few common qubits are multiplied together first.

A pass over a large state costs memory traffic, not arithmetic: one 32 x 32 product replaces many passes.
The qubits of the next product are moved to the front of the state, and back only at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from shared.circuits.instruction import Affine, Barrier, Gate, Unitary, UnitaryInstruction
from workers.quantum.simulation.ir import gates
from workers.quantum.simulation.ir.fusion import Fusion
from workers.quantum.simulation.ir.program import Complex
from workers.quantum.simulation.ir.refusal import CircuitError
from workers.quantum.simulation.statevector.product import Product

Step = Callable[[Complex], Complex]
Part = tuple[Complex, tuple[int, ...]]

GROUP_QUBITS = 5
FUSED_FROM_QUBITS = 11
CHEAP_ALONE = 2


class FreeParameterError(CircuitError):
    """A gate with an unbound parameter."""


@dataclass(frozen=True, eq=False)
class Group:
    """Gates on a few qubits, in order, to be multiplied: (matrix, qubits) pairs."""

    qubits: frozenset[int]
    parts: tuple[Part, ...]


def steps(instructions: Sequence[UnitaryInstruction], n_qubits: int) -> list[Step]:
    """Prepare a gate sequence.

    Args:
        instructions: Gates without free parameters; barriers are skipped.
        n_qubits: Number of qubits.

    Returns:
        Functions to be called in turn, each taking complex128[b, 2^n] and returning such an array.

    Raises:
        FreeParameterError: An angle depends on a parameter.
    """
    parts = [(matrix(item), item.qubits) for item in instructions if not isinstance(item, Barrier)]
    if n_qubits < FUSED_FROM_QUBITS:
        return [_alone(part, range(n_qubits)) for part in parts]
    result: list[Step] = []
    order = list(range(n_qubits))
    for group in _grouped(parts):
        if len(group.parts) <= CHEAP_ALONE:
            result += [_alone(part, order) for part in group.parts]
            continue
        front = [qubit for qubit in order if qubit in group.qubits]
        target = front + [qubit for qubit in order if qubit not in group.qubits]
        result.append(_together(_multiplied(group.parts, front), _moves(order, target)))
        order = target
    if order != sorted(order):
        result.append(_reordered(_moves(order, sorted(order))))
    return result


def matrix(item: Gate | Unitary) -> Complex:
    """Return the matrix of a gate, complex128[2^k, 2^k], first qubit most significant.

    Raises:
        FreeParameterError: An angle depends on a parameter.
    """
    if isinstance(item, Unitary):
        return np.array(item.matrix, dtype=np.complex128)
    angles = []
    for angle in item.params:
        if isinstance(angle, Affine):
            raise FreeParameterError(f"the circuit's parameter {angle.terms[0][0]!r} has no value")
        angles.append(angle)
    return gates.matrix(item.name, angles)


def _grouped(parts: Sequence[Part]) -> list[Group]:
    """Return groups in an order that keeps every gate behind the earlier gates on its qubits."""
    fusion = Fusion(_joined, lambda group: group.qubits)
    done = [group for part in parts for group in fusion.add(Group(frozenset(part[1]), (part,)))]
    return done + _packed(fusion.close())


def _joined(groups: Sequence[Group]) -> Group | None:
    """Return the union of groups, None if it is too wide."""
    union = _union(groups)
    return union if len(groups) == 1 or len(union.qubits) <= GROUP_QUBITS else None


def _packed(groups: Sequence[Group]) -> list[Group]:
    """Merge disjoint groups as far as they fit."""
    result: list[Group] = []
    for group in groups:
        fits = (i for i, other in enumerate(result) if len(other.qubits | group.qubits) <= GROUP_QUBITS)
        index = next(fits, None)
        if index is None:
            result.append(group)
        else:
            result[index] = _union([result[index], group])
    return result


def _union(groups: Sequence[Group]) -> Group:
    qubits = frozenset[int]().union(*(group.qubits for group in groups))
    return Group(qubits, tuple(part for group in groups for part in group.parts))


def _alone(part: Part, order: Sequence[int]) -> Step:
    values, qubits = part
    if not qubits:
        return lambda states: states * values[0, 0]
    places = tuple(list(order).index(qubit) for qubit in qubits)
    return Product(values, places, len(order))


def _multiplied(parts: Sequence[Part], qubits: Sequence[int]) -> Complex:
    """Return the product of the gates on `qubits`, complex128[2^k, 2^k]."""
    columns = np.eye(1 << len(qubits), dtype=np.complex128)
    for part in parts:
        columns = _alone(part, qubits)(columns)
    # Each row of `columns` was evolved as a state: it holds one column of the product.
    return columns.T.copy()


def _moves(order: Sequence[int], target: Sequence[int]) -> list[int]:
    """Return the axes permutation of [b, 2, ..., 2] that maps states from one order of qubits to another."""
    return [0, *(1 + order.index(qubit) for qubit in target)]


def _reordered(moves: Sequence[int]) -> Step:
    if list(moves) == sorted(moves):
        return lambda states: states

    def step(states: Complex) -> Complex:
        axes = states.reshape(-1, *[2] * (len(moves) - 1))
        return np.ascontiguousarray(axes.transpose(moves)).reshape(states.shape)

    return step


def _together(values: Complex, moves: Sequence[int]) -> Step:
    reorder = _reordered(moves)

    def step(states: Complex) -> Complex:
        rows = reorder(states).reshape(-1, len(values), states.shape[-1] // len(values))
        return np.asarray(np.matmul(values, rows).reshape(states.shape), dtype=np.complex128)

    return step
