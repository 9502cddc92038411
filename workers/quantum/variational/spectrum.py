"""The frequency spectrum of expectation values in the parameters of a program."""

from __future__ import annotations

import math

import numpy as np

from novacron.specs.qaoa import MOST_HARMONICS
from workers.quantum.objective import Frequencies
from workers.quantum.simulation.ir.program import (
    DiagonalPhase,
    Excitation,
    Op,
    PauliRotation,
    Program,
    RXLayer,
    Unitary,
)
from workers.runtime.outcome import UserError

LEVEL_DIGITS = 12
"""Levels of a diagonal operator that agree to this many digits of the largest are equal."""
EQUIDISTANT = 1e-7
ROUNDING = 1e-9


def of_op(op: Op, n_qubits: int) -> Frequencies:
    """Return the frequencies of any expectation value in an op's angle.

    Raises:
        UserError: a diagonal operator whose levels are not equidistant, or too many.
    """
    if isinstance(op, PauliRotation):
        return Frequencies(1.0, 1)
    if isinstance(op, Excitation):
        return Frequencies(1.0, 2)
    if isinstance(op, RXLayer):
        return Frequencies(1.0, n_qubits)
    assert isinstance(op, DiagonalPhase)
    bound = float(np.abs(op.diagonal).max()) or 1.0
    levels = bound * np.unique(np.round(op.diagonal / bound, LEVEL_DIGITS))
    return _covered(np.diff(levels), float(levels[-1] - levels[0]))


def of_parameters(program: Program) -> list[Frequencies]:
    """Return the frequencies of every parameter.

    Raises:
        UserError: those of a parameter have no common divisor, or are too many.
    """
    found: list[list[tuple[float, int]]] = [[] for _ in range(program.n_parameters)]
    for op in program.ops:
        if isinstance(op, Unitary) or op.angle.fixed:
            continue
        spacing, harmonics = of_op(op, program.n_qubits)
        scales: dict[int, float] = {}
        for index, scale in op.angle.terms:
            scales[index] = scales.get(index, 0.0) + scale
        for index, scale in scales.items():
            if scale:
                found[index].append((abs(scale) * spacing, harmonics))
    return [
        _covered(np.array([rate for rate, _ in rates]), sum(rate * harmonics for rate, harmonics in rates))
        for rates in found
    ]


def _covered(steps: np.typing.NDArray[np.float64], highest: float) -> Frequencies:
    """Return the multiples of the common divisor of all steps, up to the highest frequency."""
    spacing = _common(steps[steps > 0.0].tolist()) or 1.0
    harmonics = max(round(highest / spacing), 1)
    spacing = highest / harmonics if highest else 1.0
    ratios = steps / spacing
    if np.abs(ratios - np.round(ratios)).max(initial=0.0) > EQUIDISTANT or harmonics > MOST_HARMONICS:
        raise UserError(
            "optimizer: a parameter of this circuit oscillates at rates that are not multiples of one, or at "
            f"more than {MOST_HARMONICS} of them: rotosolve, and gradients from shots, need terms of equal "
            "weights; choose spsa, cobyla or nelder_mead, or lbfgs without shots"
        )
    return Frequencies(spacing, harmonics)


def _common(steps: list[float]) -> float:
    """Return the greatest common divisor, by Euclid's algorithm; 0 if there are none."""
    greatest, common = max(steps, default=0.0), 0.0
    for step in sorted(set(steps), reverse=True):
        while step > ROUNDING * greatest:
            common, step = step, math.fmod(common, step)
            step = min(step, abs(common - step))
    return common
