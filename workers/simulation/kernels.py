"""What each op does to state vectors, in NumPy.

A kernel acts on arrays complex128[..., 2^n], leaves its argument alone and returns a new array (or,
where nothing changes, the argument). A rotation is U(angle) = exp(angle K) with K anti-Hermitian.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from workers.simulation.excitation import ExcitationKernel
from workers.simulation.operator import PauliAction, parity_signs
from workers.simulation.program import (
    Complex,
    DiagonalPhase,
    Excitation,
    Float,
    Op,
    PauliRotation,
    RXLayer,
    Unitary,
)

MIXER_BITS = 5
# Up to this size products are kept below what BLAS libraries hand to threads, which cost more than they give.
SMALL_QUBITS, SMALL_BITS = 14, 3
MAX_LEVELS = 4096
SLICED_COLUMNS = 4


class Scratch:
    """An array kept from call to call, since fresh memory of a state's size costs more than its use."""

    def __init__(self) -> None:
        self._array: Complex = np.empty(0, dtype=np.complex128)

    def __call__(self, shape: tuple[int, ...]) -> Complex:
        """A complex128 array of this shape with arbitrary content."""
        if self._array.shape != shape:
            self._array = np.empty(shape, dtype=np.complex128)
        return self._array


class Kernel(Protocol):
    """One op, prepared for states of n qubits."""

    def apply(self, states: Complex, angle: float) -> Complex:
        """U(angle) on the states."""
        ...

    def undo(self, states: Complex, angle: float) -> Complex:
        """The inverse of U(angle) on the states."""
        ...

    def slope(self, bra: Complex, ket: Complex) -> float:
        """2 Re <bra|K|ket>, for bra and ket complex128[2^n]."""
        ...


class UnitaryKernel:
    """A fixed unitary; sums over slices where its rows are short, one matrix product otherwise."""

    def __init__(self, op: Unitary, n_qubits: int) -> None:
        self._axes = _split_shape(op.qubits, n_qubits)
        self._positions = [sorted(op.qubits).index(qubit) for qubit in op.qubits]
        longest = int(np.count_nonzero(op.matrix, axis=1).max())
        self._run = self._by_slices if longest <= SLICED_COLUMNS else self._by_product
        self._forward = op.matrix
        self._backward = op.matrix.conj().T.copy()

    def apply(self, states: Complex, angle: float) -> Complex:
        """The unitary on the states; the angle is ignored."""
        return self._run(self._forward, states)

    def undo(self, states: Complex, angle: float) -> Complex:
        """The adjoint on the states; the angle is ignored."""
        return self._run(self._backward, states)

    def slope(self, bra: Complex, ket: Complex) -> float:
        """Zero: nothing depends on an angle."""
        return 0.0

    def _slice(self, index: int) -> tuple[Any, ...]:
        chosen: list[Any] = [slice(None)] * len(self._axes)
        k = len(self._positions)
        for i, position in enumerate(self._positions):
            chosen[2 * position + 1] = index >> (k - 1 - i) & 1
        return tuple(chosen)

    def _by_slices(self, matrix: Complex, states: Complex) -> Complex:
        source = states.reshape(self._axes)
        result = source.copy()
        for row, values in enumerate(matrix):
            columns = np.flatnonzero(values).tolist()
            if columns == [row] and values[row] == 1:
                continue
            target = result[self._slice(row)]
            np.multiply(source[self._slice(columns[0])], values[columns[0]], out=target)
            for column in columns[1:]:
                target += values[column] * source[self._slice(column)]
        return result.reshape(states.shape)

    def _by_product(self, matrix: Complex, states: Complex) -> Complex:
        axes = [2 * position + 1 for position in self._positions]
        moved = np.moveaxis(states.reshape(self._axes), axes, range(len(axes)))
        product = matrix @ moved.reshape(len(matrix), -1)
        return np.moveaxis(product.reshape(moved.shape), range(len(axes)), axes).reshape(states.shape)


class PhaseKernel:
    """exp(-i angle/2): the rotation about the identity."""

    def apply(self, states: Complex, angle: float) -> Complex:
        """The phase times the states."""
        return states * complex(math.cos(angle / 2), -math.sin(angle / 2))

    def undo(self, states: Complex, angle: float) -> Complex:
        """The conjugate phase times the states."""
        return self.apply(states, -angle)

    def slope(self, bra: Complex, ket: Complex) -> float:
        """Im <bra|ket>."""
        return float(np.vdot(bra, ket).imag)


class SingleRotation:
    """exp(-i angle/2 P) for P = X, Y or Z on one qubit."""

    def __init__(self, qubit: int, pauli: str, n_qubits: int) -> None:
        self._axes = (-1, 2, 1 << (n_qubits - 1 - qubit))
        self._pauli = pauli

    def apply(self, states: Complex, angle: float) -> Complex:
        """The rotated states."""
        return self._turn(states, math.cos(angle / 2), math.sin(angle / 2))

    def undo(self, states: Complex, angle: float) -> Complex:
        """The states rotated back."""
        return self.apply(states, -angle)

    def slope(self, bra: Complex, ket: Complex) -> float:
        """Im <bra|P|ket>."""
        return float(np.vdot(bra, self._turn(ket, 0.0, 1.0)).real)

    def _turn(self, states: Complex, cos: float, sin: float) -> Complex:
        """(cos - i sin P) on the states."""
        rows = states.reshape(self._axes)
        result = np.empty_like(rows)
        zero, one = rows[:, 0], rows[:, 1]
        if self._pauli == "Z":
            np.multiply(zero, complex(cos, -sin), out=result[:, 0])
            np.multiply(one, complex(cos, sin), out=result[:, 1])
            return result.reshape(states.shape)
        up, down = (-sin, sin) if self._pauli == "Y" else (-1j * sin, -1j * sin)
        np.multiply(rows, cos, out=result)
        result[:, 0] += up * one
        result[:, 1] += down * zero
        return result.reshape(states.shape)


class PauliKernel:
    """exp(-i angle/2 P) for any Pauli string, in one pass."""

    def __init__(self, x: int, z: int, n_qubits: int) -> None:
        self._action = PauliAction.of(n_qubits, x, z)

    def apply(self, states: Complex, angle: float) -> Complex:
        """The rotated states."""
        result = self._action.apply(states)
        result *= -1j * math.sin(angle / 2)
        result += math.cos(angle / 2) * states
        return result

    def undo(self, states: Complex, angle: float) -> Complex:
        """The states rotated back."""
        return self.apply(states, -angle)

    def slope(self, bra: Complex, ket: Complex) -> float:
        """Im <bra|P|ket>."""
        return float(np.vdot(bra, self._action.apply(ket)).imag)


class DiagonalKernel:
    """exp(-i angle D); phases are looked up where D takes few evenly spaced values."""

    def __init__(self, diagonal: Float) -> None:
        self._diagonal = diagonal
        self._scratch = Scratch()
        self._levels: Float | None = None
        lowest = float(np.min(diagonal))
        for step in (1.0, 0.5, 0.25):
            index = (diagonal - lowest) / step
            if np.max(index) < MAX_LEVELS and np.array_equal(index, np.rint(index)):
                self._index = index.astype(np.int64)
                self._levels = lowest + step * np.arange(int(np.max(index)) + 1, dtype=np.float64)
                return

    def apply(self, states: Complex, angle: float) -> Complex:
        """The states with their phases."""
        if self._levels is None:
            return states * _phases(self._diagonal, angle)
        factors = self._scratch(self._index.shape)
        np.take(_phases(self._levels, angle), self._index, out=factors, mode="clip")
        return states * factors

    def undo(self, states: Complex, angle: float) -> Complex:
        """The states with the conjugate phases."""
        return self.apply(states, -angle)

    def slope(self, bra: Complex, ket: Complex) -> float:
        """2 Im <bra|D|ket>."""
        image = np.multiply(self._diagonal, ket, out=self._scratch(ket.shape))
        return 2.0 * float(np.vdot(bra, image).imag)


class MixerKernel:
    """RX(angle) on every qubit, as dense blocks of a few qubits."""

    def __init__(self, n_qubits: int) -> None:
        n_blocks = -(-n_qubits // (SMALL_BITS if n_qubits <= SMALL_QUBITS else MIXER_BITS))
        sizes = [n_qubits // n_blocks + (i < n_qubits % n_blocks) for i in range(n_blocks)]
        ends = np.cumsum(sizes).tolist()
        self._scratch = Scratch(), Scratch()
        self._blocks = [(size, 1 << (n_qubits - end)) for size, end in zip(sizes, ends, strict=True)]
        self._distances = {
            size: np.bitwise_count(np.arange(1 << size)[:, None] ^ np.arange(1 << size))
            for size in set(sizes)
        }

    def apply(self, states: Complex, angle: float) -> Complex:
        """The mixed states."""
        cos, sin = math.cos(angle / 2), -1j * math.sin(angle / 2)
        dense = {}
        for size, distances in self._distances.items():
            powers = np.array([cos ** (size - k) * sin**k for k in range(size + 1)])
            dense[size] = powers[distances]
        source = states
        for k, (size, inner) in enumerate(self._blocks):
            last = k == len(self._blocks) - 1
            out = np.empty_like(states) if last else self._scratch[k % 2](states.shape)
            source = _on_block(dense[size], source, inner, out)
        return source

    def undo(self, states: Complex, angle: float) -> Complex:
        """The states mixed back."""
        return self.apply(states, -angle)

    def slope(self, bra: Complex, ket: Complex) -> float:
        """Im <bra|sum X|ket>."""
        total = 0.0
        for size, inner in self._blocks:
            adjacency = np.asarray(self._distances[size] == 1, dtype=np.float64)
            image = _on_block(adjacency, ket, inner, self._scratch[0](ket.shape))
            total += float(np.vdot(bra, image).imag)
        return total


def kernel(op: Op, n_qubits: int) -> Kernel:
    """The kernel of one op."""
    return BUILDERS[type(op)](op, n_qubits)


def _pauli_kernel(op: PauliRotation, n_qubits: int) -> Kernel:
    support = op.x | op.z
    if support == 0:
        return PhaseKernel()
    if support.bit_count() == 1:
        return SingleRotation(n_qubits - support.bit_length(), "_XZY"[bool(op.x) + 2 * bool(op.z)], n_qubits)
    if op.x == 0 and n_qubits <= 16:
        return DiagonalKernel(0.5 * parity_signs(1 << n_qubits, op.z))
    return PauliKernel(op.x, op.z, n_qubits)


BUILDERS: dict[type, Callable[[Any, int], Kernel]] = {
    Unitary: UnitaryKernel,
    PauliRotation: _pauli_kernel,
    Excitation: ExcitationKernel,
    DiagonalPhase: lambda op, n_qubits: DiagonalKernel(op.diagonal),
    RXLayer: lambda op, n_qubits: MixerKernel(n_qubits),
}


def _phases(values: Float, angle: float) -> Complex:
    result = np.empty(values.shape, dtype=np.complex128)
    turned = -angle * values
    np.cos(turned, out=result.real)
    np.sin(turned, out=result.imag)
    return result


def _on_block(matrix: Complex | Float, states: Complex, inner: int, out: Complex) -> Complex:
    """A matrix on the block of qubits that has `inner` states below it, written to `out`."""
    rows, result = (array.reshape(-1, len(matrix), inner) for array in (states, out))
    if inner == 1:
        np.matmul(rows[:, :, 0], matrix.T, out=result[:, :, 0])
    elif matrix.dtype == np.float64:
        np.matmul(matrix, rows.view(np.float64), out=result.view(np.float64))
    else:
        np.matmul(matrix, rows, out=result)
    return out


def _split_shape(qubits: Sequence[int], n_qubits: int) -> tuple[int, ...]:
    """Axes (-1, 2, ..., 2, rest) with one axis of length 2 for each qubit, ascending."""
    shape = [-1]
    ordered = sorted(qubits)
    for qubit, following in zip(ordered, [*ordered[1:], n_qubits], strict=True):
        shape += [2, 1 << (following - qubit - 1)]
    return tuple(shape)
