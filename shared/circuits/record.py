"""The circuit record: the intermediate representation between circuit text and simulator."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.circuits.classical.computation import bits_read, expression_to_json
from shared.circuits.instruction import (
    ANGLE_BITS,
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
    blocks,
    memory_angles,
)


@dataclass(frozen=True, slots=True)
class CircuitRecord:
    """A quantum circuit with classical bits.

    Attributes:
        n_qubits: Number of qubits; qubit 0 is leftmost in every string.
        parameters: Names of the free angles, in declaration order.
        registers: Classical registers as (name, size) in declaration order; bits are numbered over them.
        instructions: The instructions, in order.
        memory: Number of further classical bits, numbered after those of the registers: the circuit computes
            with them at run time, and outcomes do not include them. All classical bits start as 0.
    """

    n_qubits: int
    parameters: tuple[str, ...]
    registers: tuple[tuple[str, int], ...]
    instructions: tuple[Instruction, ...]
    memory: int = 0

    @property
    def n_bits(self) -> int:
        """Number of classical bits in all registers."""
        return sum(size for _, size in self.registers)

    @property
    def n_cells(self) -> int:
        """Number of classical bits in all registers and the memory."""
        return self.n_bits + self.memory

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain JSON data, the inverse of `validation.record_from_json`."""
        memory = {"memory": self.memory} if self.memory else {}
        return {
            "n_qubits": self.n_qubits,
            "parameters": list(self.parameters),
            "registers": [[name, size] for name, size in self.registers],
            "instructions": [_instruction_to_json(item) for item in self.instructions],
            **memory,
        }

    def gate_counts(self) -> dict[str, int]:
        """Count each gate, `measure`, `reset` and `unitary`, including both branches of conditionals."""
        return dict(sorted(_counts(self.instructions).items()))

    def depth(self) -> int:
        """Return the length of the longest chain of dependent instructions.

        Barriers align but do not count; conditionals count their longer branch, loops one iteration.
        """
        levels = _levels(self.instructions, {})
        return max(levels.values(), default=0)

    def measures(self) -> bool:
        """Return whether any measurement occurs and there are registers to report it."""
        return self.n_bits > 0 and "measure" in _counts(self.instructions)

    def is_unitary(self) -> bool:
        """Return whether the circuit consists of gates and barriers only."""
        return all(isinstance(item, Gate | Unitary | Barrier) for item in self.instructions)


def touched(instructions: Iterable[Instruction]) -> tuple[set[int], set[int]]:
    """Return the qubits and the classical bits that instructions act on or read."""
    qubits: set[int] = set()
    bits: set[int] = set()
    for item in instructions:
        match item:
            case Measure():
                qubits.add(item.qubit)
                bits.update(() if item.bit is None else (item.bit,))
            case Reset():
                qubits.add(item.qubit)
            case Store():
                bits.update(item.bits, bits_read(item.value))
            case If() | While():
                bits.update(item.bits if isinstance(item, If) else (item.bit,))
                for block in blocks(item):
                    inner_qubits, inner_bits = touched(block)
                    qubits |= inner_qubits
                    bits |= inner_bits
            case Gate():
                qubits.update(item.qubits)
                for first in memory_angles(item):
                    bits.update(range(first, first + ANGLE_BITS))
            case _:
                qubits.update(item.qubits)
    return qubits, bits


def matrix_entries(instructions: Iterable[Instruction]) -> int:
    """Count the entries of all explicit matrices, including those within conditionals and loops."""
    total = 0
    for item in instructions:
        if isinstance(item, Unitary):
            total += len(item.matrix) ** 2
        elif isinstance(item, If | While):
            total += sum(matrix_entries(block) for block in blocks(item))
    return total


def _angle_to_json(angle: Angle) -> float | dict[str, Any]:
    if isinstance(angle, Affine):
        return {"terms": dict(angle.terms), "offset": angle.offset}
    return float(angle)


def _instruction_to_json(item: Instruction) -> dict[str, Any]:
    match item:
        case Gate():
            params = [_angle_to_json(angle) for angle in item.params]
            noiseless = {"noiseless": True} if item.noiseless else {}
            return {"gate": item.name, "qubits": list(item.qubits), "params": params, **noiseless}
        case Unitary():
            matrix = [[[entry.real, entry.imag] for entry in row] for row in item.matrix]
            return {"gate": "unitary", "qubits": list(item.qubits), "matrix": matrix}
        case Measure():
            return {"measure": item.qubit} | ({} if item.bit is None else {"bit": item.bit})
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
        case Store():
            return {
                "store": list(item.bits),
                "type": [item.type.kind, item.type.width],
                "value": expression_to_json(item.value),
                "line": item.line,
            }
        case While():
            body = [_instruction_to_json(inner) for inner in item.body]
            return {"while": item.bit, "body": body, "line": item.line}


def _counts(instructions: Sequence[Instruction]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for item in instructions:
        match item:
            case Gate():
                counts[item.name] += 1
            case If() | While():
                for block in blocks(item):
                    counts += _counts(block)
            case Barrier() | Store():
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
    if isinstance(item, If | While):
        return max(max(_levels(block, {}).values(), default=0) for block in blocks(item))
    return 0 if isinstance(item, Barrier | Store) else 1
