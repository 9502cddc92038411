"""Noisy circuits as flat arrays, the input of `workers.quantum.simulation.cpu.trajectory`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shared.circuits.instruction import Gate, Measure, Reset, Store, Unitary, memory_angles
from workers.quantum.simulation.circuits.classical_bits import (
    MAX_REPETITIONS,
    LoopLimitError,
    stored_in,
    turned,
)
from workers.quantum.simulation.cpu import trajectory as kernel
from workers.quantum.simulation.ir.gates import IDENTITY, pauli
from workers.quantum.simulation.ir.program import Angle, Complex, Float
from workers.quantum.simulation.noise.channel import Channel, composed
from workers.quantum.simulation.noise.circuit import Choice, Repeat, Step
from workers.quantum.simulation.noise.model import NoiseModel, Struck
from workers.quantum.simulation.noise.readout_error import flips
from workers.quantum.simulation.statevector.fusion import matrix

Integers = NDArray[np.int64]
Alone = Gate | Unitary | Struck
Flat = tuple[Integers, Integers, Complex, Float, Integers]
SHIFTS = 4


def _qubits(step: Step | Rotation) -> tuple[int, ...]:
    if isinstance(step, Measure | Reset):
        return (step.qubit,)
    return step.qubits if isinstance(step, Gate | Unitary | Struck | Rotation) else ()


def _is_alone(step: Step | Rotation) -> bool:
    """Return whether a step acts on at most one qubit, independent of classical bits."""
    turning = isinstance(step, Gate) and bool(memory_angles(step))
    return isinstance(step, Gate | Unitary | Struck) and len(step.qubits) < 2 and not turning


@dataclass
class Repetitions:
    """Counts the iterations of a loop in one trajectory.

    Attributes:
        step: The loop.
        passed: Number of consecutive iterations.
    """

    step: Repeat
    passed: int = 0

    def count(self, bits: NDArray[np.uint8]) -> None:
        """Count an iteration.

        Raises:
            LoopLimitError: There are too many.
        """
        self.passed = self.passed + 1 if bits[self.step.bit] else 0
        if self.passed > MAX_REPETITIONS:
            raise LoopLimitError(self.step.line, "in one of the shots")


@dataclass(frozen=True)
class Rotation:
    """A rotation exp(-i angle/2 P) whose angle is set later.

    Attributes:
        letters: P on its qubits.
        qubits: its qubits.
        angle: the angle, a function of the circuit's parameters.
    """

    letters: str
    qubits: tuple[int, ...]
    angle: Angle


@dataclass(frozen=True)
class Turn:
    """A gate whose angles are in the classical bits, with the position of its matrix."""

    gate: Gate
    first: int


Question = Store | Turn | Repetitions
"""Operations that compiled code delegates to its caller."""


def answer(question: Question, bits: NDArray[np.uint8], matrices: Complex) -> None:
    """Perform a delegated operation: change the classical bits, or a matrix, in place.

    Raises:
        ComputationError: The computation is undefined for the bits' values.
        LoopLimitError: A loop runs for too long.
    """
    if isinstance(question, Store):
        stored_in(question, bits)
    elif isinstance(question, Repetitions):
        question.count(bits)
    else:
        values = matrix(turned(question.gate, bits)).reshape(-1)
        matrices[question.first : question.first + len(values)] = values


class Lowering:
    """Builds the arrays.

    Args:
        n_qubits: Qubits of the circuit.
        model: The noise model; its readout errors are applied to tracked measurements.

    Attributes:
        questions: Delegated operations of `ASK` ops, by number.
        rotations: Rotations, each with the position of its matrix, an identity so far; the NUMBER of its op
            is one more than its position here.
    """

    def __init__(self, n_qubits: int, model: NoiseModel | None) -> None:
        self._n_qubits = n_qubits
        self._model = model
        self._ops: list[list[int]] = []
        self._shifts: list[list[int]] = []
        self._matrices: list[Complex] = []
        self._n_entries = 0
        self._floats: list[float] = []
        self._conditions: list[int] = []
        self.questions: list[Question] = []
        self.rotations: list[tuple[Rotation, int]] = []
        self._channels: dict[int, tuple[int, int]] = {}
        self._compositions: dict[tuple[object, ...], Channel] = {}

    def lower(self, steps: Sequence[Step | Rotation]) -> Flat:
        """Return the arrays of some steps."""
        self._block(steps)
        if self.questions:
            # Compiled code that stops at the last op has finished, not delegated.
            self._op(kernel.JUMP, (), target=len(self._ops) + 1)
        return (
            np.array(self._ops, dtype=np.int64).reshape(-1, kernel.COLUMNS),
            np.array(self._shifts, dtype=np.int64).reshape(-1, SHIFTS),
            np.concatenate([np.zeros(1, dtype=np.complex128), *self._matrices]),
            np.array([0.0, *self._floats]),
            np.array([0, *self._conditions], dtype=np.int64),
        )

    def _block(self, steps: Sequence[Step | Rotation]) -> None:
        """Append steps in order; single-qubit operations are deferred, to be joined with later ones."""
        waiting: dict[int, list[Alone]] = {}
        for step in steps:
            if _is_alone(step):
                for qubit in _qubits(step):
                    waiting.setdefault(qubit, []).append(step)  # type: ignore[arg-type]
                continue
            for qubit in list(waiting) if isinstance(step, Choice | Repeat) else _qubits(step):
                self._alone(qubit, waiting.pop(qubit, []))
            self._step(step)
        for qubit, parts in waiting.items():
            self._alone(qubit, parts)

    def _alone(self, qubit: int, parts: list[Alone]) -> None:
        """Append the operations on one qubit: as one channel if any depends on the state, else one by one."""
        if any(isinstance(part, Struck) and part.channel.paulis is None for part in parts):
            self._channel(self._composed(parts), (qubit,))
            return
        gate = IDENTITY
        for part in parts:
            if isinstance(part, Struck):
                self._turn(gate, qubit)
                self._channel(part.channel, (qubit,))
                gate = IDENTITY
            else:
                gate = np.asarray(matrix(part) @ gate, dtype=np.complex128)
        self._turn(gate, qubit)

    def _turn(self, gate: Complex, qubit: int) -> None:
        if gate is not IDENTITY:
            self._op(kernel.UNITARY, (qubit,), first=self._entries([gate]))

    def _composed(self, parts: list[Alone]) -> Channel:
        key = tuple(
            id(part.channel) if isinstance(part, Struck) else replace(part, qubits=(0,)) for part in parts
        )
        if key not in self._compositions:
            kraus = [part.channel.kraus if isinstance(part, Struck) else matrix(part)[None] for part in parts]
            self._compositions[key] = composed(kraus)
        return self._compositions[key]

    def _step(self, step: Step | Rotation) -> None:
        if isinstance(step, Rotation):
            first = self._entries([np.eye(1 << len(step.qubits), dtype=np.complex128)])
            self.rotations.append((step, first))
            self._op(kernel.UNITARY, step.qubits, first=first, number=len(self.rotations))
        elif isinstance(step, Gate) and memory_angles(step):
            self._turning(step)
        elif isinstance(step, Gate | Unitary):
            self._op(kernel.UNITARY, step.qubits, first=self._entries([matrix(step)]))
        elif isinstance(step, Measure):
            self._floats += flips(self._model, step.qubit)
            bit = -1 if step.bit is None else step.bit
            self._op(kernel.MEASURE, (step.qubit,), number=len(self._floats) - 1, target=bit)
        elif isinstance(step, Reset):
            self._op(kernel.RESET, (step.qubit,))
        elif isinstance(step, Struck):
            self._channel(step.channel, step.qubits)
        elif isinstance(step, Store):
            self._ask(step)
        elif isinstance(step, Repeat):
            self._repeat(step)
        else:
            self._choice(step)

    def _ask(self, question: Question) -> None:
        self._op(kernel.ASK, (), number=len(self.questions))
        self.questions.append(question)

    def _turning(self, gate: Gate) -> None:
        if gate.qubits:
            first = self._entries([np.eye(1 << len(gate.qubits), dtype=np.complex128)])
            self._ask(Turn(gate, first))
            self._op(kernel.UNITARY, gate.qubits, first=first)

    def _repeat(self, step: Repeat) -> None:
        number = len(self._conditions) + 1
        self._conditions += [step.bit, 1]
        begin = len(self._ops)
        self._ask(Repetitions(step))
        unless = self._op(kernel.UNLESS, (), count=1, number=number)
        self._block(step.body)
        self._op(kernel.JUMP, (), target=begin)
        self._ops[unless][kernel.TARGET] = len(self._ops)

    def _channel(self, channel: Channel, qubits: tuple[int, ...]) -> None:
        kind = kernel.KRAUS if channel.paulis is None else kernel.MIXTURE
        if id(channel) not in self._channels:
            self._channels[id(channel)] = self._described(channel)
        first, number = self._channels[id(channel)]
        self._op(kind, qubits, first=first, count=len(channel.kraus), number=number)

    def _described(self, channel: Channel) -> tuple[int, int]:
        """Return the first matrix and the first probability of a channel."""
        if channel.paulis is None:
            squares = channel.kraus.conj().transpose(0, 2, 1) @ channel.kraus
            return self._entries([*channel.kraus, *squares]), 0
        number = len(self._floats) + 1
        self._floats += np.cumsum(list(channel.paulis.values())).tolist()
        return self._entries([pauli(string) for string in channel.paulis]), number

    def _choice(self, step: Choice) -> None:
        number = len(self._conditions) + 1
        for place, bit in enumerate(step.bits):
            self._conditions += [bit, step.value >> place & 1]
        unless = self._op(kernel.UNLESS, (), count=len(step.bits), number=number)
        self._block(step.then)
        jump = self._op(kernel.JUMP, ())
        self._ops[unless][kernel.TARGET] = len(self._ops)
        self._block(step.otherwise)
        self._ops[jump][kernel.TARGET] = len(self._ops)

    def _entries(self, matrices: Sequence[Complex]) -> int:
        """Store matrices; return the index of the first entry."""
        first = 1 + self._n_entries
        for values in matrices:
            self._matrices.append(values.reshape(-1))
            self._n_entries += values.size
        return first

    def _op(
        self,
        kind: int,
        qubits: tuple[int, ...],
        *,
        first: int = 0,
        count: int = 0,
        number: int = 0,
        target: int = 0,
    ) -> int:
        shifts = [self._n_qubits - 1 - qubit for qubit in qubits]
        self._ops.append([kind, len(qubits), first, count, number, target])
        self._shifts.append(shifts + [0] * (SHIFTS - len(shifts)))
        return len(self._ops) - 1
