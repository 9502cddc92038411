"""Circuits that are gates followed by measurements."""

from __future__ import annotations

from shared.circuits.instruction import Barrier, Gate, Measure, Unitary, UnitaryInstruction
from shared.circuits.record import CircuitRecord


def split(record: CircuitRecord) -> tuple[tuple[UnitaryInstruction, ...], tuple[Measure, ...]] | None:
    """Return the gates and barriers, and the measurements after them; None if the circuit has anything else.

    A barrier after the measurement of its qubits is left out.
    """
    measures: dict[int, Measure] = {}
    gates: list[UnitaryInstruction] = []
    for item in record.instructions:
        match item:
            case Measure(qubit, int()) if qubit not in measures:
                measures[qubit] = item
            case Barrier():
                gates.append(Barrier(tuple(qubit for qubit in item.qubits if qubit not in measures)))
            case Gate() | Unitary() if not measures.keys() & set(item.qubits):
                gates.append(item)
            case _:
                return None
    return tuple(gates), tuple(measures.values())
