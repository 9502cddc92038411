"""OpenQASM 2 text to a circuit record, by Qiskit's strict parser.

Source: Cross et al., Open Quantum Assembly Language, arXiv:1707.03429.
"""

import math
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Final

from qiskit import QuantumCircuit, qasm2
from qiskit.circuit import Operation
from qiskit.exceptions import QiskitError

from shared.circuit.gates import GATES
from shared.circuit.instruction import Barrier, Gate, If, Instruction, Measure, Reset
from shared.circuit.limits import Budget, Limits, Refused
from shared.circuit.record import CircuitRecord
from shared.circuit.scan import Token, check_declared

_PLACE: Final = re.compile(r"^<input>:(\d+),(\d+): (.*)$", re.DOTALL)
_NAME: Final = re.compile(r"[a-z]\w*")
_INCLUDES: Final = ('"qelib1.inc"', "'qelib1.inc'")
_LEGACY: Final[dict[str, Callable[..., tuple[str, tuple[float, ...]]]]] = {
    "u1": lambda angle: ("p", (angle,)),
    "u2": lambda phi, lam: ("u", (math.pi / 2, phi, lam)),
    "u3": lambda theta, phi, lam: ("u", (theta, phi, lam)),
    "cu1": lambda angle: ("cp", (angle,)),
    "cu3": lambda theta, phi, lam: ("cu", (theta, phi, lam, 0.0)),
    "u0": lambda _: ("id", ()),
}
"""Names that Qiskit keeps beside the record's gates, in terms of them."""

_LIBRARY: Final = "qiskit.circuit.library"


def read_qasm2(text: str, found: list[Token], limits: Limits) -> CircuitRecord:
    """Read OpenQASM 2 text whose tokens were scanned already.

    Raises:
        Refused: The text is malformed or over the limits.
    """
    check_declared(found, limits)
    _check_includes(found)
    try:
        circuit = qasm2.loads(
            text,
            include_path=(),
            custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS,
            custom_classical=(),
        )
    except QiskitError as error:
        raise _placed(error) from None
    except TypeError:
        # Qiskit's parser lets `ry q[0];` through, and the gate's constructor then misses its angle.
        raise _angles_missing(found) from None
    return _Converter(circuit, found, limits).record()


def _check_includes(found: list[Token]) -> None:
    for word, name in pairwise(found):
        if word.text == "include" and name.text[0] in "\"'" and name.text not in _INCLUDES:
            raise Refused(
                f"the file {name.text[:60]} cannot be included",
                name.line,
                name.column,
                rule="only qelib1.inc can be included",
                hint="paste the gate definitions into the circuit",
            )


def _placed(error: QiskitError) -> Refused:
    match = _PLACE.match(str(error.message))
    if match is None:
        return Refused(str(error.message))
    return Refused(match[3], int(match[1]), int(match[2]) + 1)


def _angles_missing(found: list[Token]) -> Refused:
    angles = {name: n_angles for name, (_, n_angles) in GATES.items()} | {
        "u1": 1,
        "u2": 2,
        "u3": 3,
        "cu1": 1,
        "cu3": 3,
    }
    for token, following in pairwise(found):
        if angles.get(token.text) and _NAME.match(following.text):
            problem = f"gate {token.text} takes {angles[token.text]} angles, not 0"
            return Refused(problem, token.line, token.column, hint=f"{token.text}(...) {following.text}")
    return Refused("a gate has the wrong number of angles")


_Expansion = tuple[tuple[str, tuple[int, ...], tuple[float, ...]], ...]


class _Converter:
    def __init__(self, circuit: QuantumCircuit, found: list[Token], limits: Limits) -> None:
        self.circuit = circuit
        self.found = found
        self.budget = Budget(limits)
        self.bits = {bit: index for index, bit in enumerate(circuit.clbits)}
        self.expansions: dict[tuple[str, tuple[float, ...]], _Expansion] = {}

    def record(self) -> CircuitRecord:
        wires = {qubit: index for index, qubit in enumerate(self.circuit.qubits)}
        registers = tuple((register.name, len(register)) for register in self.circuit.cregs)
        instructions = tuple(self._block(self.circuit, wires))
        return CircuitRecord(self.circuit.num_qubits, (), registers, instructions)

    def _block(self, circuit: QuantumCircuit, wires: dict[Any, int]) -> list[Instruction]:
        block: list[Instruction] = []
        for item in circuit.data:
            qubits = tuple(wires[qubit] for qubit in item.qubits)
            operation = item.operation
            if operation.name == "measure":
                self._spend(operation, 1)
                block.append(Measure(qubits[0], self.bits[item.clbits[0]]))
            elif operation.name == "reset":
                self._spend(operation, 1)
                block.append(Reset(qubits[0]))
            elif operation.name == "if_else":
                block.extend(self._condition(operation, qubits))
            elif operation.name == "barrier":
                self._spend(operation, 1)
                block.append(Barrier(qubits))
            else:
                block.extend(self._gates(operation, qubits))
        return block

    def _condition(self, operation: Any, qubits: tuple[int, ...]) -> list[Instruction]:
        register, value = operation.condition
        body = operation.blocks[0]
        block = self._block(body, dict(zip(body.qubits, qubits, strict=True)))
        if not 0 <= value < 1 << len(register):
            return []
        self.budget.spend()
        return [If(tuple(self.bits[bit] for bit in register), int(value), tuple(block))]

    def _gates(self, operation: Operation, qubits: Sequence[int]) -> list[Instruction]:
        expansion = self._expansion(operation)
        self._spend(operation, len(expansion))
        return [
            _instruction(name, tuple(qubits[q] for q in local), params) for name, local, params in expansion
        ]

    def _expansion(self, operation: Any) -> _Expansion:
        params = tuple(float(value) for value in operation.params)
        if not all(map(math.isfinite, params)):
            raise self._refused(operation, f"an angle of gate {operation.name} is not finite")
        standard = operation.base_class.__module__.startswith(_LIBRARY)
        if standard and operation.name in GATES:
            return ((operation.name, tuple(range(operation.num_qubits)), params),)
        if operation.name in _LEGACY and (standard or operation.name == "u0"):
            name, values = _LEGACY[operation.name](*params)
            return ((name, (0,), values) if GATES[name][0] == 1 else (name, (0, 1), values),)
        key = (f"{'library ' if standard else ''}{operation.name}", params)
        if key not in self.expansions:
            self.expansions[key] = self._define(operation)
        return self.expansions[key]

    def _define(self, operation: Any) -> _Expansion:
        definition = operation.definition
        if definition is None:
            raise self._refused(operation, f"gate {operation.name} is opaque: it has no definition to run")
        wires = {qubit: index for index, qubit in enumerate(definition.qubits)}
        expansion: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = []
        for item in definition.data:
            qubits = tuple(wires[qubit] for qubit in item.qubits)
            if item.operation.name == "barrier":
                expansion.append(("barrier", qubits, ()))
                continue
            for name, local, params in self._expansion(item.operation):
                expansion.append((name, tuple(qubits[q] for q in local), params))
            if len(expansion) > self.budget.limits.instructions:
                self._spend(operation, len(expansion))
        if definition.global_phase:
            expansion.append(("gphase", (), (float(definition.global_phase),)))
        return tuple(expansion)

    def _spend(self, operation: Operation, instructions: int) -> None:
        try:
            self.budget.spend(instructions)
        except Refused as error:
            raise self._refused(operation, error.message, error.rule) from None

    def _refused(self, operation: Operation, message: str, rule: str | None = None) -> Refused:
        """Qiskit keeps no positions: the last mention of the gate is its use, not its declaration."""
        uses = [token for token in self.found if token.text == operation.name]
        if not uses:
            return Refused(message, rule=rule)
        return Refused(message, uses[-1].line, uses[-1].column, rule)


def _instruction(name: str, qubits: tuple[int, ...], params: tuple[float, ...]) -> Instruction:
    return Barrier(qubits) if name == "barrier" else Gate(name, qubits, params)
