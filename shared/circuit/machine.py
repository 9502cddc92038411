"""The state of reading one OpenQASM 3 program."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from openqasm3 import ast

from shared.circuit.expression import evaluate, place, refuse, select
from shared.circuit.instruction import Angle, Instruction, UnitaryInstruction
from shared.circuit.limits import Budget, Limits, Refused
from shared.circuit.record import CircuitRecord
from shared.circuit.scope import Scope, Symbol
from shared.circuit.values import Bits, Qubits, describe

if TYPE_CHECKING:
    from shared.circuit.definition import Definition


@dataclass(slots=True)
class Machine:
    """What has been declared and emitted so far.

    Attributes:
        limits: What the program may use.
        budget: Instructions and loop iterations spent.
        scope: The innermost block's names.
        block: Where instructions go: the circuit, or the body of a condition or gate.
        gates: The gates that the program defines, as far as what is being read sees them.
        expansions: Bodies of defined gates by definition and angles, on qubits numbered from 0.
        inside: What is being expanded, "gate" or "def" or None: both forbid some statements.
    """

    limits: Limits
    budget: Budget
    scope: Scope = field(default_factory=Scope)
    block: list[Instruction] = field(default_factory=list)
    gates: "dict[str, Definition]" = field(default_factory=dict)
    expansions: "dict[tuple[Definition, tuple[Angle, ...]], tuple[UnitaryInstruction, ...]]" = field(
        default_factory=dict
    )
    subroutines: dict[str, ast.SubroutineDefinition] = field(default_factory=dict)
    registers: list[tuple[str, int]] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)
    n_qubits: int = 0
    physical: bool = False
    stdgates: bool = False
    inside: str | None = None
    depth: int = 0

    @property
    def globals(self) -> Scope:
        """The outermost block."""
        scope = self.scope
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def record(self) -> CircuitRecord:
        """The circuit read so far."""
        return CircuitRecord(self.n_qubits, tuple(self.parameters), tuple(self.registers), tuple(self.block))

    def emit(self, instruction: Instruction) -> None:
        """Append an instruction, within the budget; a gate's parts count where the gate is applied."""
        if self.inside == "gate":
            self.budget.allow(len(self.block) + 1)
        else:
            self.budget.spend()
        self.block.append(instruction)

    def add_qubits(self, size: int, node: Any) -> Qubits:
        """Number new qubits.

        Raises:
            Refused: The size is not positive, or there are too many qubits.
        """
        _check_size(node, size, self.n_qubits + size, self.limits.qubits, "qubits")
        self.n_qubits += size
        return Qubits(tuple(range(self.n_qubits - size, self.n_qubits)))

    def add_register(self, name: str, size: int, node: Any) -> Bits:
        """Number the bits of a new classical register.

        Raises:
            Refused: The size is not positive, or there are too many bits.
        """
        first = sum(width for _, width in self.registers)
        _check_size(node, size, first + size, self.limits.bits, "classical bits")
        self.registers.append((name, size))
        return Bits(tuple(range(first, first + size)))

    def declare(self, node: Any, name: str, symbol: Symbol) -> None:
        """Declare a name in the innermost block, placing the refusal at `node`."""
        with at(node):
            self.scope.declare(name, symbol)

    @contextmanager
    def nested(self, scope: Scope, block: list[Instruction] | None = None) -> Iterator[list[Instruction]]:
        """Run in another block: its names, and where given, its own instructions.

        Raises:
            Refused: Blocks are nested too deeply.
        """
        if self.depth >= self.limits.nesting:
            raise Refused(f"blocks are nested deeper than {self.limits.nesting}")
        before = self.scope, self.block
        self.scope, self.block = scope, self.block if block is None else block
        self.depth += 1
        try:
            yield self.block
        finally:
            self.scope, self.block = before
            self.depth -= 1

    @contextmanager
    def expanding(self, what: str) -> Iterator[None]:
        """Mark that a gate or subroutine body is being run."""
        before, self.inside = self.inside, what
        try:
            yield
        finally:
            self.inside = before

    def qubits(self, node: Any) -> tuple[int, ...]:
        """The qubits an operand names.

        Raises:
            Refused: It names something else, or nothing.
        """
        if isinstance(node, ast.Identifier) and node.name.startswith("$"):
            return (self._physical_qubit(node),)
        value = self._operand(node)
        if not isinstance(value, Qubits):
            raise refuse(node, f"a qubit is needed here, not {describe(value)}")
        return value.indices

    def bits(self, node: Any) -> tuple[int, ...]:
        """The classical bits an operand names.

        Raises:
            Refused: It names something else, or nothing.
        """
        value = self._operand(node)
        if not isinstance(value, Bits):
            hint = "declare a bit register at the top of the program"
            raise refuse(node, f"a classical bit is needed here, not {describe(value)}", hint=hint)
        return value.indices

    def _operand(self, node: Any) -> Any:
        if not isinstance(node, ast.IndexedIdentifier):
            return evaluate(node, self.scope)
        value = evaluate(node.name, self.scope)
        with at(node):
            for index in node.indices:
                value = select(value, index, self.scope)
        return value

    def _physical_qubit(self, node: ast.Identifier) -> int:
        if self.n_qubits and not self.physical:
            raise refuse(node, "physical qubits cannot be mixed with declared ones")
        digits = node.name[1:]
        if not digits.isdigit() or len(digits) > 9 or int(digits) >= self.limits.qubits:
            raise refuse(node, f"there is no qubit {node.name}", rule=f"at most {self.limits.qubits} qubits")
        self.physical = True
        self.n_qubits = max(self.n_qubits, int(digits) + 1)
        return int(digits)


def _check_size(node: Any, size: int, total: int, allowed: int, what: str) -> None:
    if size < 1:
        raise refuse(node, f"a register of size {size} cannot be declared", rule="sizes are positive")
    if total > allowed:
        raise refuse(node, f"the circuit declares {total} {what}", rule=f"at most {allowed} {what}")


@contextmanager
def at(node: Any) -> Iterator[None]:
    """Give refusals without a place the place of `node`."""
    try:
        yield
    except Refused as error:
        if error.line is None:
            error.line, error.column = place(node)
        raise
