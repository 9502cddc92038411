"""A device without errors: what is simulated on it is exact."""

from __future__ import annotations

from novacron.specs.calibration import QubitFigures
from shared.quantum import devices
from shared.quantum.devices import Device


def perfect(name: str = "kingston") -> Device:
    """Return a device without errors, relaxation or wrong readings, with the map of another."""
    known = devices.load(name)
    gates = tuple(gate.model_copy(update={"error": 0.0, "duration_s": 0.0}) for gate in known.gates)
    qubits = (QubitFigures(),) * known.n_qubits
    fields = {key: getattr(known, key) for key in ("provider", "date", "basis_gates", "coupling")}
    return Device(name="perfect", qubits=qubits, gates=gates, **fields)


PERFECT = perfect()
