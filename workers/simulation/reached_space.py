"""A program of excitations, run on the basis states it can reach.

Excitations are real and keep the particle number, so a state starting from one basis state stays real
and inside the set of basis states that chains of excitations reach. The observable is projected onto
that set, which changes neither energy nor gradient.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from workers.simulation.excitation import Indices, pairs
from workers.simulation.pauli import PauliSum
from workers.simulation.program import Angle, Complex, Excitation, Float, Program

ENTRY_BYTES = 32


def suits(program: Program) -> bool:
    """Whether the program is made of excitations alone."""
    return bool(program.ops) and all(isinstance(op, Excitation) for op in program.ops)


def reached(program: Program) -> Indices:
    """The basis states reachable from the initial one, ascending, int64[m]."""
    basis = np.array([program.initial], dtype=np.int64)
    distinct = {(op.sources, op.targets): op for op in program.ops if isinstance(op, Excitation)}
    size = 0
    while size < len(basis):
        size = len(basis)
        for op in distinct.values():
            for near, far in ((op.sources, op.targets), (op.targets, op.sources)):
                moved = pairs(Excitation(near, far, Angle()), basis, program.n_qubits)
                basis = np.union1d(basis, np.concatenate(moved))
    return basis


def memory_bytes(program: Program, observable: PauliSum | None) -> int:
    """Upper bound of the peak bytes of a `ReachedSpace`."""
    n_states = math.comb(program.n_qubits, program.initial.bit_count())
    masks = len(set(observable.x_masks.tolist())) if observable is not None else 0
    return n_states * (ENTRY_BYTES * masks + 8 * len(program.ops) + 64)


@dataclass(frozen=True, eq=False)
class Step:
    """One excitation within the reached states.

    Attributes:
        here: int64[2m], positions that change.
        there: int64[2m], their partners.
        signs: float64[2m], sign of the partner's share.
        angle: Radians.
    """

    here: Indices
    there: Indices
    signs: Float
    angle: Angle


class ReachedSpace:
    """Excitations, and perhaps an observable, on real vectors over the reached basis states."""

    def __init__(self, program: Program, observable: PauliSum | None) -> None:
        self.n_qubits = program.n_qubits
        self._n_parameters = program.n_parameters
        self.basis = reached(program)
        self._steps = list(_steps(program, self.basis))
        self._start = (self.basis == program.initial).astype(np.float64)
        self._matrix = Projection(observable, self.basis) if observable is not None else None

    def state(self, theta: Float) -> Complex:
        """Final state complex128[2^n]."""
        state = np.zeros(1 << self.n_qubits, dtype=np.complex128)
        state[self.basis] = self._forward(theta, [])
        return state

    def energy(self, theta: Float) -> float:
        """Expectation value of the observable."""
        vector = self._forward(theta, [])
        return float(np.dot(vector, self._image(vector)))

    def energy_and_gradient(self, theta: Float) -> tuple[float, Float]:
        """Expectation value and derivatives float64[n_parameters]."""
        tape: list[tuple[float, float, Float]] = []
        vector = self._forward(theta, tape)
        bra = self._image(vector)
        energy = float(np.dot(vector, bra))
        gradient = np.zeros(self._n_parameters)
        for step in reversed(self._steps):
            cos, sin, moved = tape.pop()
            undone = cos * bra[step.here] - sin * (step.signs * bra[step.there])
            bra[step.here] = undone
            slope = 2.0 * float(np.dot(undone, moved))
            for index, scale in step.angle.terms:
                gradient[index] += scale * slope
        return energy, gradient

    def _forward(self, theta: Float, tape: list[tuple[float, float, Float]]) -> Float:
        """Final real vector; cosine, sine and (T - T^dagger) on the state before each step go to the tape."""
        vector = self._start.copy()
        for step in self._steps:
            angle = step.angle.value(theta)
            cos, sin = math.cos(angle), math.sin(angle)
            moved = step.signs * vector[step.there]
            vector[step.here] = cos * vector[step.here] + sin * moved
            tape.append((cos, sin, moved))
        return np.asarray(vector, dtype=np.float64)

    def _image(self, vector: Float) -> Float:
        if self._matrix is None:
            raise LookupError("no observable")
        return self._matrix.apply(vector)


class Projection:
    """The real part of an observable between the given basis states, as row-sorted entries."""

    def __init__(self, observable: PauliSum, basis: Indices) -> None:
        rows, columns, values = _entries(observable, basis)
        order = np.argsort(rows, kind="stable")
        self._columns, self._values = columns[order], values[order]
        self._starts = np.searchsorted(rows[order], np.arange(len(basis)))

    def apply(self, vector: Float) -> Float:
        """The projected observable on vector float64[m]."""
        return np.asarray(
            np.add.reduceat(self._values * vector[self._columns], self._starts), dtype=np.float64
        )


def _entries(observable: PauliSum, basis: Indices) -> tuple[Indices, Indices, Float]:
    """Row, column and value of the entries; every row has its diagonal entry, be it zero."""
    n_y = np.bitwise_count(observable.x_masks & observable.z_masks).astype(np.int64)
    odd_y, coefficients = n_y % 2, (1 - (n_y & 2)) * observable.coefficients
    rows, columns, values = [], [], []
    for mask in sorted({0, *observable.x_masks.tolist()}):
        partner = basis ^ mask
        position = np.minimum(np.searchsorted(basis, partner), len(basis) - 1)
        row = np.flatnonzero(basis[position] == partner)
        chosen = (observable.x_masks == mask) & (odd_y == 0)
        if not len(row):
            continue
        signs = 1.0 - 2.0 * (np.bitwise_count(basis[row, None] & observable.z_masks[chosen]) & 1)
        rows.append(row)
        columns.append(position[row])
        values.append(signs @ coefficients[chosen])
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(values)


def _steps(program: Program, basis: Indices) -> Iterable[Step]:
    made: dict[object, tuple[Indices, Indices]] = {}
    for op in program.ops:
        assert isinstance(op, Excitation)
        key = (op.sources, op.targets)
        if key not in made:
            first, second = pairs(op, basis, program.n_qubits)
            made[key] = np.searchsorted(basis, first), np.searchsorted(basis, second)
        first, second = made[key]
        signs = np.repeat([-1.0, 1.0], len(first))
        yield Step(np.concatenate([first, second]), np.concatenate([second, first]), signs, op.angle)
