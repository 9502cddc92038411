"""Expectation values of noisy circuits with free angles, as means over trajectories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil

import numpy as np

from shared.circuits.instruction import Affine, Gate
from shared.circuits.record import CircuitRecord
from shared.quantum.trajectories import gradient_bytes, kept_states
from workers.quantum.simulation.cpu import trajectory_means
from workers.quantum.simulation.cpu.observable import prepare
from workers.quantum.simulation.ir.gates import pauli
from workers.quantum.simulation.ir.latest import Latest
from workers.quantum.simulation.ir.pauli import PauliSum, masks
from workers.quantum.simulation.ir.program import Complex, Float
from workers.quantum.simulation.noise.circuit import Step, noisy
from workers.quantum.simulation.noise.flat import Lowering, Rotation
from workers.quantum.simulation.noise.model import NoiseModel
from workers.quantum.simulation.noise.programs import rotations
from workers.quantum.simulation.noise.trajectories import Mean
from workers.runtime import memory


class Averages:
    """An expectation value of a noisy circuit, and its derivatives by the circuit's parameters.

    A trajectory's random numbers depend on the seed and its number only. With one seed the mean is a function
    of the parameters that changes smoothly, except for jumps where another Kraus operator is drawn.

    Args:
        record: A circuit of gates whose parameters occur in rotations only.
        observable: The observable on its qubits.
        noise: Its noise model, None for none.

    Raises:
        UnsupportedError: A gate with a free angle that is not a rotation.
    """

    def __init__(self, record: CircuitRecord, observable: PauliSum, noise: NoiseModel | None) -> None:
        lowering = Lowering(record.n_qubits, noise)
        index = {name: number for number, name in enumerate(record.parameters)}
        steps = (part for step in noisy(record.instructions, noise) for part in _rotated(step, index))
        self._n_qubits, self._n_parameters = record.n_qubits, len(index)
        self._flat = lowering.lower(tuple(steps))
        self._rotations = lowering.rotations
        self._turns = np.array([self._masks(turn) for turn, _ in self._rotations], dtype=np.int64)
        self._observable = prepare(observable)
        self._matrices: Latest[Complex] = Latest()

    def block(self, theta: Float, first: int, last: int, seed: int, *, gradient: bool) -> tuple[Mean, Float]:
        """Run trajectories first to last - 1.

        Args:
            theta: float64[n_parameters], radians.
            first: number of the first trajectory.
            last: one past the last.
            seed: determines every trajectory, together with its number.
            gradient: whether the derivatives are computed.

        Returns:
            The mean of the expectation values, and that of their derivatives float64[n_parameters], empty
            unless requested; these are estimates without bias of the derivatives of the former's limit.

        Raises:
            ResourceExhaustedError: the derivatives need more memory than available.
        """
        ops, shifts, _, floats, conditions = self._flat
        matrices = self._matrices.get(theta.tobytes(), lambda: self._at(theta))
        n_turns, n = len(self._rotations) if gradient else 0, self._n_qubits
        memory.check(gradient_bytes(n_turns, n))
        n_kept = kept_states(n_turns, n) if n_turns else 0
        kept = np.empty((n_kept, 1 << n), dtype=np.complex128)
        marks = np.empty((ceil(n_turns / max(n_kept, 1)), 1 << n), dtype=np.complex128)
        values, slopes = np.empty(last - first), np.zeros((last - first, n_turns))
        start = np.array([n, first, seed], dtype=np.int64)
        flat = (ops, shifts, matrices, floats, conditions)
        trajectory_means.run(
            flat, self._turns.reshape(-1, 2), self._observable, start, kept, marks, values, slopes
        )
        return Mean.of(values), self._by_parameter(slopes.mean(axis=0)) if gradient else np.empty(0)

    def _at(self, theta: Float) -> Complex:
        """Return the matrices at a point."""
        matrices = self._flat[2].copy()
        for turn, first in self._rotations:
            half = turn.angle.value(theta) / 2
            string = pauli(turn.letters)
            values = np.cos(half) * np.eye(len(string)) - 1j * np.sin(half) * string
            matrices[first : first + values.size] = values.reshape(-1)
        return matrices

    def _by_parameter(self, slopes: Float) -> Float:
        gradient = np.zeros(self._n_parameters)
        for (turn, _), slope in zip(self._rotations, slopes.tolist(), strict=True):
            for index, scale in turn.angle.terms:
                gradient[index] += scale * slope
        return gradient

    def _masks(self, turn: Rotation) -> tuple[int, int]:
        letters = ["I"] * self._n_qubits
        for qubit, letter in zip(turn.qubits, turn.letters, strict=True):
            letters[qubit] = letter
        return masks("".join(letters))


def _rotated(step: Step, index: Mapping[str, int]) -> Iterator[Step | Rotation]:
    """Yield a step, as rotations if it is a gate with a free angle; a global phase has no effect."""
    if not isinstance(step, Gate) or not any(isinstance(angle, Affine) for angle in step.params):
        yield step
    elif step.qubits:
        yield from (Rotation(letters, step.qubits, angle) for letters, angle in rotations(step, index))
