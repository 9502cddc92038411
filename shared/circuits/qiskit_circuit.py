"""Conversion of circuit records to Qiskit circuits and to QPY, Qiskit's serialization format."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from qiskit import QuantumCircuit, qpy
from qiskit.circuit import ClassicalRegister, Clbit, Parameter, ParameterExpression, QuantumRegister
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
NO_PARAMETERS: Mapping[str, Parameter] = {}


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


def to_qiskit(record: CircuitRecord, *, free: bool = False) -> QuantumCircuit:
    """Convert to Qiskit: qubit i stays qubit i, bits lie in registers of the same names.

    Args:
        record: the circuit.
        free: whether it may have free parameters.

    Raises:
        BadInput: a free parameter, or an instruction without a Qiskit counterpart.
    """
    registers = [ClassicalRegister(size, name) for name, size in registers_of(record)]
    circuit = QuantumCircuit(QuantumRegister(record.n_qubits, "q"), *registers)
    parameters = {name: Parameter(name) for name in record.parameters} if free else {}
    _write(record.instructions, circuit, circuit.clbits, parameters)
    return circuit


def registers_of(record: CircuitRecord) -> list[tuple[str, int]]:
    """Return the classical registers, and an additional one for the memory bits that no outcome contains."""
    taken = [name for name, _ in record.registers]
    name = next(name for name in ("memory", *(f"memory_{k}" for k in range(len(taken)))) if name not in taken)
    return [*record.registers, *([(name, record.memory)] if record.memory else [])]


def to_gate(
    item: Gate | Unitary, parameters: Mapping[str, Parameter] = NO_PARAMETERS
) -> tuple[QiskitGate, tuple[int, ...]]:
    """Return Qiskit's gate and its qubits; a matrix's first qubit is most significant here, least in Qiskit.

    Raises:
        BadInput: a free parameter that is not among `parameters`.
    """
    if isinstance(item, Unitary):
        return UnitaryGate(np.array(item.matrix)), item.qubits[::-1]
    params = [expression(angle, parameters) for angle in item.params]
    made = GlobalPhaseGate(*params) if item.name == "gphase" else STANDARD[item.name].base_class(*params)
    return made, item.qubits


def expression(angle: Angle, parameters: Mapping[str, Parameter]) -> float | ParameterExpression:
    """Return an angle in radians, in terms of the parameters.

    Raises:
        BadInput: it depends on others.
    """
    if not isinstance(angle, Affine):
        return float(angle)
    unknown = [name for name, _ in angle.terms if name not in parameters]
    if unknown:
        raise BadInput(f"the parameters {', '.join(unknown)} have no values", field="circuit")
    return sum((factor * parameters[name] for name, factor in angle.terms), angle.offset)


def unwritten(item: object) -> BadInput:
    """Return the error for an instruction without a counterpart."""
    what = UNWRITTEN.get(type(item), type(item).__name__.lower())
    return BadInput(f"the circuit has {what}, which is not written for other software")


def _write(
    instructions: Iterable[Instruction],
    circuit: QuantumCircuit,
    bits: Sequence[Clbit],
    parameters: Mapping[str, Parameter],
) -> None:
    for item in instructions:
        match item:
            case Gate() | Unitary():
                circuit.append(*to_gate(item, parameters))
            case Measure(qubit, int(bit)):
                circuit.measure(qubit, bits[bit])
            case Reset(qubit):
                circuit.reset(qubit)
            case Barrier(qubits):
                circuit.barrier(qubits)
            case If():
                _write_if(item, circuit, bits, parameters)
            case _:
                raise unwritten(item)


def _write_if(
    item: If, circuit: QuantumCircuit, bits: Sequence[Clbit], parameters: Mapping[str, Parameter]
) -> None:
    met = [
        expr.lift(bits[bit]) if item.value >> place & 1 else expr.logic_not(bits[bit])
        for place, bit in enumerate(item.bits)
    ]
    condition = met[0]
    for one in met[1:]:
        condition = expr.logic_and(condition, one)
    with circuit.if_test(condition) as otherwise:
        _write(item.then, circuit, bits, parameters)
    if item.otherwise:
        with otherwise:
            _write(item.otherwise, circuit, bits, parameters)
