"""The state-vector backend on circuit records: measurements, resets and conditions, without noise."""

from __future__ import annotations

from typing import Any

from workers.backends.circuits import Asked, check
from workers.simulation import circuit
from workers.simulation.branching import BranchLimitError
from workers.simulation.pauli import PauliSum


class PureState:
    """Circuits on state vectors."""

    name = "statevector"

    def run(self, asked: Asked) -> dict[str, Any]:
        """See `workers.backends.circuits.CircuitBackend`."""
        check(self.name, asked.record)
        value: dict[str, Any] = {}
        if asked.shots is None:
            value["probabilities"] = circuit.probabilities(asked.record, asked.checkpoint)
        else:
            value["counts"] = _counts(asked, asked.shots)
        if asked.observables:
            sums = {name: PauliSum.from_terms(terms) for name, terms in asked.observables.items()}
            value["expectations"] = circuit.expectations(asked.record, sums, asked.checkpoint)
        return value


def _counts(asked: Asked, shots: int) -> dict[str, int]:
    """Samples: of all histories at once where they are few, else shot by shot."""
    try:
        return circuit.counts(asked.record, shots, asked.seed, asked.checkpoint)
    except BranchLimitError:
        from workers.noise.trajectories import Trajectories, merge

        runs = Trajectories(asked.record, None, {}, asked.seed)
        counts: dict[str, int] = merge([runs.share(0, shots, asked.checkpoint)], [])["counts"]
        return counts
