"""Monte-Carlo trajectories of state vectors: noise on more qubits than a density matrix can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workers.backends.circuits import Asked, check
from workers.noise.trajectories import Trajectories as Runs
from workers.noise.trajectories import merged_counts, merged_means
from workers.simulation.refusal import CircuitError


class Trajectories:
    """The trajectory backend; every shot is a trajectory."""

    name = "trajectories"

    def run(self, asked: Asked) -> dict[str, Any]:
        """See `workers.backends.circuits.CircuitBackend`; all of it sampled, with `standard_errors`."""
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
