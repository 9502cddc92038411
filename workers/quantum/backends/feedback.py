"""Stabilizer circuits with feedback on measured bits: exact over all histories, or shot by shot.

At the end of a history, the outcomes of a stabilizer state are uniformly distributed over an affine space of
bits.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import stim
from numpy.typing import NDArray

from workers.quantum.backends.records import Asked, Terms
from workers.quantum.simulation.circuits.branching import BranchLimitError
from workers.quantum.simulation.circuits.outcomes import FEWER_SHOTS, SHOTS, check_size, generator, texts
from workers.quantum.simulation.circuits.readout import Readout
from workers.quantum.simulation.gf2 import reduced
from workers.quantum.simulation.noise.circuit import Step
from workers.quantum.simulation.noise.feedback import Branch, Follower, Split, drawn, halved

MAX_BRANCHES = 4096

Bits = NDArray[np.uint8]


class Feedback:
    """A circuit with its readout, ready to run.

    Attributes:
        twirled: Whether any channel was replaced by its twirl so far.
    """

    def __init__(self, asked: Asked, ends: Readout, steps: Sequence[Step]) -> None:
        self._asked, self._ends, self._steps = asked, ends, steps
        self._rng = generator(asked.seed)
        self.twirled = False

    def counts(self, shots: int) -> dict[str, int]:
        """Return the counts by outcome string, ascending; a seed determines all.

        Raises:
            OutcomeLimitError: More distinct outcomes than can be listed.
        """
        if self._asked.noise is not None:
            return self._shot_by_shot(shots)
        try:
            branches = self._followed(drawn(self._rng), float(shots))
        except BranchLimitError:
            return self._shot_by_shot(shots)
        found: Counter[str] = Counter()
        for branch in branches:
            for outcome, chance in self._drawn(branch).items():
                found[outcome] += chance
            check_size(len(found), self._ends.width, FEWER_SHOTS)
        return dict(sorted(found.items()))

    def probabilities(self) -> dict[str, float]:
        """Return exact probabilities by outcome string, ascending.

        Raises:
            BranchLimitError: More histories than can be tracked.
            OutcomeLimitError: More outcomes than can be listed.
        """
        found: defaultdict[str, float] = defaultdict(float)
        branches = self._followed(halved, 1.0)
        for branch in branches:
            outcomes = self._space(branch)
            for outcome in texts(outcomes):
                found[outcome] += branch.weight / len(outcomes)
            check_size(len(found), self._ends.width, SHOTS)
        total = sum(found.values())
        return {outcome: found[outcome] / total for outcome in sorted(found)}

    def expectations(self, observables: Mapping[int, Terms]) -> dict[int, float]:
        """Return exact noiseless expectation values by number, averaged over the histories."""
        branches = self._followed(halved, 1.0)
        total = sum(branch.weight for branch in branches)
        return {
            number: sum(branch.weight * _mean(terms, branch) for branch in branches) / total
            for number, terms in observables.items()
        }

    def _followed(self, split: Split, weight: float) -> list[Branch]:
        follower = self._follower(split)
        return follower.run(self._steps, follower.start(self._asked.record.n_cells, weight, self._asked.seed))

    def _follower(self, split: Split | None) -> Follower:
        asked = self._asked
        n_qubits = asked.record.n_qubits
        return Follower(n_qubits, asked.noise, split, self._rng, MAX_BRANCHES, asked.control.checkpoint)

    def means(self, shots: int) -> tuple[dict[int, float], dict[int, float]]:
        """Return noisy expectation values by number, as means over shots, and their variances."""
        numbers = list(self._asked.observables)
        values = np.array([
            [_mean(self._asked.observables[number], branch) for number in numbers]
            for branch in self._shots(shots)
        ])  # fmt: skip
        errors = values.std(axis=0, ddof=1) / np.sqrt(shots) if shots > 1 else np.full(len(numbers), np.nan)
        return (
            dict(zip(numbers, values.mean(axis=0).tolist(), strict=True)),
            dict(zip(numbers, np.square(errors).tolist(), strict=True)),
        )

    def _shots(self, shots: int) -> Iterator[Branch]:
        """Yield the final branches of single shots, one after the other."""
        follower = self._follower(None)
        (start,) = follower.start(self._asked.record.n_cells, 1.0, self._asked.seed)
        begin = stim.Tableau(self._asked.record.n_qubits)
        for _ in range(shots):
            start.state.set_inverse_tableau(begin)
            start.bits[:] = 0
            yield from follower.run(self._steps, [start])
            self.twirled |= follower.twirled

    def _shot_by_shot(self, shots: int) -> dict[str, int]:
        reader = self._follower(None)
        found: Counter[str] = Counter()
        for branch in self._shots(shots):
            outcome = self._ends.frame(branch.bits).copy()
            for qubit, place in zip(self._ends.qubits, self._ends.places, strict=True):
                value = int(branch.state.measure(qubit))
                outcome[place] = value ^ reader.misread(qubit, value)
            found[texts(outcome[None])[0]] += 1
            check_size(len(found), self._ends.width, FEWER_SHOTS)
        return dict(sorted(found.items()))

    def _drawn(self, branch: Branch) -> dict[str, int]:
        """Return the outcomes of a branch's shots with their counts."""
        shots = int(branch.weight)
        if not self._ends.qubits:
            return {texts(self._ends.frame(branch.bits)[None])[0]: shots}
        base, directions = readings(branch.state, self._ends.qubits)
        chosen = self._rng.integers(0, 2, size=(shots, len(directions)), dtype=np.uint8)
        values = (base ^ (chosen @ directions.astype(np.uint8) & 1)).astype(np.uint8)
        different, times = np.unique(values, axis=0, return_counts=True)
        outcomes = np.repeat(self._ends.frame(branch.bits)[None], len(different), axis=0)
        outcomes[:, list(self._ends.places)] = different
        return dict(zip(texts(outcomes), times.tolist(), strict=True))

    def _space(self, branch: Branch) -> Bits:
        """Return all outcomes of a branch, uint8[k, width], uniformly distributed."""
        frame = self._ends.frame(branch.bits)[None]
        if not self._ends.qubits:
            return frame
        base, directions = readings(branch.state, self._ends.qubits)
        check_size(1 << len(directions), self._ends.width, SHOTS)
        values = base[None]
        for direction in directions:
            values = np.concatenate([values, values ^ direction])
        outcomes = np.repeat(frame, len(values), axis=0)
        outcomes[:, list(self._ends.places)] = values
        return np.asarray(outcomes, dtype=np.uint8)


def readings(
    state: stim.TableauSimulator, qubits: Sequence[int]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Measure some qubits and collapse the state: the values are uniform over an affine space.

    Returns:
        One value bool[k], and the directions bool[d, k] to all others.
    """
    measured = list(qubits)
    x_parts = np.array([s.to_numpy()[0] for s in state.canonical_stabilizers()], dtype=bool)
    directions = reduced(x_parts[:, measured])
    return np.array(state.measure_many(*measured), dtype=bool), directions


def _mean(terms: Terms, branch: Branch) -> float:
    total = 0.0
    for string, coefficient in terms:
        total += coefficient * branch.state.peek_observable_expectation(stim.PauliString(string))
    return total
