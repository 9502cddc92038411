"""Interpreter state while one OpenQASM 3 program is read."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from openqasm3 import ast

from shared.circuits.classical.computation import Literal
from shared.circuits.classical.types import MAX_BITS, Type
from shared.circuits.classical.values import RUNTIME, Bits, BitString, Qubits, Stored, Value, angle, describe
from shared.circuits.instruction import (
    Angle,
    Instruction,
    Measure,
    Store,
    UnitaryInstruction,
    angle_in_memory,
)
from shared.circuits.limits import Budget, Limits, Refused
from shared.circuits.qasm3.expression import evaluate, selector
from shared.circuits.qasm3.memory import Memory
from shared.circuits.qasm3.refusal import place, refuse
from shared.circuits.qasm3.runtime import lifted
from shared.circuits.qasm3.scope import Scope, Symbol
from shared.circuits.record import CircuitRecord


@dataclass(slots=True, eq=False)
class Frame:
    """A loop, a subroutine call or the program: the target of `break`, `return` or `end`.

    Attributes:
        kind: "loop", "def" or "program".
        level: Number of enclosing blocks that depend on measurements.
        flags: By statement, the bit that records that it was reached under a measured condition.
        result: Where a subroutine's return value is stored.
        returns: The declared return type, or None.
    """

    kind: str
    level: int
    flags: dict[str, int] = field(default_factory=dict)
    result: Value | None = None
    returns: Any = None


if TYPE_CHECKING:
    from shared.circuits.qasm3.definition import Definition


@dataclass(slots=True)
class Machine:
    """Declarations and instructions so far.

    Attributes:
        limits: Limits of the program.
        budget: Instructions and loop iterations spent.
        scope: The innermost block's names.
        block: Where instructions are emitted: the circuit, or the body of a conditional or gate.
        gates: The program's gates that are visible to the code being read.
        expansions: Bodies of defined gates by definition and angles, on qubits numbered from 0.
        inside: What is being expanded, "gate", "def" or None; both forbid some statements.
        depth: Nesting depth of blocks.
        level: How many of them depend on measurements.
        frames: The active frames, the innermost last.
        pending: Flags of jumps that may have been taken before the code being read.
        temporaries: Bits of memory used by the current statement.
        assumed: Values of index expressions, by node identity, in the case being read.
    """

    limits: Limits
    budget: Budget
    memory: Memory
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
    level: int = 0
    frames: list[Frame] = field(default_factory=lambda: [Frame("program", 0)])
    pending: list[int] = field(default_factory=list)
    temporaries: list[int] = field(default_factory=list)
    assumed: dict[int, int] = field(default_factory=dict)

    @property
    def globals(self) -> Scope:
        """The outermost scope."""
        return self.scope.root

    def record(self) -> CircuitRecord:
        """Return the circuit read so far."""
        from shared.circuits.qasm3.tidying import tidied

        registers, parameters = tuple(self.registers), tuple(self.parameters)
        block, size = tidied(self.block, sum(width for _, width in registers))
        return CircuitRecord(self.n_qubits, parameters, registers, block, size)

    def emit(self, instruction: Instruction) -> None:
        """Append an instruction, within the budget; a gate's parts are charged where the gate is applied."""
        if self.inside == "gate":
            self.budget.allow(len(self.block) + 1)
        else:
            self.budget.spend()
        self.block.append(instruction)

    def store(self, node: Any, bits: Sequence[int], kind: Type, value: Value) -> None:
        """Emit an assignment of a value to classical bits at run time."""
        with at(node):
            self.emit(Store(tuple(bits), kind, lifted(value), place(node)[0] or 0))

    def clear(self, bits: Sequence[int]) -> None:
        """Emit that classical bits are set to 0."""
        for first in range(0, len(bits), MAX_BITS):
            part = tuple(bits[first : first + MAX_BITS])
            self.emit(Store(part, Type("bit", len(part)), Literal(BitString(0, len(part)))))

    def measure(self, node: Any, qubits: Sequence[int], bits: Sequence[int]) -> None:
        """Emit measurements.

        Raises:
            Refused: The numbers of bits and qubits differ.
        """
        if len(qubits) != len(bits):
            raise refuse(node, f"{len(qubits)} qubits cannot be measured into {len(bits)} bits")
        for qubit, bit in zip(qubits, bits, strict=True):
            self.emit(Measure(qubit, bit))

    def temporary(self, n_bits: int) -> tuple[int, ...]:
        """Allocate bits of memory for the current statement."""
        bits = self.memory.allocate(n_bits)
        self.temporaries.extend(bits)
        return bits

    def release_temporaries(self, first: int) -> None:
        """Release the current statement's bits of memory, from its `first` on."""
        bits = self.temporaries[first:]
        if bits:
            del self.temporaries[first:]
            self.clear(bits)
            self.memory.release(bits)

    def owned(self, scope: Scope, n_bits: int) -> tuple[int, ...]:
        """Allocate bits of memory that live until the end of a block."""
        bits = self.memory.allocate(n_bits)
        scope.owned.extend(bits)
        return bits

    def add_qubits(self, size: int, node: Any) -> Qubits:
        """Allocate new qubits.

        Raises:
            Refused: The size is not positive, or there are too many qubits.
        """
        _check_size(node, size, self.n_qubits + size, self.limits.qubits, "qubits")
        self.n_qubits += size
        return Qubits(tuple(range(self.n_qubits - size, self.n_qubits)))

    def add_register(self, name: str, size: int, node: Any) -> Bits:
        """Allocate the bits of a new classical register.

        Raises:
            Refused: The size is not positive, or there are too many bits.
        """
        first = sum(width for _, width in self.registers)
        _check_size(node, size, first + size, self.limits.bits, "classical bits")
        self.registers.append((name, size))
        return Bits(tuple(range(first, first + size)))

    def declare(self, node: Any, name: str, symbol: Symbol) -> None:
        """Declare a name in the innermost block, placing the refusal at `node`."""
        symbol.level = self.level
        if self.scope.parent is None and (name in self.gates or name in self.subroutines):
            raise refuse(node, f"{name!r} is already declared")
        with at(node):
            self.scope.declare(name, symbol)

    @contextmanager
    def nested(self, scope: Scope, block: list[Instruction] | None = None) -> Iterator[list[Instruction]]:
        """Run in another block: its names and, if given, its own instructions.

        Raises:
            Refused: Blocks are nested too deeply.
        """
        if self.depth >= self.limits.nesting:
            raise Refused(f"blocks and calls are nested deeper than {self.limits.nesting}")
        before = self.scope, self.block
        self.scope, self.block = scope, self.block if block is None else block
        self.depth += 1
        try:
            yield self.block
        finally:
            if scope is not before[0] and scope.owned:
                self.clear(scope.owned)
                self.memory.release(scope.owned)
                scope.owned = []
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

    def angle(self, node: Any) -> Angle:
        """Return the angle of an expression, one in memory if it depends on measured bits.

        Raises:
            Refused: It is no finite number, or has an inexact quotient of integers.
        """
        with at(node):
            value = evaluate(node, self.scope, real=True)
            if not isinstance(value, RUNTIME):
                return angle(value)
            real = Type("float")
            bits = self.memory_run(real.bits)
            self.store(node, bits, real, value)
            return angle_in_memory(bits[0])

    def memory_run(self, n_bits: int) -> tuple[int, ...]:
        """Allocate consecutive bits of memory for the current statement."""
        bits = self.memory.consecutive(n_bits)
        self.temporaries.extend(bits)
        return bits

    def qubits(self, node: Any) -> tuple[int, ...]:
        """Return the qubits an operand names.

        Raises:
            Refused: It names something else, or nothing.
        """
        if isinstance(node, ast.Identifier) and node.name.startswith("$"):
            return (self._physical_qubit(node),)
        value = self.operand(node)
        if not isinstance(value, Qubits):
            raise refuse(node, f"a qubit is needed here, not {describe(value)}")
        return value.indices

    def bits(self, node: Any) -> tuple[int, ...]:
        """Return the classical bits an operand names, of registers and of variables in memory.

        Raises:
            Refused: It names something else, or nothing.
        """
        value = self.operand(node)
        if not isinstance(value, Bits | Stored):
            raise refuse(node, f"a classical bit is needed here, not {describe(value)}")
        return value.indices

    def operand(self, node: Any) -> Any:
        """Return what an identifier with its indices refers to."""
        if not isinstance(node, ast.IndexedIdentifier):
            return evaluate(node, self.scope)
        value = evaluate(node.name, self.scope)
        with at(node):
            for index in node.indices:
                value = selector(self.scope).select(value, index)
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
    """Add the position of `node` to refusals without a position."""
    try:
        yield
    except Refused as error:
        if error.line is None:
            error.line, error.column = place(node)
        raise
