"""Runs measured circuits on a backend, each with shots of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.circuits.record import CircuitRecord
from shared.quantum.wants import Want
from workers.quantum.backends.base import ALONE, Backend, Control
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.backends.immediate import answers
from workers.quantum.backends.records import seed_of
from workers.quantum.mitigation.measurement import Histogram
from workers.quantum.simulation.noise.model import NoiseModel


class Runner(Protocol):
    """Runs circuits whose measurements are at their end."""

    def run(self, circuits: Sequence[CircuitRecord], shots: Sequence[int] | None) -> list[Histogram]:
        """Return the outcomes of each circuit: counts of so many shots, or exact probabilities without."""
        ...


@dataclass
class BackendRunner:
    """Runs circuits by batches of equal shots.

    Attributes:
        backend: a backend of circuit records.
        noise: the noise model on their qubits, None for none.
        seed: determines all samples.
        control: control of the task.
    """

    backend: Backend
    noise: NoiseModel | None = None
    seed: int = 0
    control: Control = ALONE
    _batches: int = 0

    def run(self, circuits: Sequence[CircuitRecord], shots: Sequence[int] | None) -> list[Histogram]:
        """See `Runner`."""
        asked = [None] * len(circuits) if shots is None else list(shots)
        found: dict[int, Histogram] = {}
        for number in dict.fromkeys(asked):
            places = [place for place, one in enumerate(asked) if one == number]
            self._batches += 1
            batch = Batch(
                tuple(Pub(circuits[place]) for place in places),
                frozenset({Want.DISTRIBUTION if number is None else Want.COUNTS}), number,
                seed=seed_of(self.seed, self._batches, 0), noise=self.noise,
            )  # fmt: skip
            for place, answer in zip(places, answers(self.backend, batch, self.control), strict=True):
                listed = answer.distributions if number is None else answer.counts
                assert listed is not None
                found[place] = Histogram.of(listed.item(), number)
        return [found[place] for place in range(len(circuits))]
