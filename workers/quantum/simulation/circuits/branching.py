"""Circuits with measurements, resets and conditionals, tracked along every possible history.

Each branch is one history of measured values, with its own state; all branches are rows of one array.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.circuits.instruction import (
    Barrier,
    Gate,
    If,
    Instruction,
    Measure,
    Reset,
    Store,
    Unitary,
    UnitaryInstruction,
    While,
    memory_angles,
)
from workers.quantum.simulation.circuits.classical_bits import (
    MAX_REPETITIONS,
    NEGLIGIBLE,
    LoopLimitError,
    angle_columns,
    stored,
    turned,
)
from workers.quantum.simulation.ir.program import Complex, Float
from workers.quantum.simulation.ir.refusal import CircuitError
from workers.quantum.simulation.statevector.fusion import steps
from workers.runtime import memory

PRUNED = 1e-16
SAME_STATE = 1e-12

Split = Callable[[Float, Float], Float]
"""(weights[b], probability of 1 [b]) -> the weights of the branches with outcome 1, [b]."""


class BranchLimitError(CircuitError):
    """A circuit with more measurement histories than there is room for."""


@dataclass(frozen=True, eq=False)
class Branches:
    """Measurement histories so far.

    Attributes:
        states: complex128[b, 2^n], each normalised.
        weights: float64[b], probabilities or numbers of shots.
        bits: uint8[b, n_bits], the classical bits.
    """

    states: Complex
    weights: Float
    bits: NDArray[np.uint8]

    @classmethod
    def start(cls, n_qubits: int, n_bits: int, weight: float) -> Branches:
        """Return one branch, all qubits in |0> and all bits 0."""
        states = np.zeros((1, 1 << n_qubits), dtype=np.complex128)
        states[0, 0] = 1.0
        return cls(states, np.array([weight]), np.zeros((1, n_bits), dtype=np.uint8))

    def pick(self, rows: NDArray[np.intp]) -> Branches:
        """Return some of the branches, in the order of `rows`."""
        return Branches(self.states[rows], self.weights[rows], self.bits[rows])

    @staticmethod
    def joined(*parts: Branches) -> Branches:
        """Concatenate the branches of all parts, in order."""
        return Branches(
            np.concatenate([part.states for part in parts]),
            np.concatenate([part.weights for part in parts]),
            np.concatenate([part.bits for part in parts]),
        )


def exact(weights: Float, ones: Float) -> Float:
    """Split probabilities."""
    return np.asarray(weights * ones, dtype=np.float64)


def sampled(rng: np.random.Generator) -> Split:
    """Return a split of shots, drawn at random."""

    def split(weights: Float, ones: Float) -> Float:
        return rng.binomial(weights.astype(np.int64), np.clip(ones, 0.0, 1.0)).astype(np.float64)

    return split


class Follower:
    """Runs instructions on branches.

    Args:
        n_qubits: Number of qubits.
        split: Splits weights at a measurement.
        max_branches: Maximum number of branches.
        checkpoint: Called between instructions; raises if the work should stop.
    """

    def __init__(
        self, n_qubits: int, split: Split, max_branches: int, checkpoint: Callable[[], None]
    ) -> None:
        self.n_qubits = n_qubits
        self.split = split
        self.max_branches = max_branches
        self.checkpoint = checkpoint

    def run(self, instructions: Sequence[Instruction], branches: Branches) -> Branches:
        """Return the branches after the instructions.

        Raises:
            BranchLimitError: There are more histories than allowed.
            ResourceExhaustedError: Too little memory is free for the histories.
            LoopLimitError: A loop on measured bits runs for too long.
        """
        unitary: list[UnitaryInstruction] = []
        for item in instructions:
            if not len(branches.weights):
                return branches
            if isinstance(item, Unitary | Barrier) or (isinstance(item, Gate) and not memory_angles(item)):
                unitary.append(item)
                continue
            branches = self._evolved(unitary, branches)
            unitary = []
            branches = self._classical(item, branches)
        return self._evolved(unitary, branches)

    def _evolved(self, instructions: Sequence[UnitaryInstruction], branches: Branches) -> Branches:
        states = branches.states
        if instructions and len(states):
            for step in steps(instructions, self.n_qubits):
                self.checkpoint()
                states = step(states)
        return Branches(states, branches.weights, branches.bits)

    def _classical(self, item: Instruction, branches: Branches) -> Branches:
        self.checkpoint()
        match item:
            case Measure():
                return _merged(self._measured(item.qubit, item.bit, False, branches))
            case Reset():
                return _merged(self._measured(item.qubit, None, True, branches))
            case Store():
                return _merged(Branches(branches.states, branches.weights, stored(item, branches.bits)))
            case While():
                return self._repeated(item, branches)
            case If():
                wanted = [item.value >> position & 1 for position in range(len(item.bits))]
                holds = np.all(branches.bits[:, list(item.bits)] == wanted, axis=1)
                then = self.run(item.then, branches.pick(np.flatnonzero(holds)))
                rest = self.run(item.otherwise, branches.pick(np.flatnonzero(~holds)))
                return Branches.joined(then, rest)
        assert isinstance(item, Gate)
        return self._turned(item, branches)

    def _turned(self, item: Gate, branches: Branches) -> Branches:
        """Apply a gate by the angles stored in each branch's bits."""
        _, firsts, kinds = np.unique(
            branches.bits[:, angle_columns(item)], axis=0, return_index=True, return_inverse=True
        )
        states = np.empty_like(branches.states)
        for kind, first in enumerate(firsts):
            rows = np.flatnonzero(kinds.reshape(-1) == kind)
            part = self._evolved([turned(item, branches.bits[first])], branches.pick(rows))
            states[rows] = part.states
        return Branches(states, branches.weights, branches.bits)

    def _repeated(self, item: While, branches: Branches) -> Branches:
        done: list[Branches] = []
        for _ in range(MAX_REPETITIONS):
            again = branches.bits[:, item.bit] == 1
            done.append(branches.pick(np.flatnonzero(~again)))
            branches = branches.pick(np.flatnonzero(again))
            if branches.weights.sum() <= NEGLIGIBLE:
                finished = _merged(Branches.joined(*done))
                self._check_number(len(finished.weights))
                return finished
            branches = self.run(item.body, branches)
        raise LoopLimitError(item.line, f"in a share of {branches.weights.sum():.3g}")

    def _check_number(self, number: int) -> None:
        if number > self.max_branches:
            raise BranchLimitError(
                f"the circuit has more than {self.max_branches} measurement histories to follow at once; "
                "measure at the end where possible, or ask for shots"
            )

    def _measured(self, qubit: int, bit: int | None, reset: bool, branches: Branches) -> Branches:
        """Split by the value of a qubit, stored in a bit if there is one; a reset returns it to |0>."""
        halves = branches.states.reshape(len(branches.states), 1 << qubit, 2, -1)
        sizes = np.einsum("bisj,bisj->bs", halves.view(np.float64), halves.view(np.float64))
        ones = sizes[:, 1] / sizes.sum(axis=1)
        up = self.split(branches.weights, ones)
        weights = np.stack([branches.weights - up, up], axis=1)
        floor = PRUNED * branches.weights.sum()
        rows, values = np.nonzero((weights > floor) & (sizes > PRUNED))
        self._check_number(len(rows))
        memory.check(2 * len(rows) * halves[0].nbytes)
        states = np.zeros((len(rows), *halves.shape[1:]), dtype=np.complex128)
        kept = halves[rows, :, values, :] / np.sqrt(sizes[rows, values])[:, None, None]
        states[np.arange(len(rows)), :, 0 if reset else values, :] = kept
        bits = branches.bits[rows]
        if bit is not None:
            bits[:, bit] = values
        return Branches(states.reshape(len(rows), -1), weights[rows, values], bits)


def _merged(branches: Branches) -> Branches:
    """Merge branches of equal bits and equal states: their futures are identical."""
    if len(branches.weights) < 2:
        return branches
    groups: dict[bytes, list[int]] = {}
    weights = branches.weights.copy()
    kept = []
    for row, bits in enumerate(branches.bits):
        firsts = groups.setdefault(bits.tobytes(), [])
        twin = next((first for first in firsts if _same(branches.states[first], branches.states[row])), None)
        if twin is None:
            firsts.append(row)
            kept.append(row)
        else:
            weights[twin] += weights[row]
    if len(kept) == len(weights):
        return branches
    return Branches(branches.states, weights, branches.bits).pick(np.array(kept, dtype=np.intp))


def _same(left: Complex, right: Complex) -> bool:
    """Return whether two states differ only by a phase."""
    overlap = np.vdot(left, right)
    if abs(overlap) < 1.0 - 1e-9:
        return False
    return bool(np.max(np.abs(right - overlap / abs(overlap) * left)) < SAME_STATE)
