"""Monte-Carlo trajectories of state vectors: noise on more qubits than a density matrix can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workers.quantum.backends.circuits import Asked, check
from workers.quantum.simulation.ir.refusal import CircuitError
from workers.quantum.simulation.noise.trajectories import Trajectories as Runs
from workers.quantum.simulation.noise.trajectories import merged_counts, merged_means


class Trajectories:
    """The trajectory backend; every shot is a trajectory."""

    name = "trajectories"

    def run(self, asked: Asked) -> dict[str, Any]:
        """Answer as every `CircuitBackend` does; all of it sampled, with `standard_errors`."""
        if asked.shots is None:
            raise CircuitError("trajectories sample: give shots, the number of trajectories")
        return self.merged(asked, [self.share(asked, 0, asked.shots)])

    def share(self, asked: Asked, first: int, last: int) -> dict[str, Any]:
        """Some of the trajectories, to be merged with the others: see `Trajectories.share`."""
        check(self.name, asked.record)
        runs = Runs(asked.record, asked.noise, asked.observables, asked.seed)
        return runs.share(first, last, asked.checkpoint)

    def merged(self, asked: Asked, shares: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The answer of shares that make up all trajectories."""
        return asked.listed(lambda: merged_counts(shares)) | merged_means(shares, list(asked.observables))
