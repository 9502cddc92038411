"""Noisy circuits, simulated exactly on density matrices for every value of their classical bits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from shared.circuits.instruction import Gate, Measure, Reset, Store, Unitary, memory_angles
from workers.quantum.simulation.circuits.classical_bits import (
    MAX_REPETITIONS,
    NEGLIGIBLE,
    LoopLimitError,
    stored,
    turned,
)
from workers.quantum.simulation.ir.refusal import CircuitError
from workers.quantum.simulation.ir.transfer import RESET, Transfer, transfer
from workers.quantum.simulation.noise.circuit import Choice, Repeat, Step
from workers.quantum.simulation.noise.mixed_state import NO_WEIGHT, MixedState
from workers.quantum.simulation.noise.model import NoiseModel, Struck
from workers.quantum.simulation.statevector.fusion import matrix

Bits = tuple[int, ...]


class BranchLimitError(CircuitError):
    """Too many distinct values of the classical bits."""


@dataclass(frozen=True)
class Branch:
    """The state for one value of all classical bits."""

    bits: Bits
    state: MixedState


class Follower:
    """Runs steps on density matrices.

    Args:
        model: The noise model; its readout errors are applied to tracked measurements.
        max_branches: Maximum number of branches.
        checkpoint: Called between steps; raises if the work should stop.
    """

    def __init__(self, model: NoiseModel | None, max_branches: int, checkpoint: Callable[[], None]) -> None:
        self._model = model
        self._max_branches = max_branches
        self._checkpoint = checkpoint

    def run(self, steps: Sequence[Step], branches: list[Branch]) -> list[Branch]:
        """Return the branches after the steps; the given states are overwritten.

        Raises:
            BranchLimitError: There are more branches than allowed.
            LoopLimitError: A loop on measured bits runs for too long.
        """
        maps: list[Transfer] = []
        for step in steps:
            if isinstance(step, Measure | Choice | Store | Repeat):
                self._evolve(maps, branches)
                maps = []
                branches = self._classical(step, branches)
            elif isinstance(step, Gate) and step.name == "gphase":
                continue
            elif isinstance(step, Gate) and memory_angles(step):
                self._evolve(maps, branches)
                maps = []
                for branch in branches:
                    self._evolve([_transfer(turned(step, np.array(branch.bits)))], [branch])
            else:
                maps.append(_transfer(step))
        self._evolve(maps, branches)
        return branches

    def _evolve(self, maps: list[Transfer], branches: list[Branch]) -> None:
        for branch in branches:
            branch.state.evolve(self._checked(maps))

    def _checked(self, maps: list[Transfer]) -> Iterator[Transfer]:
        for part in maps:
            self._checkpoint()
            yield part

    def _classical(self, step: Measure | Choice | Store | Repeat, branches: list[Branch]) -> list[Branch]:
        if isinstance(step, Measure):
            return self._merged(part for branch in branches for part in self._read(step, branch))
        if isinstance(step, Store):
            return self._stored(step, branches)
        if isinstance(step, Repeat):
            return self._repeated(step, branches)
        wanted = [step.value >> place & 1 for place in range(len(step.bits))]
        holds = [[branch.bits[bit] for bit in step.bits] == wanted for branch in branches]
        then = [branch for branch, yes in zip(branches, holds, strict=True) if yes]
        rest = [branch for branch, yes in zip(branches, holds, strict=True) if not yes]
        return self._merged([*self.run(step.then, then), *self.run(step.otherwise, rest)])

    def _stored(self, step: Store, branches: list[Branch]) -> list[Branch]:
        if not branches:
            return branches
        table = stored(step, np.array([branch.bits for branch in branches], dtype=np.uint8))
        rows = (tuple(row) for row in table.tolist())
        return self._merged(Branch(bits, branch.state) for bits, branch in zip(rows, branches, strict=True))

    def _repeated(self, step: Repeat, branches: list[Branch]) -> list[Branch]:
        done: list[Branch] = []
        for _ in range(MAX_REPETITIONS):
            self._checkpoint()
            done = self._merged([*done, *(branch for branch in branches if not branch.bits[step.bit])])
            branches = [branch for branch in branches if branch.bits[step.bit]]
            going = sum(branch.state.weight for branch in branches)
            if going <= NEGLIGIBLE:
                return done
            branches = self.run(step.body, branches)
        raise LoopLimitError(step.line, f"with probability {going:.3g}")

    def _read(self, step: Measure, branch: Branch) -> Iterator[Branch]:
        self._checkpoint()
        confusion = self._model.readout(step.qubit) if self._model else None
        for value in (0, 1):
            state = branch.state.projected(step.qubit, value)
            if step.bit is None:
                yield Branch(branch.bits, state)
                continue
            row = np.eye(2)[value] if confusion is None else confusion[value]
            for reading in np.flatnonzero(row):
                bits = [*branch.bits]
                bits[step.bit] = int(reading)
                yield Branch(tuple(bits), MixedState(state.n_qubits, row[reading] * state.vector))

    def _merged(self, branches: Iterable[Branch]) -> list[Branch]:
        merged: dict[Bits, MixedState] = {}
        for branch in branches:
            if branch.state.weight < NO_WEIGHT:
                continue
            known = merged.get(branch.bits)
            merged[branch.bits] = branch.state if known is None else known.added(branch.state, 1.0)
            if len(merged) > self._max_branches:
                raise BranchLimitError(
                    f"the circuit has more than {self._max_branches} values of its classical bits to follow "
                    "at once; measure at the end where possible, or use backend: trajectories with shots"
                )
        return [Branch(bits, state) for bits, state in merged.items()]


def _transfer(step: Gate | Unitary | Reset | Struck) -> Transfer:
    if isinstance(step, Reset):
        return RESET, (step.qubit,)
    kraus = step.channel.kraus if isinstance(step, Struck) else matrix(step)[None]
    return transfer(kraus), step.qubits
