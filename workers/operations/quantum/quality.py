"""Quality metrics of executed circuits: fidelity from results, coherence times from calibrations."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

from novacron.json_types import JsonObject
from novacron.specs.noise import WrittenNoise
from shared.metrics.tally import TALLY


def tell(backend: str, result: JsonObject, noise: WrittenNoise | None) -> None:
    """Record a circuit job's fidelity and coherence for a backend; without noise, record nothing."""
    if not TALLY.on or noise is None:
        return
    if (fidelity := fidelity_of(result)) is not None:
        TALLY.observe("quantum_fidelity_average", fidelity, backend)
    for time, seconds in coherence_s(noise).items():
        TALLY.put("quantum_coherence_time", seconds, backend, time)


def fidelity_of(result: Mapping[str, Any]) -> float | None:
    """Return the fidelity with the ideal state if requested, else that of the outcome distributions.

    For two distributions: (sum of sqrt(p q))^2, the square of the Bhattacharyya coefficient. None if the
    result has neither.
    """
    if (asked := result.get("fidelity")) is not None:
        return float(asked)
    ideal = result.get("ideal_probabilities")
    found = result.get("probabilities") or result.get("counts")
    if not ideal or not found:
        return None
    total = sum(found.values())
    return sum(sqrt(weight / total * ideal.get(outcome, 0.0)) for outcome, weight in found.items()) ** 2


def coherence_s(noise: WrittenNoise) -> dict[str, float]:
    """Return mean T1 and T2 in seconds over the qubits with relaxation in a noise model, if any."""
    relaxations = [error for error in noise["errors"] if error["name"] == "thermal_relaxation"]
    qubits: dict[tuple[int, ...], Mapping[str, Any]] = {}
    for error in relaxations:
        qubits.setdefault(tuple(error.get("qubits") or ()), error)
    if not qubits:
        return {}
    return {name: sum(error[f"{name}_s"] for error in qubits.values()) / len(qubits) for name in ("t1", "t2")}
