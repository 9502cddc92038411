"""Programs of named gates on density matrices, with noise: exact energies and gradients of noisy circuits.

The energy is linear in every gate's transfer matrix, so its derivative by an angle replaces that matrix by
its derivative: one forward sweep that stores the states, one backward with the observable.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from shared.circuits.instruction import Affine, Barrier, Gate, Instruction
from shared.circuits.instruction import Angle as InstructionAngle
from shared.circuits.instruction import Unitary as Matrix
from shared.circuits.record import CircuitRecord
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
from workers.quantum.simulation.statevector.fusion import matrix

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


Applied: TypeAlias = tuple[Gate | Matrix | None, Turn | Transfer | None]
"""An operation as noise models name it, None if no error follows it; its action, None for the identity."""

TURNS = {
    **{f"r{letters.lower()}": (letters,) for letters in ("X", "Y", "Z", "XX", "YY", "ZZ", "ZX")},
    "p": ("Z",), "u": ("Z", "Y", "Z"),
}  # fmt: skip
"""Gates that may have free angles -> the Pauli strings they rotate about, up to a global phase."""


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

    def __init__(
        self,
        n_qubits: int,
        n_parameters: int,
        applied: Iterable[Applied],
        observable: PauliSum | None,
        model: NoiseModel | None,
        read: Sequence[int],
    ) -> None:
        self.n_qubits, self.n_parameters = n_qubits, n_parameters
        self._model, self._read = model, tuple(read)
        self._steps = _steps(applied, model)
        self._observable = None if observable is None else _coefficients(observable)

    @classmethod
    def of(cls, program: Program, observable: PauliSum | None, model: NoiseModel | None) -> MixedProgram:
        """Compile a program."""
        n = program.n_qubits
        applied = (_applied(op, n) for op in program.ops)
        return cls(n, program.n_parameters, applied, observable, model, range(n))

    @classmethod
    def of_record(
        cls,
        record: CircuitRecord,
        observable: PauliSum | None,
        model: NoiseModel | None,
        read: Sequence[int],
    ) -> MixedProgram:
        """Compile a circuit of gates whose parameters occur in rotations only.

        Args:
            record: the circuit; theta[k] is its parameter k.
            observable: the observable on its qubits, None for none.
            model: the noise model on its qubits, None for none.
            read: the qubits that are read out, in the order of the outcome's bits.

        Raises:
            UnsupportedError: an instruction that is not a gate, or a gate with a free angle that is not a
                rotation.
        """
        index = {name: k for k, name in enumerate(record.parameters)}
        applied = [one for item in record.instructions for one in _of_record(item, index)]
        return cls(record.n_qubits, len(index), applied, observable, model, read)

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
        """Return the probabilities of reading the basis states of the read qubits, float64[2^n]."""
        chances = self._final(theta).marginal(self._read)
        return misread(chances, [self._model.readout(q) for q in self._read]) if self._model else chances

    def sample(self, theta: Float, shots: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return basis indices read in `shots` measurements, int64[shots], in random order."""
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


def _steps(applied: Iterable[Applied], model: NoiseModel | None) -> list[Turn | Transfer]:
    """Return rotations, with all operations between them multiplied together."""
    steps: list[Turn | Transfer] = []
    fixed: list[Transfer] = []
    rates = factors(model.drift if model else None)
    for gate, action in applied:
        factor = next(rates)
        if isinstance(action, Turn):
            steps += fused(fixed)
            fixed = []
            steps.append(action)
        elif action is not None:
            fixed.append(action)
        if model is not None and gate is not None:
            strikes = model.after(gate, factor)
            fixed += [(transfer(struck.channel.kraus), struck.qubits) for struck in strikes]
    return [*steps, *fused(fixed)]


def _applied(op: Op, n_qubits: int) -> Applied:
    gate = _gate(op, n_qubits)
    if isinstance(op, PauliRotation):
        return gate, _turn(string(op.x, op.z, n_qubits).replace("I", ""), gate.qubits, op.angle)
    return gate, (transfer(op.matrix[None]), op.qubits) if isinstance(op, Unitary) else None


def _of_record(item: Instruction, index: Mapping[str, int]) -> Iterator[Applied]:
    """Yield the action of a gate, as several if it turns about several axes; errors follow the last."""
    if isinstance(item, Barrier) or (isinstance(item, Gate) and not item.qubits):
        return
    if not isinstance(item, Gate | Matrix):
        raise UnsupportedError(f"loops run circuits of gates, and this one has {type(item).__name__.lower()}")
    if isinstance(item, Matrix) or not any(isinstance(angle, Affine) for angle in item.params):
        yield item, (transfer(matrix(item)[None]), item.qubits)
        return
    *before, (letters, angle) = rotations(item, index)
    for about, free in before:
        yield None, _turn(about, item.qubits, free)
    yield item, _turn(letters, item.qubits, angle)


def rotations(item: Gate, index: Mapping[str, int]) -> list[tuple[str, Angle]]:
    """Return the Pauli string and the angle of each rotation of a gate, in order of application.

    Args:
        item: a gate with a free angle.
        index: number of each parameter, by name.

    Raises:
        UnsupportedError: the gate is not a rotation.
    """
    if item.name not in TURNS:
        raise UnsupportedError(f"loops have free angles in rotations only, and this circuit in {item.name}")
    return [
        (letters, _angle(angle, index)) for letters, angle in zip(TURNS[item.name], _order(item), strict=True)
    ]


def _order(item: Gate) -> Sequence[InstructionAngle]:
    """Return the angles in order of application: u(theta, phi, lambda) is RZ(lambda), RY(theta), RZ(phi)."""
    if item.name != "u":
        return item.params
    theta, phi, lam = item.params
    return lam, theta, phi


def _angle(angle: InstructionAngle, index: Mapping[str, int]) -> Angle:
    if not isinstance(angle, Affine):
        return Angle((), float(angle))
    return Angle(tuple((index[name], factor) for name, factor in angle.terms), angle.offset)


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


def _turn(letters: str, qubits: Sequence[int], by: Angle) -> Turn:
    identity = np.eye(1 << len(letters), dtype=np.complex128)

    def at(angle: float) -> Float:
        rotation = math.cos(angle / 2) * identity - 1j * math.sin(angle / 2) * pauli(letters)
        return transfer(rotation[None])

    zero, half, whole = at(0.0), at(math.pi / 2), at(math.pi)
    steady = (zero + whole) / 2
    return Turn(tuple(qubits), by, steady, zero - steady, half - steady)


def _coefficients(observable: PauliSum) -> Float:
    """Return the observable over the Pauli strings, float64[4^n]."""
    vector = np.zeros(4**observable.n_qubits)
    for letters, coefficient in observable.terms():
        vector[int("".join(str("IXYZ".index(letter)) for letter in letters), 4)] += coefficient
    return vector
