"""Loops, conditions, switches and subroutines of OpenQASM 3, unrolled while reading."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from openqasm3 import ast

from shared.circuit import branch
from shared.circuit.expression import convert, evaluate, expand_range, free_bits, refuse
from shared.circuit.instruction import If, Instruction, count
from shared.circuit.limits import Refused
from shared.circuit.machine import Machine, at
from shared.circuit.scope import Scope, Symbol
from shared.circuit.values import Bits, BitString, Qubits, Value, integer, truth

Runner = Callable[[Machine, Sequence[Any]], None]


class Jump(Exception):  # noqa: N818 - control flow of the program being read
    """A `break`, `continue`, `return` or `end` on its way to the block it leaves.

    Attributes:
        node: The statement.
    """

    def __init__(self, node: Any) -> None:
        super().__init__(type(node).__name__)
        self.node = node


def run_for(machine: Machine, node: Any, run: Runner) -> None:
    """Unroll a `for` loop over a range, a set or an array."""
    for value in _loop_values(machine, node):
        with at(node):
            machine.budget.iterate()
        scope = Scope(machine.scope)
        with at(node):
            known = convert(value, node.type, machine.scope)
        scope.symbols[node.identifier.name] = Symbol(known, node.type, const=False)
        if not _run_body(machine, node, scope, run):
            break


def run_while(machine: Machine, node: Any, run: Runner) -> None:
    """Unroll a `while` loop whose condition is known while reading.

    Raises:
        Refused: The condition depends on a measurement.
    """
    if free_bits(node.while_condition, machine.scope):
        raise refuse(
            node,
            "a while loop on measured bits is not supported",
            rule="the number of repetitions must be known before the circuit runs",
            hint="unroll it: for int i in [1:n] { if (...) { ... } }",
        )
    while truth(evaluate(node.while_condition, machine.scope)):
        with at(node):
            machine.budget.iterate()
        if not _run_body(machine, node, Scope(machine.scope), run):
            break


def _loop_values(machine: Machine, node: Any) -> Iterable[Value]:
    over = node.set_declaration
    if isinstance(over, ast.RangeDefinition):
        return expand_range(over, machine.scope)
    if isinstance(over, ast.DiscreteSet):
        return [evaluate(item, machine.scope) for item in over.values]
    values = evaluate(over, machine.scope)
    if isinstance(values, BitString):
        return [BitString(values.value >> i & 1, 1) for i in range(values.width)]
    if not isinstance(values, list):
        raise refuse(over, "a for loop runs over a range [a:b], a set {a, b}, or an array")
    return values


def _run_body(machine: Machine, node: Any, scope: Scope, run: Runner) -> bool:
    """Run one iteration; false where it left the loop."""
    try:
        with at(node), machine.nested(scope):
            run(machine, node.block)
    except Jump as jump:
        if isinstance(jump.node, ast.BreakStatement):
            return False
        if not isinstance(jump.node, ast.ContinueStatement):
            raise
    return True


def run_if(machine: Machine, node: Any, run: Runner) -> None:
    """Run one branch where the condition is known, else emit both under the measured bits."""
    condition = node.condition
    bits = free_bits(condition, machine.scope)
    if not bits:
        chosen = node.if_block if truth(evaluate(condition, machine.scope)) else node.else_block
        with at(node), machine.nested(Scope(machine.scope)):
            run(machine, chosen)
        return
    blocks = [_measured_block(machine, body, run) for body in (node.else_block, node.if_block)]
    whole = _register_equality(machine, condition)
    with at(node):
        if whole is not None:
            _emit_equality(machine, *whole, blocks)
            return
        branch.check_width(len(bits))
        outcomes = [truth(value) for value in _tabulated(machine, condition, bits)]
        _append(
            machine, branch.branches(bits, [int(outcome) for outcome in outcomes], blocks, machine.budget)
        )


def _tabulated(machine: Machine, expression: Any, bits: Sequence[int]) -> Iterable[Value]:
    for value in range(1 << len(bits)):
        yield evaluate(expression, machine.scope, {bit: value >> i & 1 for i, bit in enumerate(bits)})


def _register_equality(machine: Machine, node: Any) -> tuple[tuple[int, ...], int, bool] | None:
    """The bits, the value, and whether they must be equal: where whole bits are compared with a number."""
    if not isinstance(node, ast.BinaryExpression) or node.op.name not in ("==", "!="):
        return None
    sides = [node.lhs, node.rhs]
    measured = [bool(free_bits(side, machine.scope)) for side in sides]
    if measured.count(True) != 1:
        return None
    register = _named_bits(machine, sides[measured.index(True)])
    if register is None:
        return None
    known = evaluate(sides[measured.index(False)], machine.scope)
    return register.indices, integer(known, "the compared value"), node.op.name == "=="


def _named_bits(machine: Machine, node: Any) -> Bits | None:
    """The measured bits an expression names directly, if it does nothing else."""
    if not isinstance(node, ast.Identifier | ast.IndexExpression):
        return None
    value = evaluate(node, machine.scope)
    return value if isinstance(value, Bits) else None


def _emit_equality(
    machine: Machine, bits: tuple[int, ...], value: int, equal: bool, blocks: Sequence[branch.Block]
) -> None:
    otherwise, then = blocks if equal else blocks[::-1]
    if 0 <= value < 1 << len(bits):
        machine.budget.spend(count(then) + count(otherwise))
        machine.emit(If(bits, value, then, otherwise))
    else:
        machine.budget.spend(count(otherwise))
        _append(machine, otherwise)


def _append(machine: Machine, block: Sequence[Instruction]) -> None:
    machine.block.extend(block)


def _measured_block(machine: Machine, body: Sequence[Any], run: Runner) -> branch.Block:
    """The instructions a measurement decides about; the budget is charged where they are placed."""
    spent = machine.budget.instructions
    try:
        with machine.nested(Scope(machine.scope, conditional=True), []) as block:
            run(machine, body)
    except Jump as jump:
        raise refuse(
            jump.node,
            f"{_word(jump.node)} under a condition on measured bits is not supported",
            rule="the instructions that run must be known before the circuit runs",
        ) from None
    machine.budget.instructions = spent
    return tuple(block)


def _word(node: Any) -> str:
    return type(node).__name__.removesuffix("Statement").lower()


def run_switch(machine: Machine, node: Any, run: Runner) -> None:
    """Run the case that fits where the target is known, else emit all cases under the measured bits."""
    scope = machine.scope
    bits = free_bits(node.target, scope)
    labels = [[integer(evaluate(value, scope), "a case") for value in values] for values, _ in node.cases]
    bodies = [body.statements for _, body in node.cases]
    bodies.append(node.default.statements if node.default is not None else [])
    _check_cases(node, labels)

    def chosen(value: int) -> int:
        return next((i for i, values in enumerate(labels) if value in values), len(labels))

    if not bits:
        body = bodies[chosen(integer(evaluate(node.target, scope), "the switch target"))]
        with at(node), machine.nested(Scope(scope)):
            run(machine, body)
        return
    blocks = [_measured_block(machine, body, run) for body in bodies]
    with at(node):
        branch.check_width(len(bits))
        targets = [integer(value, "the switch target") for value in _tabulated(machine, node.target, bits)]
        _append(machine, branch.branches(bits, [chosen(t) for t in targets], blocks, machine.budget))


def _check_cases(node: Any, labels: Sequence[Sequence[int]]) -> None:
    values = [value for case in labels for value in case]
    if len(set(values)) != len(values):
        raise refuse(node, "two cases of this switch have the same value")


def call_subroutine(machine: Machine, node: Any, run: Runner) -> Any:
    """Run a `def` body in place and give what it returns: a value, a measurement to be made, or None.

    Raises:
        Refused: Wrong arguments, a recursive call, or a measured return value that is not a measurement.
    """
    definition = machine.subroutines[node.name.name]
    if len(node.arguments) != len(definition.arguments):
        raise refuse(node, f"{node.name.name} takes {len(definition.arguments)} arguments")
    scope = Scope(machine.globals)
    for formal, actual in zip(definition.arguments, node.arguments, strict=True):
        with at(actual):
            scope.declare(formal.name.name, _bound(machine, formal, actual))
    try:
        with at(node), machine.expanding("def"), machine.nested(scope):
            run(machine, definition.body)
    except Jump as jump:
        if not isinstance(jump.node, ast.ReturnStatement):
            raise
        return _returned(machine, jump.node, scope, definition)
    return None


def _bound(machine: Machine, formal: Any, actual: Any) -> Symbol:
    if isinstance(formal, ast.QuantumArgument):
        qubits = machine.qubits(actual)
        size = 1 if formal.size is None else integer(evaluate(formal.size, machine.globals), "the size")
        if len(qubits) != size:
            raise Refused(f"{formal.name.name!r} needs {size} qubits, not {len(qubits)}")
        return Symbol(Qubits(qubits))
    value = evaluate(actual, machine.scope)
    if isinstance(value, Bits):
        return Symbol(value)
    return Symbol(convert(value, formal.type, machine.scope), formal.type, const=False)


def _returned(machine: Machine, node: Any, scope: Scope, definition: Any) -> Any:
    expression = node.expression
    with machine.nested(scope):
        if expression is None:
            return None
        if isinstance(expression, ast.QuantumMeasurement):
            return Qubits(machine.qubits(expression.qubit))
        value = evaluate(expression, scope)
    if isinstance(value, Bits):
        raise refuse(node, "measured bits cannot be returned", hint="return measure q; is supported")
    return convert(value, definition.return_type, machine.scope) if definition.return_type else value
