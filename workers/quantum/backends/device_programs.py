"""Quantities of a program on a simulated device by trajectories, for more qubits than can be exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from math import ceil
from typing import Any

import numpy as np

from shared.quantum.trajectories import LOOP_BLOCK, PER_EVALUATION
from shared.quantum.wants import Want
from workers.quantum.backends.base import Control
from workers.quantum.backends.batch import Batch, Fields, Pub
from workers.quantum.backends.compiled_program import CompiledProgram
from workers.quantum.backends.questions import Estimated
from workers.quantum.simulation.ir.engine import Engines
from workers.quantum.simulation.ir.latest import Latest
from workers.quantum.simulation.ir.program import Float
from workers.quantum.simulation.noise.averages import Averages
from workers.quantum.simulation.noise.trajectories import Mean
from workers.quantum.simulation.statevector.sampling import Group

Compiled = Callable[[], CompiledProgram]
"""Returns a program compiled for its device."""


class SampledOnDevice(Estimated):
    """Expectation values estimated from shots of each setting; see `CompiledProgram.sampled`."""

    def __init__(self, compiled: Compiled, batch: Batch, pub: Pub) -> None:
        super().__init__(Engines(lambda observable: compiled().engine(observable)), batch, pub)
        self._program = compiled

    def _sampled(
        self, point: Float, group: Group, shots: int, rng: np.random.Generator
    ) -> tuple[float, float]:
        return self._program().sampled(point, group, shots, rng)


class AveragedOnDevice:
    """Expectation values, and derivatives, as means over trajectories; a unit is a block of these.

    `shots` is the number of trajectories, `PER_EVALUATION` by default; all points have the same random
    numbers, from the first unit's stream. See `workers.quantum.backends.questions.Question`.
    """

    def __init__(self, compiled: Compiled, batch: Batch) -> None:
        self._program, self._gradients = compiled, Want.GRADIENTS in batch.want
        self._n = PER_EVALUATION if batch.shots is None else batch.shots
        self._averages: Latest[Averages] = Latest()

    @property
    def _n_blocks(self) -> int:
        return ceil(self._n / LOOP_BLOCK)

    def n_units(self, batch: Batch, pub: Pub) -> int:
        """Return the number of blocks of all expectation values."""
        return pub.size * self._n_blocks

    def run(self, batch: Batch, pub: Pub, units: range, first: int, control: Control) -> list[list[float]]:
        """Return [trajectories, mean, spread, *derivatives] of each block."""
        seed, parts = int(batch.stream(first).integers(1 << 62)), []
        for unit in units:
            control.checkpoint()
            value, block = divmod(unit, self._n_blocks)
            point, number = pub.pairs[0][value], pub.pairs[1][value]
            begin = block * LOOP_BLOCK
            mean, gradient = self._of(pub, number).block(
                pub.rows[point], begin, min(begin + LOOP_BLOCK, self._n), seed, gradient=self._gradients
            )
            parts.append([mean.n, mean.mean, mean.spread, *gradient.tolist()])
        return parts

    def merge(self, batch: Batch, pub: Pub, parts: Sequence[list[list[float]]], control: Control) -> Fields:
        """Return the means, their variances (NaN for a single trajectory), and the derivatives."""
        rows = np.array([*chain.from_iterable(parts)], dtype=np.float64)
        table = rows.reshape(pub.size, self._n_blocks, rows.shape[-1])
        means = [_joined(blocks[:, :3]) for blocks in table]
        found: Fields = {
            "expectations": np.array([mean.mean for mean in means]).reshape(pub.shape),
            "variances": np.array([mean.variance for mean in means]).reshape(pub.shape),
        }
        if self._gradients:
            weighted = table[:, :, 3:] * (table[:, :, :1] / self._n)
            found["gradients"] = weighted.sum(axis=1).reshape(*pub.shape, -1)
        return found

    def _of(self, pub: Pub, number: int) -> Averages:
        return self._averages.get(number, lambda: self._program().averages(pub.observables.flat[number]))


class ReadOnDevice:
    """Basis states read from the device's qubits, one trajectory each; a unit is a point."""

    def __init__(self, compiled: Compiled) -> None:
        self._program = compiled

    def n_units(self, batch: Batch, pub: Pub) -> int:
        """Return one unit per point."""
        return pub.n_points

    def run(self, batch: Batch, pub: Pub, units: range, first: int, control: Control) -> list[Any]:
        """Return the basis indices at each point, in shot order."""
        control.checkpoint()
        shots = batch.shots_for()
        return [self._program().read(pub.rows[unit], shots, batch.stream(first + unit)) for unit in units]

    def merge(self, batch: Batch, pub: Pub, parts: Sequence[Any], control: Control) -> Fields:
        """Stack the samples of all points."""
        return {"samples": np.stack([*chain.from_iterable(parts)]).reshape(*pub.grid, -1)}


def _joined(blocks: Float) -> Mean:
    """Return the mean over consecutive blocks, float64[blocks, 3]: number, mean and spread of each."""
    whole = None
    for n, mean, spread in blocks.tolist():
        block = Mean(int(n), mean, spread)
        whole = block if whole is None else whole.joined(block)
    assert whole is not None
    return whole
