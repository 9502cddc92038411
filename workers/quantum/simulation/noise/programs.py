"""Programs of named gates on density matrices, with noise: exact energies and gradients of noisy circuits.

The energy is linear in every gate's transfer matrix, so its derivative by an angle replaces that matrix by
its derivative: one forward sweep that stores the states, one backward with the observable.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.circuits.instruction import Gate
from shared.circuits.instruction import Unitary as Matrix
from shared.quantum.backends import BACKENDS
from workers.quantum.simulation.circuits.outcomes import draw
from workers.quantum.simulation.cpu.transfer import apply
from workers.quantum.simulation.ir.gates import CX, pauli
from workers.quantum.simulation.ir.pauli import PauliSum, string
from workers.quantum.simulation.ir.program import Angle, Complex, Float, Op, PauliRotation, Program, Unitary
from workers.quantum.simulation.ir.refusal import UnsupportedError
from workers.quantum.simulation.ir.transfer import Transfer, fused, transfer
from workers.quantum.simulation.noise.drift import factors
from workers.quantum.simulation.noise.mixed_state import MixedState
from workers.quantum.simulation.noise.model import NoiseModel
from workers.quantum.simulation.noise.readout_error import misread

MAX_QUBITS = 10


@dataclass(frozen=True, eq=False)
class Turn:
    """A rotation: its transfer matrix is steady + cos(angle) even + sin(angle) odd."""

    qubits: tuple[int, ...]
    angle: Angle
    steady: Float
    even: Float
    odd: Float

    def matrix(self, angle: float) -> Float:
        """Return the transfer matrix at an angle in radians."""
        return self.steady + math.cos(angle) * self.even + math.sin(angle) * self.odd

    def slope(self, angle: float) -> Float:
        """Return its derivative by the angle."""
        return math.cos(angle) * self.odd - math.sin(angle) * self.even


def check(program: Program) -> None:
    """Reject programs that cannot run on density matrices.

    Raises:
        UnsupportedError: An op that is no named gate, or an initial state other than |0...0>.
    """
    if program.initial:
        raise UnsupportedError("density_matrix runs programs from |0...0> only")
    for op in program.ops:
        _gate(op, program.n_qubits)


def memory_bytes(program: Program) -> int:
    """Return the peak memory in bytes: one state is stored per rotation."""
    kept = sum(isinstance(op, PauliRotation) for op in program.ops)
    return BACKENDS["density_matrix"].memory_bytes(program.n_qubits) + (8 * kept << 2 * program.n_qubits)


class MixedProgram:
    """A program on the density-matrix backend; see `workers.quantum.simulation.ir.engine.Engine`."""

    def __init__(self, program: Program, observable: PauliSum | None, model: NoiseModel | None) -> None:
        self.n_qubits, self.n_parameters = program.n_qubits, program.n_parameters
        self._model = model
        self._steps = _steps(program, model)
        self._observable = None if observable is None else _coefficients(observable)

    def energy(self, theta: Float) -> float:
        """Return the expectation value of the observable at theta[n_parameters]."""
        return float(np.sum(self._observed() * self._final(theta).vector))

    def energies(self, thetas: Float) -> Float:
        """Return expectation values: float64[batch, n_parameters] -> float64[batch]."""
        return np.array([self.energy(theta) for theta in thetas], dtype=np.float64)

    def energy_and_gradient(self, theta: Float) -> tuple[float, Float]:
        """Return the expectation value and its exact derivatives float64[n_parameters]."""
        state, before = MixedState.zero(self.n_qubits).vector, []
        for step in self._steps:
            if isinstance(step, Turn):
                before.append(state.copy())
            self._apply(state, _at(step, theta), step)
        bra = self._observed().copy()
        energy, gradient = float(np.sum(bra * state)), np.zeros(self.n_parameters)
        for step in reversed(self._steps):
            if isinstance(step, Turn):
                image = before.pop()
                self._apply(image, step.slope(step.angle.value(theta)), step)
                slope = float(np.sum(bra * image))
                for index, scale in step.angle.terms:
                    gradient[index] += scale * slope
            self._apply(bra, np.ascontiguousarray(_at(step, theta).T), step)
        return energy, gradient

    def states(self, thetas: Float) -> Complex:
        """Raise an error: a density matrix has no amplitudes.

        Raises:
            UnsupportedError: Always.
        """
        raise UnsupportedError("a mixed state has no amplitudes")

    def probabilities(self, theta: Float) -> Float:
        """Return the probabilities of reading the basis states, float64[2^n]."""
        every = range(self.n_qubits)
        chances = self._final(theta).marginal(every)
        return misread(chances, [self._model.readout(q) for q in every]) if self._model else chances

    def sample(self, theta: Float, shots: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return basis indices read in `shots` measurements of all qubits, int64[shots], in random order."""
        indices, times = draw(self.probabilities(theta), shots, rng)
        return np.asarray(rng.permutation(np.repeat(indices, times)), dtype=np.int64)

    def _final(self, theta: Float) -> MixedState:
        state = MixedState.zero(self.n_qubits)
        for step in self._steps:
            self._apply(state.vector, _at(step, theta), step)
        return state

    def _apply(self, vector: Float, matrix: Float, step: Turn | Transfer) -> None:
        qubits = step.qubits if isinstance(step, Turn) else step[1]
        apply(vector, matrix, tuple(self.n_qubits - 1 - qubit for qubit in qubits))

    def _observed(self) -> Float:
        if self._observable is None:
            raise UnsupportedError("the program was compiled without an observable")
        return self._observable


def _at(step: Turn | Transfer, theta: Float) -> Float:
    return step.matrix(step.angle.value(theta)) if isinstance(step, Turn) else step[0]


def _steps(program: Program, model: NoiseModel | None) -> list[Turn | Transfer]:
    """Return rotations, with all operations between them multiplied together."""
    steps: list[Turn | Transfer] = []
    fixed: list[Transfer] = []
    rates = factors(model.drift if model else None)
    for op in program.ops:
        factor = next(rates)
        gate = _gate(op, program.n_qubits)
        if isinstance(op, PauliRotation):
            steps += fused(fixed)
            fixed = []
            steps.append(_turn(op, gate.qubits, program.n_qubits))
        elif isinstance(op, Unitary):
            fixed.append((transfer(op.matrix[None]), op.qubits))
        if model is not None:
            strikes = model.after(gate, factor)
            fixed += [(transfer(struck.channel.kraus), struck.qubits) for struck in strikes]
    return [*steps, *fused(fixed)]


def _gate(op: Op, n_qubits: int) -> Gate | Matrix:
    """Return the gate of an op, as noise models name it."""
    if isinstance(op, Unitary):
        if np.array_equal(op.matrix, CX):
            return Gate("cx", op.qubits)
        return Matrix(op.qubits, ())
    if isinstance(op, PauliRotation) and 1 <= (op.x | op.z).bit_count() <= 2:
        letters = string(op.x, op.z, n_qubits)
        qubits = tuple(qubit for qubit, letter in enumerate(letters) if letter != "I")
        return Gate("r" + letters.replace("I", "").lower(), qubits)
    raise UnsupportedError(f"density_matrix runs no {type(op).__name__} ops other than named gates")


def _turn(op: PauliRotation, qubits: Sequence[int], n_qubits: int) -> Turn:
    letters = string(op.x, op.z, n_qubits).replace("I", "")
    identity = np.eye(1 << len(letters), dtype=np.complex128)

    def at(angle: float) -> Float:
        rotation = math.cos(angle / 2) * identity - 1j * math.sin(angle / 2) * pauli(letters)
        return transfer(rotation[None])

    zero, half, whole = at(0.0), at(math.pi / 2), at(math.pi)
    steady = (zero + whole) / 2
    return Turn(tuple(qubits), op.angle, steady, zero - steady, half - steady)


def _coefficients(observable: PauliSum) -> Float:
    """Return the observable over the Pauli strings, float64[4^n]."""
    vector = np.zeros(4**observable.n_qubits)
    for letters, coefficient in observable.terms():
        vector[int("".join(str("IXYZ".index(letter)) for letter in letters), 4)] += coefficient
    return vector
