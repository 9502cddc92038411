"""Conversion of circuit records to Qiskit circuits and to QPY, Qiskit's serialization format."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import numpy as np
from qiskit import QuantumCircuit, qpy
from qiskit.circuit import ClassicalRegister, Clbit, QuantumRegister
from qiskit.circuit import Gate as QiskitGate
from qiskit.circuit.classical import expr
from qiskit.circuit.library import GlobalPhaseGate, UnitaryGate, get_standard_gate_name_mapping

from novacron.errors import BadInput
from shared.circuits.instruction import (
    Affine,
    Angle,
    Barrier,
    Gate,
    If,
    Instruction,
    Measure,
    Reset,
    Store,
    Unitary,
    While,
)
from shared.circuits.record import CircuitRecord

UNWRITTEN: dict[type, str] = {
    Measure: "a measurement into no bit",
    Store: "a computation with classical bits",
    While: "a loop that depends on a measurement",
}
STANDARD = get_standard_gate_name_mapping()


def to_qpy(record: CircuitRecord, remarks: Sequence[str] = ()) -> bytes:
    """Serialize one circuit as QPY, with the remarks in its `metadata`.

    Raises:
        BadInput: as `to_qiskit`.
    """
    circuit = to_qiskit(record)
    circuit.metadata = {"remarks": list(remarks)}
    stream = io.BytesIO()
    qpy.dump(circuit, stream)
    return stream.getvalue()


def to_qiskit(record: CircuitRecord) -> QuantumCircuit:
    """Convert to Qiskit: qubit i stays qubit i, bits lie in registers of the same names.

    Raises:
        BadInput: a free parameter, or an instruction without a Qiskit counterpart.
    """
    registers = [ClassicalRegister(size, name) for name, size in registers_of(record)]
    circuit = QuantumCircuit(QuantumRegister(record.n_qubits, "q"), *registers)
    _write(record.instructions, circuit, circuit.clbits)
    return circuit


def registers_of(record: CircuitRecord) -> list[tuple[str, int]]:
    """Return the classical registers, and an additional one for the memory bits that no outcome contains."""
    taken = [name for name, _ in record.registers]
    name = next(name for name in ("memory", *(f"memory_{k}" for k in range(len(taken)))) if name not in taken)
    return [*record.registers, *([(name, record.memory)] if record.memory else [])]


def to_gate(item: Gate | Unitary) -> tuple[QiskitGate, tuple[int, ...]]:
    """Return Qiskit's gate and its qubits; a matrix's first qubit is most significant here, least in Qiskit.

    Raises:
        BadInput: a free parameter.
    """
    if isinstance(item, Unitary):
        return UnitaryGate(np.array(item.matrix)), item.qubits[::-1]
    params = [number(angle) for angle in item.params]
    made = GlobalPhaseGate(*params) if item.name == "gphase" else STANDARD[item.name].base_class(*params)
    return made, item.qubits


def number(angle: Angle) -> float:
    """Return an angle in radians.

    Raises:
        BadInput: it depends on parameters.
    """
    if isinstance(angle, Affine):
        names = ", ".join(name for name, _ in angle.terms)
        raise BadInput(f"the parameters {names} have no values", field="circuit")
    return float(angle)


def unwritten(item: object) -> BadInput:
    """Return the error for an instruction without a counterpart."""
    what = UNWRITTEN.get(type(item), type(item).__name__.lower())
    return BadInput(f"the circuit has {what}, which is not written for other software")


def _write(instructions: Iterable[Instruction], circuit: QuantumCircuit, bits: Sequence[Clbit]) -> None:
    for item in instructions:
        match item:
            case Gate() | Unitary():
                circuit.append(*to_gate(item))
            case Measure(qubit, int(bit)):
                circuit.measure(qubit, bits[bit])
            case Reset(qubit):
                circuit.reset(qubit)
            case Barrier(qubits):
                circuit.barrier(qubits)
            case If():
                _write_if(item, circuit, bits)
            case _:
                raise unwritten(item)


def _write_if(item: If, circuit: QuantumCircuit, bits: Sequence[Clbit]) -> None:
    met = [
        expr.lift(bits[bit]) if item.value >> place & 1 else expr.logic_not(bits[bit])
        for place, bit in enumerate(item.bits)
    ]
    condition = met[0]
    for one in met[1:]:
        condition = expr.logic_and(condition, one)
    with circuit.if_test(condition) as otherwise:
        _write(item.then, circuit, bits)
    if item.otherwise:
        with otherwise:
            _write(item.otherwise, circuit, bits)
