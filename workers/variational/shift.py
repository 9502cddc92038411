"""Exact derivatives from shifted evaluations, for backends that can only sample."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np

from workers.outcome import UserError
from workers.simulation.program import (
    Angle,
    DiagonalPhase,
    Excitation,
    Op,
    PauliRotation,
    Program,
    RXLayer,
    Unitary,
)
from workers.variational.objective import Vector

EQUIDISTANT = 1e-9
MOST_FREQUENCIES = 64

Parametrised: TypeAlias = PauliRotation | Excitation | DiagonalPhase | RXLayer


@dataclass(frozen=True)
class Shift:
    """One shifted evaluation: op angle `angle` moved by `by`, with its weight in the derivative."""

    angle: int
    by: float
    weight: float


class Unfolded:
    """A program with an angle of its own for every parametrised op, and the rule for its derivatives.

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
        """Every shifted evaluation that a gradient takes, in order.

        Raises:
            UserError: an op has no exact rule.
        """
        found = []
        for k, op in enumerate(self._free):
            spacing, count = _spectrum(op, self.program.n_qubits)
            found += [Shift(k, by / spacing, spacing * weight) for by, weight in rule(count)]
        return found

    def angles(self, theta: Vector) -> Vector:
        """Op angles in radians at theta[n_parameters]."""
        return np.array([op.angle.value(theta) for op in self._free], dtype=np.float64)

    def gradient(self, values: Vector) -> Vector:
        """Derivatives by theta from the values of all `shifts`, in their order."""
        by_angle = np.zeros(len(self._free))
        for shift, value in zip(self.shifts, values, strict=True):
            by_angle[shift.angle] += shift.weight * value
        gradient = np.zeros(self._n_parameters)
        for op, derivative in zip(self._free, by_angle, strict=True):
            for index, scale in op.angle.terms:
                gradient[index] += scale * derivative
        return gradient


def rule(count: int) -> list[tuple[float, float]]:
    """Shifts and weights for the derivative of a trigonometric polynomial of frequencies 1 .. count.

    Source: Wierichs et al., Quantum 6, 677 (2022), eq. 9.
    """
    odd = 2 * np.arange(2 * count) + 1
    weights = (-1.0) ** np.arange(2 * count) / (4 * count * np.sin(odd * np.pi / (4 * count)) ** 2)
    return list(zip((odd * np.pi / (2 * count)).tolist(), weights.tolist(), strict=True))


def _spectrum(op: Parametrised, n_qubits: int) -> tuple[float, int]:
    """The spacing of the frequencies of an op's angle in any expectation value, and how many there are."""
    if isinstance(op, PauliRotation):
        return 1.0, 1
    if isinstance(op, Excitation):
        return 1.0, 2
    if isinstance(op, RXLayer):
        return 1.0, n_qubits
    levels = np.unique(np.round(op.diagonal, 12))
    gaps = np.diff(levels)
    spacing = float(np.min(gaps)) if gaps.size else 1.0
    steps = gaps / spacing
    count = round(float(levels[-1] - levels[0]) / spacing)
    if np.abs(steps - np.round(steps)).max(initial=0.0) > EQUIDISTANT or count > MOST_FREQUENCIES:
        raise UserError(
            "optimizer: gradients from shots need an ansatz whose terms have equal weights; "
            "choose spsa, cobyla or nelder_mead, or shots: null"
        )
    return spacing, max(count, 1)
