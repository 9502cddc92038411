"""Calibrations from the configuration and the properties of IBM's devices, in IBM's JSON forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.circuits.gates import GATES

UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "": 1.0}
RENAMED = {"u1": "p", "u3": "u"}
"""Gates that circuit records name differently. A `u2` is a `u` there, with the figures of `u3`."""
FIRM = 4
"""Significant digits; the measured values have at most three."""

Parameters = Sequence[Mapping[str, Any]]


def calibration(name: str, configuration: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the calibration as plain data, as `shared.quantum.devices.Device` reads it.

    Args:
        name: the device.
        configuration: its configuration.
        properties: its properties.
    """
    executed = (RENAMED.get(gate, gate) for gate in configuration["basis_gates"] if gate != "u2")
    basis = [gate for gate in executed if gate in GATES]
    date = properties["last_update_date"]
    gates = figures(properties["gates"], {*basis, "reset"})
    pairs = sorted({
        tuple(gate["qubits"])
        for gate in properties["gates"]
        if len(gate["qubits"]) == 2 and gate["gate"] in basis
    })  # fmt: skip
    return {
        "name": f"{name} {date[:10]}",
        "provider": "IBM",
        "date": date,
        "basis_gates": sorted(basis),
        "max_shots": configuration["max_shots"],
        "coupling": pairs,
        "qubits": [qubit(parameters) for parameters in properties["qubits"]],
        "gates": [{"gate": gate, "qubits": qubits, **told} for (gate, *qubits), told in gates.items()],
    }


def qubit(parameters: Parameters) -> dict[str, float]:
    """Return the figures of a qubit."""
    found = values(parameters)
    told = {}
    if found.get("T1", 0) > 0 and found.get("T2", 0) > 0:
        told = {"t1_s": found["T1"], "t2_s": min(found["T2"], 2 * found["T1"])}
    misread = found.get("readout_error", 0.0)
    told["p1_given_0"] = found.get("prob_meas1_prep0", misread)
    told["p0_given_1"] = found.get("prob_meas0_prep1", misread)
    if "readout_length" in found:
        told["readout_s"] = found["readout_length"]
    return told


def figures(gates: Sequence[Mapping[str, Any]], kept: set[str]) -> dict[tuple[Any, ...], dict[str, float]]:
    """Return the non-zero figures by gate and qubits; of the two directions of a pair, the worse figures."""
    found: dict[tuple[Any, ...], dict[str, float]] = {}
    for gate in gates:
        name = RENAMED.get(gate["gate"], gate["gate"])
        if name not in kept:
            continue
        told = values(gate["parameters"])
        told = {"error": min(told.get("gate_error", 0.0), 1.0), "duration_s": told.get("gate_length", 0.0)}
        known = found.setdefault((name, *sorted(gate["qubits"])), told)
        known.update({key: max(value, known[key]) for key, value in told.items()})
    return {place: told for place, told in found.items() if len(place) > 2 or any(told.values())}


def values(parameters: Parameters) -> dict[str, float]:
    """Return parameters by name, in seconds."""
    return {
        entry["name"]: float(f"{entry['value'] * UNITS.get(entry['unit'], 1.0):.{FIRM}g}")
        for entry in parameters
    }
