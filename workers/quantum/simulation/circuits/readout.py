"""Which measurements end a circuit, so that they are read off its state instead of being followed.

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
    """A circuit split into what must be followed and what is read out at the end.

    Attributes:
        instructions: All that comes before.
        qubits: The qubits measured at the end.
        places: The position in the outcome string that each goes to.
        width: Length of the outcome string.
        measured: "classical bits", or "all qubits" where the circuit measures nothing.
    """

    instructions: tuple[Instruction, ...]
    qubits: tuple[int, ...]
    places: tuple[int, ...]
    width: int
    measured: str

    @property
    def unitary(self) -> bool:
        """Whether only gates come before the end."""
        return all(isinstance(item, Gate | Unitary | Barrier) for item in self.instructions)

    def frame(self, bits: Sequence[int] | NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The outcome uint8[width] before the end is read out, where the classical bits are `bits`."""
        if self.measured == "classical bits":
            return np.asarray(bits, dtype=np.uint8)[: self.width]
        return np.zeros(self.width, dtype=np.uint8)


def readout(record: CircuitRecord) -> Readout:
    """Split a circuit into what must be followed and what is read out at the end."""
    if not record.measures():
        every = tuple(range(record.n_qubits))
        return Readout(record.instructions, every, every, record.n_qubits, "all qubits")
    # Seen from the end: qubits that something acts on, and bits by whether they are read or written over.
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
