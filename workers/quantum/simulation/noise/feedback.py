"""Clifford circuits with control flow on measured bits, on Stim tableaus: see `Follower`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import stim
from numpy.typing import NDArray

from shared.circuits.instruction import Gate, Measure, Reset, Store, Unitary
from workers.quantum.simulation.circuits.branching import BranchLimitError
from workers.quantum.simulation.circuits.classical_bits import (
    MAX_REPETITIONS,
    NEGLIGIBLE,
    LoopLimitError,
    stored_in,
)
from workers.quantum.simulation.noise.circuit import Choice, Repeat, Step
from workers.quantum.simulation.noise.model import NoiseModel, Struck
from workers.quantum.simulation.noise.readout_error import flips
from workers.quantum.simulation.noise.tableau import Lowering

Bits = NDArray[np.uint8]
Split = Callable[[float], tuple[float, float]]
"""Splits a weight between outcomes 0 and 1 of equal probability."""


def halved(weight: float) -> tuple[float, float]:
    """Split a probability."""
    return weight / 2, weight / 2


def drawn(rng: np.random.Generator) -> Split:
    """Return a random split of numbers of shots."""

    def split(weight: float) -> tuple[float, float]:
        ones = int(rng.binomial(int(weight), 0.5))
        return weight - ones, float(ones)

    return split


@dataclass(frozen=True, eq=False)
class Branch:
    """One history of measured values.

    Attributes:
        state: Its stabilizer state.
        weight: Its probability, or its number of shots.
        bits: uint8[n], the classical bits.
    """

    state: stim.TableauSimulator
    weight: float
    bits: Bits


class Follower:
    """Runs steps on stabilizer states: all histories together, or with noise a single shot at a time.

    Args:
        n_qubits: Number of qubits.
        model: The noise, None for none.
        split: Splits weights at a measurement; None if the states themselves draw, one shot each.
        rng: Draws readout errors.
        max_branches: Maximum number of histories.
        checkpoint: Called between steps; raises if the work should stop.
    """

    def __init__(
        self,
        n_qubits: int,
        model: NoiseModel | None,
        split: Split | None,
        rng: np.random.Generator,
        max_branches: int,
        checkpoint: Callable[[], None],
    ) -> None:
        self.n_qubits = n_qubits
        self._model = model
        self._split = split
        self._rng = rng
        self._max_branches = max_branches
        self._checkpoint = checkpoint
        self._segments: dict[int, list[Step | stim.Circuit]] = {}
        self.twirled = False

    def start(self, n_cells: int, weight: float, seed: int) -> list[Branch]:
        """Return one branch, all qubits in |0> and all bits 0."""
        state = stim.TableauSimulator(seed=seed)
        state.set_num_qubits(self.n_qubits)
        return [Branch(state, weight, np.zeros(n_cells, dtype=np.uint8))]

    def run(self, steps: Sequence[Step], branches: list[Branch]) -> list[Branch]:
        """Return the branches after the steps; the given states are overwritten.

        Raises:
            BranchLimitError: There are more histories than allowed.
            LoopLimitError: A loop on measured bits runs for too long.
        """
        for part in self._parts(steps):
            if not branches:
                break
            if isinstance(part, stim.Circuit):
                for branch in branches:
                    branch.state.do_circuit(part)
            else:
                self._checkpoint()
                branches = self._stepped(part, branches)
        return branches

    def _parts(self, steps: Sequence[Step]) -> list[Step | stim.Circuit]:
        """Return the steps, with consecutive unconditional ones joined to circuits."""
        if id(steps) not in self._segments:
            parts: list[Step | stim.Circuit] = []
            waiting: list[Step] = []
            for step in steps:
                if isinstance(step, Gate | Unitary | Struck):
                    waiting.append(step)
                    continue
                parts += self._circuit(waiting)
                waiting = []
                parts.append(step)
            self._segments[id(steps)] = [*parts, *self._circuit(waiting)]
        return self._segments[id(steps)]

    def _circuit(self, steps: Sequence[Step]) -> Iterator[stim.Circuit]:
        if steps:
            lowering = Lowering(0, self._model, steps)
            self.twirled |= lowering.twirled
            yield lowering.circuit

    def _stepped(self, step: Step, branches: list[Branch]) -> list[Branch]:
        match step:
            case Measure():
                return self._merged(self._read(step, branches))
            case Reset():
                return self._merged(self._reset(step, branches))
            case Store():
                for branch in branches:
                    stored_in(step, branch.bits)
                return self._merged(branches)
            case Repeat():
                return self._repeated(step, branches)
        assert isinstance(step, Choice)
        wanted = [step.value >> place & 1 for place in range(len(step.bits))]
        holds = [branch.bits[list(step.bits)].tolist() == wanted for branch in branches]
        then = [branch for branch, yes in zip(branches, holds, strict=True) if yes]
        rest = [branch for branch, yes in zip(branches, holds, strict=True) if not yes]
        return self._merged([*self.run(step.then, then), *self.run(step.otherwise, rest)])

    def _repeated(self, step: Repeat, branches: list[Branch]) -> list[Branch]:
        done: list[Branch] = []
        for _ in range(MAX_REPETITIONS):
            done = self._merged([*done, *(branch for branch in branches if not branch.bits[step.bit])])
            branches = [branch for branch in branches if branch.bits[step.bit]]
            going = sum(branch.weight for branch in branches)
            if going <= NEGLIGIBLE:
                return done
            branches = self.run(step.body, branches)
        raise LoopLimitError(step.line, f"in a share of {going:.3g}")

    def _read(self, step: Measure, branches: Iterable[Branch]) -> Iterator[Branch]:
        for value, branch in self._projected(step.qubit, branches):
            if step.bit is not None:
                branch.bits[step.bit] = value ^ self.misread(step.qubit, value)
            yield branch

    def misread(self, qubit: int, value: int) -> int:
        """Return 1 if a value is misread in this draw."""
        rate = flips(self._model, qubit)[value]
        return int(rate > 0.0 and self._rng.random() < rate)

    def _reset(self, step: Reset, branches: Iterable[Branch]) -> Iterator[Branch]:
        for value, branch in self._projected(step.qubit, branches):
            if value:
                branch.state.x(step.qubit)
            yield branch

    def _projected(self, qubit: int, branches: Iterable[Branch]) -> Iterator[tuple[int, Branch]]:
        """Yield branches by the measured value of a qubit."""
        for branch in branches:
            if self._split is None:
                yield int(branch.state.measure(qubit)), branch
                continue
            sure = branch.state.peek_z(qubit)
            if sure:
                yield int(sure < 0), branch
                continue
            for value, weight in enumerate(self._split(branch.weight)):
                if weight > 0.0:
                    state = branch.state.copy(copy_rng=True)
                    state.postselect_z(qubit, desired_value=bool(value))
                    yield value, Branch(state, weight, branch.bits.copy())

    def _merged(self, branches: Iterable[Branch]) -> list[Branch]:
        """Merge branches of equal bits and equal states: their futures are identical."""
        found = list(branches)
        if len(found) < 2:
            return found
        groups: dict[bytes, list[Branch]] = {}
        for branch in found:
            groups.setdefault(branch.bits.tobytes(), []).append(branch)
        kept = [one for group in groups.values() for one in (group if len(group) == 1 else _joined(group))]
        if len(kept) > self._max_branches:
            raise BranchLimitError(
                f"the circuit has more than {self._max_branches} measurement histories to follow at once; "
                "measure at the end where possible, or ask for shots"
            )
        return kept


def _joined(branches: Iterable[Branch]) -> list[Branch]:
    kept: dict[str, Branch] = {}
    for branch in branches:
        state = "".join(map(str, branch.state.canonical_stabilizers()))
        known = kept.get(state)
        kept[state] = branch if known is None else replace(known, weight=known.weight + branch.weight)
    return list(kept.values())
