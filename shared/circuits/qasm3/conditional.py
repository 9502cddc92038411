"""Blocks conditioned on measured bits, and jumps out of them.

A jump that depends on a measurement raises a flag, a bit of the circuit's memory; the code after it runs only
if the flag is 0.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from shared.circuits.classical.computation import Apply, Expression, Literal, Read, bits_read, value_of
from shared.circuits.classical.types import Type
from shared.circuits.classical.values import BitString, Computed, Integer, Value, integer, truth
from shared.circuits.instruction import If, Instruction
from shared.circuits.limits import Refused
from shared.circuits.qasm3.expression import applied
from shared.circuits.qasm3.machine import Frame, Machine, at
from shared.circuits.qasm3.refusal import refuse
from shared.circuits.qasm3.runtime import lifted
from shared.circuits.qasm3.scope import Scope
from shared.circuits.qasm3.selection import Undecided
from shared.circuits.qasm3.variable import move_assigned

Runner = Callable[[Machine, Sequence[Any]], None]
Block = tuple[Instruction, ...]

_TABULATED_BITS: Final = 6
_BOOL: Final = Type("bool")


class Jump(Exception):  # noqa: N818 - control flow of the program being read
    """A `break`, `continue`, `return` or `end` propagating to the block it leaves.

    Attributes:
        node: The statement.
    """

    def __init__(self, node: Any) -> None:
        super().__init__(type(node).__name__)
        self.node = node


def word(node: Any) -> str:
    """Return the keyword of a jump."""
    return type(node).__name__.removesuffix("Statement").lower()


def frame_of(machine: Machine, node: Any) -> Frame:
    """Return the frame that a jump leaves.

    Raises:
        Refused: It is outside any loop or subroutine.
    """
    wanted = {"return": "def", "end": "program"}.get(word(node), "loop")
    for frame in reversed(machine.frames):
        if frame.kind == wanted:
            return frame
        if frame.kind == "def" and wanted == "loop":
            break
    raise refuse(node, "this statement is outside of any loop or subroutine")


def test(machine: Machine, node: Any, value: Value) -> tuple[tuple[int, ...], int, bool]:
    """Return a condition as bits, a value, and whether the bits must equal or must differ from it.

    Conditions decided by a single value of a few bits are expressed by these bits; others are first computed
    into a bit of memory.
    """
    expression = lifted(value)
    found = _equality(expression) or _tabulated(expression)
    if found is not None:
        return found
    bits = machine.temporary(1)
    machine.store(node, bits, _BOOL, value)
    return bits, 1, True


def _equality(expression: Expression) -> tuple[tuple[int, ...], int, bool] | None:
    match expression:
        case Apply("==" | "!=" as sign, (Read(bits, Type("bit")), Literal(value))) | Apply(
            "==" | "!=" as sign, (Literal(value), Read(bits, Type("bit")))
        ):
            if not isinstance(value, int | BitString | Integer):
                return None
            number = integer(value)
            if len(set(bits)) == len(bits) and 0 <= number < 1 << len(bits):
                return bits, number, sign == "=="
    return None


def _tabulated(expression: Expression) -> tuple[tuple[int, ...], int, bool] | None:
    bits = tuple(dict.fromkeys(bits_read(expression)))
    if not 0 < len(bits) <= _TABULATED_BITS:
        return None
    try:
        outcomes = [
            truth(value_of(expression, dict(zip(bits, _digits(value, len(bits)), strict=True)).__getitem__))
            for value in range(1 << len(bits))
        ]
    except Refused:
        return None
    for wanted in (True, False):
        if outcomes.count(wanted) == 1:
            return bits, outcomes.index(wanted), wanted
    return None


def _digits(value: int, width: int) -> list[int]:
    return [value >> place & 1 for place in range(width)]


def emit_test(
    machine: Machine, tested: tuple[tuple[int, ...], int, bool], then: Block, otherwise: Block = ()
) -> None:
    """Emit two blocks under a condition that was evaluated before either was read."""
    bits, number, equal = tested
    machine.emit(If(bits, number, then, otherwise) if equal else If(bits, number, otherwise, then))


def block_of(machine: Machine, run: Callable[[], None], scope: Scope | None = None) -> Block:
    """Return the instructions of a block that depends on a measurement.

    Args:
        machine: Its current block receives nothing; the block's instructions are returned.
        run: Reads the block.
        scope: The block's names; None for a new inner scope.
    """
    before, machine.pending = machine.pending, []
    machine.level += 1
    try:
        with machine.nested(Scope(machine.scope) if scope is None else scope, []) as block:
            first = len(machine.temporaries)
            try:
                run()
            except Jump as jump:
                _raise_flag(machine, jump.node)
            machine.release_temporaries(first)
    finally:
        machine.level -= 1
        machine.pending = [*before, *(flag for flag in machine.pending if flag not in before)]
    return tuple(block)


def _raise_flag(machine: Machine, node: Any) -> None:
    """Record that a jump is taken in this block."""
    frame, kind = frame_of(machine, node), word(node)
    if kind not in frame.flags:
        (frame.flags[kind],) = machine.memory.allocate(1)
    flag = frame.flags[kind]
    machine.store(node, (flag,), _BOOL, True)
    if flag not in machine.pending:
        machine.pending.append(flag)


def lower_flags(machine: Machine, frame: Frame, *kinds: str) -> None:
    """Clear the flags of jumps that have reached their frame."""
    for kind in kinds:
        flag = frame.flags.pop(kind, None)
        if flag is not None:
            machine.clear((flag,))
            machine.memory.release((flag,))
            machine.pending = [other for other in machine.pending if other != flag]


def run_unless_left(
    machine: Machine, node: Any, statements: Sequence[Any], run: Callable[[], None], scope: Scope | None
) -> None:
    """Run statements unless one of the preceding conditional jumps was taken.

    Args:
        machine: Receives the instructions.
        node: For positions in messages.
        statements: All statements that are run; the variables they assign are first moved into memory.
        run: Runs them.
        scope: As for `block_of`.
    """
    flags = tuple(machine.pending)
    if not flags:
        run()
        return
    move_assigned(machine, node, statements)
    block = block_of(machine, run, scope)
    emit_test(machine, (flags, 0, True), block)


def run_cases(machine: Machine, statement: Any, case: Undecided, run: Callable[[], None]) -> None:
    """Run a statement once for every possible value of an index that depends on measured bits."""
    move_assigned(machine, statement, [statement])
    kind = Type("uint", max(1, case.size.bit_length()))
    chosen = machine.temporary(kind.bits)
    with at(statement):
        position = applied("position", [Computed(case.expression), case.size])
    machine.store(case.node, chosen, kind, position)
    for place in range(case.size):
        machine.assumed[id(case.node)] = place
        try:
            block = block_of(machine, run)
        finally:
            del machine.assumed[id(case.node)]
        emit_test(machine, (chosen, place, True), block)
