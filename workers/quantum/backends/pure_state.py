"""Circuit records on state vectors: measurements, resets and conditionals, without noise."""

from __future__ import annotations

from shared.quantum.wants import Want
from workers.quantum.backends.records import Asked, Told, Whole
from workers.quantum.backends.trajectories import Following
from workers.quantum.simulation.circuits import simulator
from workers.quantum.simulation.circuits.branching import BranchLimitError
from workers.quantum.simulation.ir.pauli import PauliSum


class PureState(Whole):
    """Circuits on state vectors.

    Exact except for counts. If there are too many measurement histories to track together, each shot is
    simulated separately, and expectation values are means over shots.
    """

    name = "statevector"

    def share(self, asked: Asked, units: range) -> Told:
        """See `workers.quantum.backends.records.CircuitSimulator`."""
        try:
            return _together(asked)
        except BranchLimitError:
            if asked.shots is None:
                raise
        shots = Following(self.name)
        return shots.merged(asked, [shots.share(asked, range(shots.n_units(asked.shots)))])


def _together(asked: Asked) -> Told:
    """Compute the results from all histories together."""
    record, stop = asked.record, asked.control.checkpoint
    result = asked.counted(lambda: simulator.counts(record, asked.samples, asked.seed, stop))
    if Want.DISTRIBUTION in asked.want or asked.observables:
        ends = simulator.followed(record, stop)
        result |= asked.distributed(ends.probabilities)
        sums = {number: PauliSum.from_terms(terms) for number, terms in asked.observables.items()}
        if sums:
            result["expectations"] = ends.expectations(sums)
    return result
