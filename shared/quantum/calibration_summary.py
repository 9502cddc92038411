"""Figures of a device for listings: medians over what can be used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from statistics import median
from typing import Any

from shared.quantum import devices
from shared.quantum.devices import BROKEN, Device


@cache
def of_simulated(name: str) -> dict[str, Any]:
    """Return the members of a simulated device; see `summary`."""
    return summary(devices.load(name))


def summary(device: Device) -> dict[str, Any]:
    """Return a device's members of a backend listing, as plain data."""
    errors = _gate_errors(device)
    pairs = [errors[gate] for gate in device.pair_gates if gate in errors]
    return {
        "provider": device.provider,
        "max_qubits": device.size,
        "qubit_count": device.n_qubits,
        "connectivity": [list(pair) for pair in device.edges],
        "basis_gates": list(device.basis_gates),
        "gates": ", ".join(device.basis_gates),
        "noise_model": "calibration",
        "error_rate": min(pairs, default=None) if pairs else max(errors.values(), default=None),
        "max_shots": device.max_shots,
        "calibration": {
            "id": device.calibration_id,
            "date": device.date,
            "t1_s": _median(one.t1_s for one in device.qubits),
            "t2_s": _median(one.t2_s for one in device.qubits),
            "readout_error": _median((one.p1_given_0 + one.p0_given_1) / 2 for one in device.qubits),
            "gate_errors": errors,
        },
    }


def _gate_errors(device: Device) -> dict[str, float]:
    found: defaultdict[str, list[float]] = defaultdict(list)
    for gate in device.gates:
        if gate.gate in device.basis_gates and gate.error < BROKEN:
            found[gate.gate].append(gate.error)
    return {name: median(values) for name, values in sorted(found.items())}


def _median(values: Iterable[float | None]) -> float | None:
    return median(known) if (known := [value for value in values if value is not None]) else None
