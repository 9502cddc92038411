"""Natural gradients: gradients in the metric of states, from states at shifted angles.

Source: Stokes et al., Quantum 4, 269 (2020), eqs. 5 and 6.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from shared.quantum.wants import Want
from workers.quantum.backends.base import Backend, Plan
from workers.quantum.backends.immediate import finished, prepared
from workers.quantum.objective import Vector
from workers.quantum.simulation.ir.program import (
    Angle,
    Complex,
    DiagonalPhase,
    Excitation,
    Op,
    PauliRotation,
    Program,
    RXLayer,
    Unitary,
    angle_of,
)
from workers.runtime import memory

BATCH_BYTES = 1 << 26
BYTES_PER_AMPLITUDE = 16


class Part(NamedTuple):
    """A term of a derivative of the state: weight * the state with op angle `angle` shifted by `by`."""

    parameter: int
    angle: int
    by: float
    weight: complex


class Tangents:
    """The derivatives of a program's final state by its parameters, each a sum of states.

    Attributes:
        program: the ops with an angle of its own for each, op angle k being parameter k.
        parts: the terms of the derivatives.
    """

    def __init__(self, program: Program, backend: Backend) -> None:
        self._backend, self._n_parameters = backend, program.n_parameters
        self._angles: list[Angle] = []
        self.parts: list[Part] = []
        ops: list[Op] = []
        for op in program.ops:
            ops += self._with_own_angles(op, program.n_qubits)
        self.program = Program(program.n_qubits, len(self._angles), tuple(ops), program.initial)

    def natural(self, theta: Vector, gradient: Vector, shift: float) -> Vector:
        """Return (metric + shift)^-1 gradient, float64[n_parameters]; the shortest step if that is singular.

        Raises:
            ResourceExhaustedError: the derivatives need more memory than available.
        """
        metric = self.metric(theta)
        shifted = metric + shift * np.eye(self._n_parameters)
        if shift > np.finfo(float).eps * np.trace(metric):
            return np.linalg.solve(shifted, gradient)
        # Such a shift is lost in rounding, and directions without effect would get arbitrary lengths.
        return np.linalg.lstsq(shifted, gradient)[0]

    def metric(self, theta: Vector) -> Vector:
        """Return the Fubini-Study metric Re(<d_i psi|d_j psi> - <d_i psi|psi><psi|d_j psi>), float64[P,P]."""
        angles = np.array([angle.value(theta) for angle in self._angles])
        state, slopes = self._states(angles[None])[0], self._slopes(angles)
        along = np.einsum("pi,i->p", slopes.conj(), state)
        # einsum sums in one order, whatever the number of threads.
        overlaps = np.einsum("pi,qi->pq", slopes.view(np.float64), slopes.view(np.float64))
        return np.asarray(overlaps - np.outer(along, along.conj()).real)

    def _slopes(self, angles: Vector) -> Complex:
        """Return derivatives of the state, complex128[n_parameters, 2^n]."""
        size = 1 << self.program.n_qubits
        memory.check(BYTES_PER_AMPLITUDE * size * self._n_parameters + 2 * BATCH_BYTES)
        slopes = np.zeros((self._n_parameters, size), dtype=np.complex128)
        rows = max(1, BATCH_BYTES // (BYTES_PER_AMPLITUDE * size))
        for first in range(0, len(self.parts), rows):
            batch = self.parts[first : first + rows]
            points = np.tile(angles, (len(batch), 1))
            for point, part in zip(points, batch, strict=True):
                point[part.angle] += part.by
            for state, part in zip(self._states(points), batch, strict=True):
                slopes[part.parameter] += part.weight * state
        return slopes

    def _states(self, points: Vector) -> Complex:
        """Return final states at points [rows, angles], complex128[rows, 2^n]."""
        (answer,) = finished(self._backend, self._plan.at(points))
        assert answer.states is not None
        return answer.states

    @cached_property
    def _plan(self) -> Plan:
        return prepared(self._backend, self.program, None, {Want.STATES})

    def _with_own_angles(self, op: Op, n_qubits: int) -> list[Op]:
        """Return the op as ops with separate angles, recording their terms."""
        angle = angle_of(op)
        if isinstance(op, Unitary) or angle.fixed:
            return [op]
        if isinstance(op, RXLayer):
            turns = [PauliRotation(1 << bit, 0, angle) for bit in range(n_qubits)]
            return [made for turn in turns for made in self._with_own_angles(turn, n_qubits)]
        own = self._angle(angle)
        if isinstance(op, PauliRotation):
            self._share(angle, own, (math.pi,), 0.5)
        if isinstance(op, Excitation):
            self._share(angle, own, (math.pi / 2,), 0.5)
            self._share(angle, own, (-math.pi / 2,), -0.5)
        if not isinstance(op, DiagonalPhase):
            return [replace(op, angle=Angle.parameter(own))]
        # A real diagonal is half the sum of two diagonal unitaries: cos(a) = (exp(ia) + exp(-ia)) / 2.
        bound = float(np.abs(op.diagonal).max()) or 1.0
        aside = self._angle(Angle())
        self._share(angle, aside, (1.0, -1.0), -0.5j * bound)
        return [
            replace(op, angle=Angle.parameter(own)),
            DiagonalPhase(np.arccos(op.diagonal / bound), Angle.parameter(aside)),
        ]

    def _angle(self, angle: Angle) -> int:
        self._angles.append(angle)
        return len(self._angles) - 1

    def _share(self, angle: Angle, moved: int, by: tuple[float, ...], weight: complex) -> None:
        for index, scale in angle.terms:
            self.parts += [Part(index, moved, shift, scale * weight) for shift in by]
