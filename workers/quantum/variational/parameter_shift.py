"""Exact derivatives from shifted evaluations, for backends that can only sample."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np

from workers.quantum.objective import Vector
from workers.quantum.simulation.ir.program import (
    Angle,
    DiagonalPhase,
    Excitation,
    Op,
    PauliRotation,
    Program,
    RXLayer,
    Unitary,
)
from workers.quantum.variational import spectrum

Parametrised: TypeAlias = PauliRotation | Excitation | DiagonalPhase | RXLayer


@dataclass(frozen=True)
class Shift:
    """One shifted evaluation: op angle `angle` shifted by `by`, with its weight in the derivative."""

    angle: int
    by: float
    weight: float


class ParameterShift:
    """A program with a separate angle for every parametrised op, and the rule for its derivatives.

    Attributes:
        program: the ops, op angle k being parameter k.
    """

    def __init__(self, program: Program) -> None:
        self._n_parameters = program.n_parameters
        self._free: list[Parametrised] = []
        ops: list[Op] = []
        for op in program.ops:
            if not isinstance(op, Unitary) and not op.angle.fixed:
                self._free.append(op)
                op = replace(op, angle=Angle.parameter(len(self._free) - 1))
            ops.append(op)
        self.program = Program(program.n_qubits, len(self._free), tuple(ops), program.initial)

    @cached_property
    def shifts(self) -> list[Shift]:
        """All shifted evaluations of a gradient, in order.

        Raises:
            UserError: an op has no exact rule.
        """
        found = []
        for k, op in enumerate(self._free):
            spacing, harmonics = spectrum.of_op(op, self.program.n_qubits)
            found += [Shift(k, by / spacing, spacing * weight) for by, weight in rule(harmonics)]
        return found

    def angles(self, theta: Vector) -> Vector:
        """Return op angles in radians at theta[n_parameters]."""
        return np.array([op.angle.value(theta) for op in self._free], dtype=np.float64)

    def points(self, theta: Vector) -> Vector:
        """Return op angles at theta itself and at every shift, float64[1 + shifts, ops]."""
        points = np.tile(self.angles(theta), (1 + len(self.shifts), 1))
        for row, shift in zip(points[1:], self.shifts, strict=True):
            row[shift.angle] += shift.by
        return points

    def gradient(self, values: Vector) -> Vector:
        """Return derivatives by theta, given the values of all `shifts`, in their order."""
        by_angle = np.zeros(len(self._free))
        for shift, value in zip(self.shifts, values, strict=True):
            by_angle[shift.angle] += shift.weight * value
        gradient = np.zeros(self._n_parameters)
        for op, derivative in zip(self._free, by_angle, strict=True):
            for index, scale in op.angle.terms:
                gradient[index] += scale * derivative
        return gradient


def rule(count: int) -> list[tuple[float, float]]:
    """Return shifts and weights for the derivative of a trigonometric polynomial of frequencies 1 .. count.

    Source: Wierichs et al., Quantum 6, 677 (2022), eq. 9.
    """
    odd = 2 * np.arange(2 * count) + 1
    weights = (-1.0) ** np.arange(2 * count) / (4 * count * np.sin(odd * np.pi / (4 * count)) ** 2)
    return list(zip((odd * np.pi / (2 * count)).tolist(), weights.tolist(), strict=True))
