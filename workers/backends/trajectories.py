"""Monte-Carlo trajectories of state vectors: noise on more qubits than a density matrix can hold."""

from __future__ import annotations

from typing import Any

from workers.backends.circuits import Asked, check
from workers.noise.trajectories import Trajectories as Runs
from workers.noise.trajectories import merge


class Trajectories:
    """The trajectory backend; every shot is a trajectory."""

    name = "trajectories"

    def run(self, asked: Asked) -> dict[str, Any]:
        """See `workers.backends.circuits.CircuitBackend`; all of it sampled, with `standard_errors`."""
        if asked.shots is None:
            raise ValueError("trajectories sample: give shots, the number of trajectories")
        return merge([self.share(asked, 0, asked.shots)], list(asked.observables))

    def share(self, asked: Asked, first: int, last: int) -> dict[str, Any]:
        """Some of the trajectories, to be merged with the others: see `Trajectories.share`."""
        check(self.name, asked.record)
        runs = Runs(asked.record, asked.noise, asked.observables, asked.seed)
        return runs.share(first, last, asked.checkpoint)
