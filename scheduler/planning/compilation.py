"""Whether a circuit can be compiled for a device."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from novacron.errors import BadInput
from novacron.specs import Circuit, Compile, Spec
from novacron.specs.circuit_text import ParsedCircuit
from shared.circuits.written import WrittenInstruction, WrittenRecord
from shared.quantum import devices
from shared.quantum.devices import Device

UNIVERSAL = ({"rz", "sx"}, {"rz", "rx"}, {"rz", "ry"}, {"rx", "ry"}, {"u"}, {"rz", "h"}, {"p", "h"})
"""Sets of one-qubit gates, each of which gives all others."""


def check_width(spec: Spec, device: Device, name: str) -> None:
    """Refuse a job with more qubits than usable gates of a device connect.

    Raises:
        BadInput: names the smallest devices that fit.
    """
    n_qubits = spec.n_qubits or 0
    if n_qubits > device.size:
        rule = f"{n_qubits} qubits are more than the {device.size} of {name} that usable gates connect"
        others = devices.fitting(n_qubits)
        hint = f"the smallest devices that fit: {others}" if others else "use fewer qubits"
        raise BadInput(rule, field="backend", value=spec.backend, hint=hint)


def check(spec: Compile | Circuit, device: Device, name: str) -> None:
    """Refuse a circuit that is wider than the device, or that its gates cannot give.

    Args:
        spec: the job, with its circuit parsed.
        device: what it is compiled for.
        name: its name.

    Raises:
        BadInput: names the rule, and the devices that fit.
    """
    assert isinstance(spec.circuit, ParsedCircuit)
    record = cast("WrittenRecord", spec.circuit.record)
    n_qubits = record["n_qubits"]
    check_width(spec, device, name)
    if not any(gates <= set(device.basis_gates) for gates in UNIVERSAL):
        rule = f"the basis gates of {name}, {', '.join(device.basis_gates)}, do not give all one-qubit gates"
        raise BadInput(rule, field="backend", value=spec.backend)
    if n_qubits > 1 and not device.pair_gates:
        raise BadInput(f"{name} has no two-qubit gate", field="backend", value=spec.backend)
    check_instructions(record)


def check_instructions(record: WrittenRecord) -> None:
    """Refuse a circuit with instructions that are not compiled.

    Raises:
        BadInput: names the first of them.
    """
    _check_instructions(record["instructions"], "instructions")


def _check_instructions(instructions: Iterable[WrittenInstruction], at: str) -> None:
    for position, item in enumerate(instructions):
        what = _unsupported(item)
        if what:
            line = f", line {item['line']}" if item.get("line") else ""
            rule = f"{at}[{position}]{line} is {what}, which is not compiled"
            raise BadInput(rule, field="circuit", hint="leave it out, or run the circuit on a simulator")
        for block in ("then", "else"):
            _check_instructions(
                cast("list[WrittenInstruction]", item.get(block, [])), f"{at}[{position}].{block}"
            )


def _unsupported(item: WrittenInstruction) -> str:
    if "while" in item:
        return "a loop that depends on a measurement"
    if "store" in item:
        return "a computation with measured bits"
    return "a measurement into no bit" if "measure" in item and "bit" not in item else ""
