"""The circuit record: what a circuit is between its text and the simulator, as frozen data and as JSON."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.circuit.instruction import Affine, Angle, Barrier, Gate, If, Instruction, Measure, Reset, Unitary


@dataclass(frozen=True, slots=True)
class CircuitRecord:
    """A quantum circuit with classical bits.

    Attributes:
        n_qubits: Number of qubits; qubit 0 is leftmost in every string.
        parameters: Names of the free angles, in declaration order.
        registers: Classical registers as (name, size) in declaration order; bits are numbered over them.
        instructions: What happens, in order.
    """

    n_qubits: int
    parameters: tuple[str, ...]
    registers: tuple[tuple[str, int], ...]
    instructions: tuple[Instruction, ...]

    @property
    def n_bits(self) -> int:
        """Number of classical bits over all registers."""
        return sum(size for _, size in self.registers)

    @classmethod
    def from_json(cls, data: Any) -> "CircuitRecord":
        """Check plain JSON data and build the record.

        Raises:
            Refused: The data is not a valid circuit record; the message names the place.
        """
        from shared.circuit.validation import record_from_json

        return record_from_json(data)

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON data, the inverse of `from_json`."""
        return {
            "n_qubits": self.n_qubits,
            "parameters": list(self.parameters),
            "registers": [[name, size] for name, size in self.registers],
            "instructions": [_instruction_to_json(item) for item in self.instructions],
        }

    def content_id(self) -> str:
        """SHA-256 of the canonical JSON (sorted keys, no spaces), as 64 hexadecimal digits."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def gate_counts(self) -> dict[str, int]:
        """How often each gate, `measure`, `reset` and `unitary` occurs, both branches included."""
        return dict(sorted(_counts(self.instructions).items()))

    def depth(self) -> int:
        """Longest chain of dependent instructions.

        Barriers align but do not count; conditions count their longer branch.
        """
        levels = _levels(self.instructions, {})
        return max(levels.values(), default=0)

    def measures(self) -> bool:
        """Whether any measurement occurs."""
        return "measure" in _counts(self.instructions)

    def is_unitary(self) -> bool:
        """Whether the circuit consists of gates and barriers only."""
        return all(isinstance(item, Gate | Unitary | Barrier) for item in self.instructions)


def touched(instructions: Iterable[Instruction]) -> tuple[set[int], set[int]]:
    """The qubits and the classical bits that instructions act on or read."""
    qubits: set[int] = set()
    bits: set[int] = set()
    for item in instructions:
        if isinstance(item, Measure):
            qubits.add(item.qubit)
            bits.add(item.bit)
        elif isinstance(item, Reset):
            qubits.add(item.qubit)
        elif isinstance(item, If):
            inner_qubits, inner_bits = touched((*item.then, *item.otherwise))
            qubits |= inner_qubits
            bits |= inner_bits | set(item.bits)
        else:
            qubits.update(item.qubits)
    return qubits, bits


def _angle_to_json(angle: Angle) -> float | dict[str, Any]:
    if isinstance(angle, Affine):
        return {"terms": dict(angle.terms), "offset": angle.offset}
    return float(angle)


def _instruction_to_json(item: Instruction) -> dict[str, Any]:
    match item:
        case Gate():
            params = [_angle_to_json(angle) for angle in item.params]
            return {"gate": item.name, "qubits": list(item.qubits), "params": params}
        case Unitary():
            matrix = [[[entry.real, entry.imag] for entry in row] for row in item.matrix]
            return {"gate": "unitary", "qubits": list(item.qubits), "matrix": matrix}
        case Measure():
            return {"measure": item.qubit, "bit": item.bit}
        case Reset():
            return {"reset": item.qubit}
        case Barrier():
            return {"barrier": list(item.qubits)}
        case If():
            return {
                "if": {"bits": list(item.bits), "value": item.value},
                "then": [_instruction_to_json(inner) for inner in item.then],
                "else": [_instruction_to_json(inner) for inner in item.otherwise],
            }


def _counts(instructions: Sequence[Instruction]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for item in instructions:
        match item:
            case Gate():
                counts[item.name] += 1
            case If():
                counts += _counts(item.then) + _counts(item.otherwise)
            case Barrier():
                pass
            case _:
                counts[type(item).__name__.lower()] += 1
    return counts


def _levels(
    instructions: Sequence[Instruction], levels: dict[tuple[str, int], int]
) -> dict[tuple[str, int], int]:
    for item in instructions:
        qubits, bits = touched([item])
        wires = [("qubit", qubit) for qubit in qubits] + [("bit", bit) for bit in bits]
        if not wires:
            continue
        start = max(levels.get(wire, 0) for wire in wires)
        level = start + _own_depth(item)
        for wire in wires:
            levels[wire] = level
    return levels


def _own_depth(item: Instruction) -> int:
    if isinstance(item, If):
        branches = (_levels(item.then, {}), _levels(item.otherwise, {}))
        return max(max(levels.values(), default=0) for levels in branches)
    return 0 if isinstance(item, Barrier) else 1
