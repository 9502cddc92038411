"""Circuits without measurements on devices, which read all their qubits at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from shared.circuits.instruction import Measure
from shared.circuits.record import CircuitRecord


def measured(record: CircuitRecord) -> CircuitRecord:
    """Measure all qubits of a circuit that measures none, into the last classical bits."""
    if record.measures():
        return record
    first, computed = record.n_cells, (("memory", record.memory),) if record.memory else ()
    readings = tuple(Measure(qubit, first + qubit) for qubit in range(record.n_qubits))
    registers = (*record.registers, *computed, ("qubits", record.n_qubits))
    return replace(record, registers=registers, memory=0, instructions=(*record.instructions, *readings))


def last(outcomes: Mapping[str, float], width: int) -> dict[str, float]:
    """Return the outcomes of the last bits."""
    found: dict[str, float] = {}
    for outcome, weight in outcomes.items():
        kept = outcome[len(outcome) - width :]
        found[kept] = found.get(kept, 0) + weight
    return dict(sorted(found.items()))
