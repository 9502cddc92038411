"""A program run on all 2^n amplitudes, with adjoint differentiation.

Source: Jones and Gacon, arXiv:2009.02823 (2020): one pass forward, one back, whatever the number of
parameters.
"""

from __future__ import annotations

import numpy as np

from workers.simulation.kernels import Kernel, kernel
from workers.simulation.operator import Operator, table_bytes
from workers.simulation.pauli import PauliSum
from workers.simulation.program import (
    Angle,
    Complex,
    DiagonalPhase,
    Excitation,
    Float,
    Op,
    PauliRotation,
    Program,
    Unitary,
    angle_of,
)

TAPE_LIMIT = 1 << 28
WORKING_STATES = 8


class FullSpace:
    """A program, and perhaps an observable, on state vectors of 2^n amplitudes.

    The ops before the first free angle are run once, here.
    """

    def __init__(self, program: Program, observable: PauliSum | None) -> None:
        self._n_parameters = program.n_parameters
        self._operator = Operator(observable) if observable is not None else None
        self._start = np.zeros(1 << program.n_qubits, dtype=np.complex128)
        self._start[program.initial] = 1.0
        made: dict[object, Kernel] = {}
        self._steps: list[tuple[Kernel, Angle]] = []
        for op in program.ops:
            key = _identity(op)
            if key not in made:
                made[key] = kernel(op, program.n_qubits)
            self._steps.append((made[key], angle_of(op)))
        while self._steps and self._steps[0][1].fixed:
            first, angle = self._steps.pop(0)
            self._start = first.apply(self._start, angle.offset)

    def state(self, theta: Float) -> Complex:
        """Final state complex128[2^n]."""
        state = self._start
        for step, angle in self._steps:
            state = step.apply(state, angle.value(theta))
        return state.copy() if state is self._start else state

    def energy(self, theta: Float) -> float:
        """Expectation value of the observable."""
        state = self.state(theta)
        return float(np.vdot(state, self._image(state)).real)

    def energy_and_gradient(self, theta: Float) -> tuple[float, Float]:
        """Expectation value and derivatives float64[n_parameters]."""
        state = self._start
        keep = len(self._steps) * state.nbytes <= TAPE_LIMIT
        tape: list[Complex] = []
        for step, angle in self._steps:
            if keep:
                tape.append(state)
            state = step.apply(state, angle.value(theta))
        bra = self._image(state)
        energy = float(np.vdot(state, bra).real)
        gradient = np.zeros(self._n_parameters)
        for step, angle in reversed(self._steps):
            value = angle.value(theta)
            if not angle.fixed:
                slope = step.slope(bra, state)
                for index, scale in angle.terms:
                    gradient[index] += scale * slope
            state = tape.pop() if keep else step.undo(state, value)
            bra = step.undo(bra, value)
        return energy, gradient

    def _image(self, state: Complex) -> Complex:
        if self._operator is None:
            raise LookupError("no observable")
        return self._operator.apply(state)


def memory_bytes(program: Program, observable: PauliSum | None) -> int:
    """Peak bytes of a `FullSpace`, from the program alone."""
    state = 16 << program.n_qubits
    diagonals = {id(op.diagonal) for op in program.ops if isinstance(op, DiagonalPhase)}
    excitations = {(op.sources, op.targets) for op in program.ops if isinstance(op, Excitation)}
    pairs = sum(state >> (2 * len(sources)) for sources, _ in excitations)
    tape = min(len(program.ops) * state, TAPE_LIMIT)
    tables = table_bytes(observable) if observable is not None else 0
    return WORKING_STATES * state + len(diagonals) * state + pairs + tape + tables


def _identity(op: Op) -> object:
    """Equal for ops that differ in their angle alone, so that they share one kernel."""
    if isinstance(op, PauliRotation):
        return op.x, op.z
    if isinstance(op, Excitation):
        return op.sources, op.targets
    if isinstance(op, DiagonalPhase):
        return id(op.diagonal)
    return op if isinstance(op, Unitary) else type(op)
