"""Trajectories of a noisy circuit: samples, and means with their standard errors.

Source: Dalibard, Castin and Molmer, Phys. Rev. Lett. 68, 580 (1992); means and variances of blocks are merged
by Chan, Golub and LeVeque, The American Statistician 37, 242 (1983).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from shared.circuits.record import CircuitRecord
from shared.quantum.trajectories import BLOCK
from workers.quantum.simulation.circuits.outcomes import FEWER_SHOTS, check_size, fits, texts, too_many
from workers.quantum.simulation.circuits.readout import readout
from workers.quantum.simulation.cpu import trajectory
from workers.quantum.simulation.ir.pauli import masks
from workers.quantum.simulation.ir.program import Float
from workers.quantum.simulation.noise.circuit import noisy
from workers.quantum.simulation.noise.flat import Lowering, answer
from workers.quantum.simulation.noise.model import NoiseModel
from workers.quantum.simulation.noise.readout_error import flips

Terms = Sequence[tuple[str, float]]


@dataclass(frozen=True)
class Mean:
    """Mean of n values, and the sum of their squared distances from it."""

    n: int
    mean: float
    spread: float

    @classmethod
    def of(cls, values: Float) -> Mean:
        """Return the mean of float64[n]."""
        mean = float(values.mean())
        return cls(len(values), mean, float(np.sum((values - mean) ** 2)))

    def joined(self, other: Mean) -> Mean:
        """Return the mean of the values of both."""
        n = self.n + other.n
        step = other.mean - self.mean
        return Mean(
            n, self.mean + step * other.n / n, self.spread + other.spread + step**2 * self.n * other.n / n
        )

    @property
    def variance(self) -> float:
        """Variance of the mean; NaN for fewer than two values."""
        return self.spread / (self.n - 1) / self.n if self.n > 1 else math.nan


class BlockShare(TypedDict):
    """Results of some trajectories, as JSON.

    Attributes:
        counts: outcome string -> count, None if there are more than can be listed.
        means: number, mean and spread of each observable, by block; empty without observables.
    """

    counts: dict[str, int] | None
    means: list[list[list[float]]]


class Trajectories:
    """A noisy circuit, ready to run.

    Args:
        record: The circuit, without free parameters.
        noise: Its noise model, None for none.
        observables: Pauli terms by number.
        seed: Determines every trajectory, together with its number.
    """

    def __init__(
        self, record: CircuitRecord, noise: NoiseModel | None, observables: Mapping[int, Terms], seed: int
    ) -> None:
        ends, n = readout(record), record.n_qubits
        self._n_observables = len(observables)
        self._width = ends.width
        self._n_qubits, self._seed = n, seed
        lowering = Lowering(n, noise)
        self._flat = lowering.lower(noisy(ends.instructions, noise))
        self._questions = lowering.questions
        # If all qubits are read out, their outcomes follow the classical bits, which conditions may read.
        self._first = record.n_cells if ends.measured == "all qubits" else 0
        self._cells = max(record.n_cells, self._first + ends.width)
        self._reading = (
            np.array([n - 1 - qubit for qubit in ends.qubits], dtype=np.int64),
            np.array([self._first + place for place in ends.places], dtype=np.int64),
            np.array([flips(noise, qubit) for qubit in ends.qubits]).reshape(-1, 2),
        )
        self._terms = _flat_terms(observables.values())

    def block(self, first: int, last: int) -> tuple[NDArray[np.uint8], list[Mean]]:
        """Run trajectories first to last - 1.

        Returns:
            Outcomes uint8[last - first, width], and the observables' means.
        """
        bits = np.zeros((last - first, self._cells), dtype=np.uint8)
        values = np.zeros((last - first, self._n_observables))
        start = np.array([self._n_qubits, first, self._seed], dtype=np.int64)
        if self._questions:
            self._run_asking(start, bits, values)
        else:
            trajectory.run(self._flat, self._reading, self._terms, start, bits, values)
        outcomes = np.ascontiguousarray(bits[:, self._first : self._first + self._width])
        return outcomes, [Mean.of(column) for column in values.T]

    def _run_asking(self, start: NDArray[np.int64], bits: NDArray[np.uint8], values: Float) -> None:
        """Run as `trajectory.run`, for circuits that compute with their bits, which is done between ops."""
        ops, _, matrices, _, _ = self._flat
        state = np.empty(1 << self._n_qubits, dtype=np.complex128)
        rng = np.empty(1, dtype=np.uint64)
        for row in range(len(bits)):
            trajectory.begin(start, row, state, rng)
            at = trajectory.resume(self._flat, state, bits[row], rng, 0)
            while at < len(ops):
                answer(self._questions[ops[at - 1, trajectory.NUMBER]], bits[row], matrices)
                at = trajectory.resume(self._flat, state, bits[row], rng, at)
            trajectory.end(state, self._reading, self._terms, rng, bits[row], values[row])

    def share(self, first: int, last: int, checkpoint: Callable[[], None]) -> BlockShare:
        """Return the counts of trajectories first to last - 1, and the means of their blocks, as JSON.

        Counts are None if there are more than can be listed.

        Args:
            first: The first of a block.
            last: One past the last.
            checkpoint: Called between blocks.
        """
        counts: Counter[str] | None = Counter()
        means: list[list[list[float]]] = []
        for begin in range(first, last, BLOCK):
            checkpoint()
            outcomes, found = self.block(begin, min(begin + BLOCK, last))
            if counts is not None:
                rows, times = np.unique(outcomes, axis=0, return_counts=True)
                counts.update(dict(zip(texts(rows), times.tolist(), strict=True)))
                counts = counts if fits(len(counts), self._width) else None
            if found:
                means.append([[mean.n, mean.mean, mean.spread] for mean in found])
        return {"counts": None if counts is None else dict(counts), "means": means}


def merged_counts(shares: Iterable[Mapping[str, int] | None]) -> dict[str, int]:
    """Merge the counts of consecutive shares, by outcome string ascending.

    Raises:
        OutcomeLimitError: More distinct outcomes than can be listed, in one share or in total.
    """
    counts: Counter[str] = Counter()
    for share in shares:
        if share is None:
            raise too_many(FEWER_SHOTS)
        counts.update(share)
        check_size(len(counts), len(next(iter(counts))), FEWER_SHOTS)
    return dict(sorted(counts.items()))


def merged_means(
    shares: Iterable[Sequence[Sequence[Sequence[float]]]], numbers: Sequence[int]
) -> dict[int, Mean]:
    """Merge the means of consecutive shares, by number of the observable; empty if there are none."""
    means: list[Mean | None] = [None] * len(numbers)
    for share in shares:
        for block in share:
            for position, (n, mean, spread) in enumerate(block):
                known, new = means[position], Mean(int(n), mean, spread)
                means[position] = new if known is None else known.joined(new)
    return {number: mean for number, mean in zip(numbers, means, strict=True) if mean is not None}


def _flat_terms(observables: Iterable[Terms]) -> tuple[NDArray[np.int64], Float, NDArray[np.int64]]:
    rows = [
        (*masks(string), coefficient, owner)
        for owner, terms in enumerate(observables)
        for string, coefficient in terms
    ]
    return (
        np.array([row[:2] for row in rows], dtype=np.int64).reshape(-1, 2),
        np.array([row[2] for row in rows], dtype=np.float64),
        np.array([row[3] for row in rows], dtype=np.int64),
    )
