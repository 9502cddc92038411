"""Qiskit Aer with the calibration of a device: the reference of simulated devices."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace

from qiskit.circuit import Reset
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.transpiler import InstructionProperties, QubitProperties, Target
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, ReadoutError
from qiskit_aer.noise.device import basic_device_gate_errors

from shared.circuits.active import operations
from shared.circuits.instruction import Gate
from shared.circuits.qiskit_circuit import to_qiskit
from shared.circuits.record import CircuitRecord
from shared.quantum.devices import Device

STANDARD = get_standard_gate_name_mapping()


def counts(record: CircuitRecord, device: Device, shots: int, seed: int) -> Mapping[str, int]:
    """Run a compiled circuit in Aer, with the noise of the operations it has.

    Returns:
        Counts by outcome string, character i being classical bit i.
    """
    # Aer knows no global phase.
    items = tuple(item for item in record.instructions if not (isinstance(item, Gate) and not item.qubits))
    circuit = to_qiskit(replace(record, instructions=items))
    simulator = AerSimulator(noise_model=noise(record, device), seed_simulator=seed)
    found = simulator.run(circuit, shots=shots).result().get_counts()
    return {outcome.replace(" ", "")[::-1]: times for outcome, times in found.items()}


def noise(record: CircuitRecord, device: Device) -> NoiseModel:
    """Return Aer's noise model of a device, of the gates and qubits that a circuit uses."""
    used: dict[str, dict[tuple[int, ...], InstructionProperties]] = {}
    for name, qubits in operations(record.to_json()["instructions"]):
        told = device.figures.get((name, frozenset(qubits)))
        if told is not None:
            used.setdefault(name, {})[qubits] = InstructionProperties(told.duration_s, told.error)
    target = Target(
        qubit_properties=[QubitProperties(t1=one.t1_s, t2=one.t2_s, frequency=5e9) for one in device.qubits]
    )
    for name, places in used.items():
        target.add_instruction(Reset() if name == "reset" else STANDARD[name], places)
    model = NoiseModel(basis_gates=list(device.basis_gates))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, qubits, error in basic_device_gate_errors(target=target):
            model.add_quantum_error(error, name, qubits)
    for at, one in enumerate(device.qubits):
        rows = [[1 - one.p1_given_0, one.p1_given_0], [one.p0_given_1, 1 - one.p0_given_1]]
        model.add_readout_error(ReadoutError(rows), [at])
    return model
