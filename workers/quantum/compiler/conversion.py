"""Circuits for Qiskit's passes, and records from what they return."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Barrier as QiskitBarrier
from qiskit.circuit import CircuitInstruction, Clbit, ParameterExpression, Qubit
from qiskit.circuit.classical import expr

from shared.circuits.gates import GATES
from shared.circuits.instruction import (
    Affine,
    Angle,
    Barrier,
    Gate,
    If,
    Instruction,
    Measure,
    Reset,
    Unitary,
)
from shared.circuits.qiskit_circuit import to_qiskit
from shared.circuits.record import CircuitRecord
from workers.quantum.compiler.terminal import split

GUARD = "before measurement"
"""Label of the barrier that keeps passes from using that a measurement follows."""
TINY = 1e-12
"""Global phases below this are left out."""


class UnreadError(ValueError):
    """A Qiskit instruction without a counterpart in circuit records."""


def to_circuit(record: CircuitRecord) -> QuantumCircuit:
    """Convert to Qiskit, with a barrier before the final measurements.

    Without it Qiskit removes diagonal gates before measurements, which changes the state that observables
    refer to.

    Raises:
        BadInput: an instruction has no counterpart.
    """
    parts = split(record)
    if parts is None:
        return to_qiskit(record, free=True)
    gates, measures = parts
    made = to_qiskit(replace(record, instructions=gates), free=True)
    if measures:
        made.append(QiskitBarrier(len(measures), label=GUARD), [item.qubit for item in measures])
    for item in measures:
        made.measure(item.qubit, item.bit)
    return made


def to_record(
    circuit: QuantumCircuit, source: CircuitRecord, sites: Sequence[int], n_qubits: int
) -> CircuitRecord:
    """Convert from Qiskit.

    Args:
        circuit: the circuit.
        source: the record that it was made from: parameters and classical bits are its own.
        sites: the record's qubit for each of the circuit's.
        n_qubits: number of qubits of the record.

    Raises:
        UnreadError: an instruction has no counterpart.
    """
    qubits = dict(zip(circuit.qubits, sites, strict=True))
    bits = {bit: index for index, bit in enumerate(circuit.clbits)}
    items = list(_read(circuit, qubits, bits))
    phase = _angle(circuit.global_phase)
    if isinstance(phase, Affine) or abs(np.sin(phase / 2)) > TINY:
        items.insert(0, Gate("gphase", (), (phase,)))
    return CircuitRecord(n_qubits, source.parameters, source.registers, tuple(items), source.memory)


def instructions(circuit: QuantumCircuit) -> tuple[Instruction, ...]:
    """Return the instructions of a circuit, on its own qubits and bits.

    Raises:
        UnreadError: an instruction has no counterpart.
    """
    qubits = {qubit: index for index, qubit in enumerate(circuit.qubits)}
    bits = {bit: index for index, bit in enumerate(circuit.clbits)}
    return tuple(_read(circuit, qubits, bits))


def _read(
    circuit: QuantumCircuit, qubits: Mapping[Qubit, int], bits: Mapping[Clbit, int]
) -> Iterator[Instruction]:
    for item in circuit.data:
        places = tuple(qubits[qubit] for qubit in item.qubits)
        match item.operation.name:
            case "measure":
                yield Measure(places[0], bits[item.clbits[0]])
            case "reset":
                yield Reset(places[0])
            case "barrier":
                if item.operation.label != GUARD:
                    yield Barrier(places)
            case "unitary":
                # Qiskit's first qubit is the least significant of the matrix, a record's the most.
                rows = tuple(tuple(map(complex, row)) for row in item.operation.to_matrix())
                yield Unitary(places[::-1], rows)
            case "if_else":
                yield _condition(item, qubits, bits)
            case "global_phase":
                yield Gate("gphase", (), (_angle(item.operation.params[0]),))
            case name if name in GATES:
                yield Gate(name, places, tuple(map(_angle, item.operation.params)))
            case name:
                raise UnreadError(f"{name} on qubits {list(places)}")


def _condition(item: CircuitInstruction, qubits: Mapping[Qubit, int], bits: Mapping[Clbit, int]) -> If:
    tested = list(_tested(item.operation.condition, bits))
    value = sum(wanted << place for place, (_, wanted) in enumerate(tested))
    blocks = [
        tuple(
            _read(block, _outer(block.qubits, item.qubits, qubits), _outer(block.clbits, item.clbits, bits))
        )
        for block in item.operation.blocks
    ]
    return If(tuple(bit for bit, _ in tested), value, blocks[0], *blocks[1:])


def _outer(
    inner: Sequence[object], outer: Sequence[object], known: Mapping[object, int]
) -> dict[object, int]:
    return {one: known[other] for one, other in zip(inner, outer, strict=True)}


def _tested(condition: object, bits: Mapping[Clbit, int]) -> Iterator[tuple[int, bool]]:
    """Yield the bits of a conjunction, each with the value that it must have.

    Raises:
        UnreadError: the condition is another expression.
    """
    match condition:
        case expr.Var(var=Clbit() as bit):
            yield bits[bit], True
        case expr.Unary(op=expr.Unary.Op.LOGIC_NOT, operand=expr.Var(var=Clbit() as bit)):
            yield bits[bit], False
        case expr.Binary(op=expr.Binary.Op.LOGIC_AND, left=left, right=right):
            yield from _tested(left, bits)
            yield from _tested(right, bits)
        case _:
            raise UnreadError(f"the condition {condition}")


def _angle(value: float | ParameterExpression) -> Angle:
    """Return an angle; Qiskit's passes keep those that are affine in the parameters affine."""
    if not isinstance(value, ParameterExpression) or not value.parameters:
        return float(value)
    names = sorted(value.parameters, key=lambda one: str(one.name))
    offset = float(value.bind(dict.fromkeys(names, 0.0)))
    terms = []
    for name in names:
        point = dict.fromkeys(names, 0.0) | {name: 1.0}
        terms.append((name.name, float(value.bind(point)) - offset))
    found = Affine(tuple(terms), offset)
    probe = {name: 0.5 + 0.25 * k for k, name in enumerate(names)}
    expected = offset + sum(factor * probe[name] for name, (_, factor) in zip(names, terms, strict=True))
    if abs(float(value.bind(probe)) - expected) > 1e-9:
        raise UnreadError(f"the angle {value}, which is not affine in the parameters")
    return found
