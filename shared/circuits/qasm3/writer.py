"""Writes circuit records as OpenQASM 3 text with only `stdgates.inc` and with bit-exact angles.

Gates that are not in that file are decomposed into gates that are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from shared.circuits.instruction import Barrier, Gate, If, Instruction, Measure, Reset, Unitary
from shared.circuits.qiskit_circuit import registers_of, to_gate, unwritten
from shared.circuits.record import CircuitRecord

INCLUDED = frozenset(
    """id x y z h s sdg t tdg sx rx ry rz p cx cy cz ch swap cp crx cry crz cu ccx cswap""".split()
)
"""Gates of stdgates.inc that have the same meaning as in the record."""
RZZ = "gate rzz(theta) a, b {\n  cx a, b;\n  rz(theta) b;\n  cx a, b;\n}"
STEP = "  "


def to_qasm3(record: CircuitRecord, remarks: Sequence[str] = ()) -> str:
    """Return a record without free parameters as text; its qubit i is `q[i]`.

    Args:
        record: the circuit.
        remarks: comments at the top, one per line.

    Raises:
        BadInput: a free parameter, or an instruction that cannot be written.
    """
    registers = registers_of(record)
    body = list(_statements(record.instructions, _Bits(registers)))
    return "\n".join(
        [
            "OPENQASM 3.0;",
            *(f"// {line}" for remark in remarks for line in remark.splitlines()),
            'include "stdgates.inc";',
            *([RZZ] if any(line.lstrip().startswith("rzz(") for line in body) else []),
            f"qubit[{record.n_qubits}] q;",
            *(f"bit[{size}] {name};" for name, size in registers),
            *body,
            "",
        ]
    )


class _Bits:
    """The names of a record's classical bits."""

    def __init__(self, registers: Sequence[tuple[str, int]]) -> None:
        self.names = [f"{name}[{place}]" for name, size in registers for place in range(size)]
        firsts = [sum(size for _, size in registers[:k]) for k in range(len(registers))]
        self._registers = {
            tuple(range(first, first + size)): name
            for first, (name, size) in zip(firsts, registers, strict=True)
        }

    def conditions(self, item: If) -> list[str]:
        """Return conditions that must all hold: one comparison of a register, or a test of each bit."""
        if item.bits in self._registers:
            return [f"{self._registers[item.bits]} == {item.value}"]
        return [
            ("" if item.value >> place & 1 else "!") + self.names[bit] for place, bit in enumerate(item.bits)
        ]


def _statements(instructions: Iterable[Instruction], bits: _Bits) -> Iterator[str]:
    for item in instructions:
        match item:
            case Gate() | Unitary():
                gate, qubits = to_gate(item)
                yield from _gate(gate, qubits)
            case Measure(qubit, int(bit)):
                yield f"{bits.names[bit]} = measure q[{qubit}];"
            case Reset(qubit):
                yield f"reset q[{qubit}];"
            case Barrier(qubits):
                yield f"barrier {_operands(qubits)};"
            case If():
                then, otherwise = (list(_statements(part, bits)) for part in (item.then, item.otherwise))
                yield from _if(bits.conditions(item), then, otherwise)
            case _:
                raise unwritten(item)


def _if(conditions: Sequence[str], then: Sequence[str], otherwise: Sequence[str]) -> Iterator[str]:
    """Nest the conditions, since Qiskit's reader supports no conjunction."""
    yield f"if ({conditions[0]}) {{"
    inner = list(_if(conditions[1:], then, otherwise)) if conditions[1:] else then
    yield from (STEP + line for line in inner)
    if otherwise:
        yield "} else {"
        yield from (STEP + line for line in otherwise)
    yield "}"


def _gate(gate: Any, qubits: Sequence[int]) -> Iterator[str]:
    """Write a Qiskit gate, or the statements it decomposes into."""
    angles = ", ".join(repr(float(angle)) for angle in gate.params) if gate.name != "unitary" else ""
    call = f"({angles})" if angles else ""
    if gate.name in INCLUDED or gate.name == "rzz":
        yield f"{gate.name}{call} {_operands(qubits)};"
    elif gate.name == "u":
        yield f"U{call} {_operands(qubits)};"
    elif gate.name == "global_phase":
        yield f"gphase{call};"
    else:
        yield from _made_of(gate.definition, qubits)


def _made_of(definition: Any, qubits: Sequence[int]) -> Iterator[str]:
    if definition.global_phase:
        yield f"gphase({float(definition.global_phase)!r});"
    for part in definition.data:
        yield from _gate(part.operation, [qubits[definition.find_bit(q).index] for q in part.qubits])


def _operands(qubits: Iterable[int]) -> str:
    return ", ".join(f"q[{qubit}]" for qubit in qubits)
