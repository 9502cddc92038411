"""Monte-Carlo trajectories of state vectors: noise on more qubits than a density matrix can hold."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from shared.quantum.trajectories import BLOCK
from workers.quantum.backends import records
from workers.quantum.backends.base import Local, Plan
from workers.quantum.backends.batch import Batch
from workers.quantum.backends.records import Asked, Told
from workers.quantum.simulation.ir.refusal import CircuitError
from workers.quantum.simulation.noise.trajectories import Trajectories as Runs
from workers.quantum.simulation.noise.trajectories import merged_counts, merged_means


class Trajectories(Local):
    """The trajectory backend; every shot is one trajectory."""

    name = "trajectories"

    def prepare(self, batch: Batch) -> Plan:
        """See `workers.quantum.backends.base.Backend`; all results are sampled."""
        if batch.shots is None:
            raise CircuitError("trajectories sample: give shots, the number of trajectories")
        return records.prepare(Following(self.name), batch)


class Following:
    """Circuits simulated shot by shot; a unit is a block of trajectories.

    Args:
        name: Name of the backend.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def n_units(self, shots: int | None) -> int:
        """Return the number of blocks of trajectories."""
        return ceil((shots or 0) / BLOCK)

    def share(self, asked: Asked, units: range) -> Told:
        """Return the counts of some blocks, and the means of each."""
        runs = Runs(asked.record, asked.noise, asked.observables, asked.seed)
        last = min(units.stop * BLOCK, asked.samples)
        part = runs.share(units.start * BLOCK, last, asked.control.checkpoint)
        return {"counts": part["counts"], "means": part["means"]}

    def merged(self, asked: Asked, shares: Sequence[Told]) -> Told:
        """Merge the counts and the means of all blocks."""
        result = asked.counted(lambda: merged_counts([share["counts"] for share in shares]))
        means = merged_means([share["means"] for share in shares], list(asked.observables))
        if means:
            result["expectations"] = {number: mean.mean for number, mean in means.items()}
            result["variances"] = {number: mean.variance for number, mean in means.items()}
        return result
