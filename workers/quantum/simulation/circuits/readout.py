"""Finds the final measurements of a circuit, which are sampled from its state instead of being tracked.

Outcome strings: character i is classical bit i, registers in declaration order, bit 0 of each leftmost.
A circuit without any measurement is read out as if all its qubits were measured at the end: character i is
then qubit i.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.circuits.instruction import Barrier, Gate, Instruction, Measure, Unitary
from shared.circuits.record import CircuitRecord, touched


@dataclass(frozen=True)
class Readout:
    """A circuit split into a tracked part and final measurements.

    Attributes:
        instructions: The instructions before the final measurements.
        qubits: The qubits measured at the end.
        places: The position of each in the outcome string.
        width: Length of the outcome string.
        measured: "classical bits", or "all qubits" if the circuit measures nothing.
    """

    instructions: tuple[Instruction, ...]
    qubits: tuple[int, ...]
    places: tuple[int, ...]
    width: int
    measured: str

    @property
    def unitary(self) -> bool:
        """Whether only gates precede the final measurements."""
        return all(isinstance(item, Gate | Unitary | Barrier) for item in self.instructions)

    def frame(self, bits: Sequence[int] | NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the outcome uint8[width] before the final measurements, given classical bits `bits`."""
        if self.measured == "classical bits":
            return np.asarray(bits, dtype=np.uint8)[: self.width]
        return np.zeros(self.width, dtype=np.uint8)


def readout(record: CircuitRecord) -> Readout:
    """Split a circuit into a tracked part and final measurements."""
    if not record.measures():
        every = tuple(range(record.n_qubits))
        return Readout(record.instructions, every, every, record.n_qubits, "all qubits")
    # Scanning backwards: qubits that are acted on, and bits by whether they are read or overwritten.
    busy: set[int] = set()
    read: set[int] = set()
    overwritten: set[int] = set()
    followed: list[Instruction] = []
    final: list[Measure] = []
    for item in reversed(record.instructions):
        if isinstance(item, Measure) and item.qubit not in busy and item.bit not in read:
            busy.add(item.qubit)
            if item.bit is not None and item.bit < record.n_bits and item.bit not in overwritten:
                overwritten.add(item.bit)
                final.append(item)
            continue
        qubits, bits = touched([item])
        if not isinstance(item, Barrier):
            busy |= qubits
            written = bits if isinstance(item, Measure) else set()
            read = (read | bits) - written
            overwritten = (overwritten - bits) | written
        followed.append(item)
    final.reverse()
    qubits_read = tuple(m.qubit for m in final)
    places = tuple(m.bit for m in final if m.bit is not None)
    return Readout(tuple(reversed(followed)), qubits_read, places, record.n_bits, "classical bits")
