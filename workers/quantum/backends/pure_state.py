"""The state-vector backend on circuit records: measurements, resets and conditions, without noise."""

from __future__ import annotations

from typing import Any

from workers.quantum.backends.circuits import Asked, check
from workers.quantum.backends.trajectories import Trajectories
from workers.quantum.simulation.circuits import simulator
from workers.quantum.simulation.circuits.branching import BranchLimitError
from workers.quantum.simulation.ir.pauli import PauliSum


class PureState:
    """Circuits on state vectors."""

    name = "statevector"

    def run(self, asked: Asked) -> dict[str, Any]:
        """See `workers.quantum.backends.circuits.CircuitBackend`.

        Exact but for `counts`. Where measurement histories are too many to follow together each shot is
        followed by itself, and `expectations` are means over them, with `standard_errors`.
        """
        check(self.name, asked.record)
        try:
            return _together(asked)
        except BranchLimitError:
            if asked.shots is None:
                raise
        return Trajectories().merged(asked, [Trajectories().share(asked, 0, asked.shots)])


def _together(asked: Asked) -> dict[str, Any]:
    """Of all histories at once."""
    value: dict[str, Any] = {}
    if asked.shots is not None:
        shots = asked.shots
        value = asked.listed(
            lambda: {"counts": simulator.counts(asked.record, shots, asked.seed, asked.checkpoint)}
        )
    if asked.shots is None or asked.observables:
        ends = simulator.followed(asked.record, asked.checkpoint)
        sums = {name: PauliSum.from_terms(terms) for name, terms in asked.observables.items()}
        if asked.shots is None:
            value = asked.listed(lambda: {"probabilities": ends.probabilities()})
        value |= {"expectations": ends.expectations(sums)} if sums else {}
    return value
