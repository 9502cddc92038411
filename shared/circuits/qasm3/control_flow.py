"""Loops, conditionals and switches of OpenQASM 3: resolved at read time, or emitted for run time."""

from collections.abc import Iterable, Sequence
from typing import Any

from openqasm3 import ast

from shared.circuits.classical.types import Type
from shared.circuits.classical.values import RUNTIME, Bits, BitString, Stored, Value, integer, truth
from shared.circuits.instruction import If, While
from shared.circuits.qasm3.conditional import (
    Jump,
    Runner,
    block_of,
    emit_test,
    lower_flags,
    run_unless_left,
    test,
)
from shared.circuits.qasm3.expression import applied, convert, declared_type, evaluate, selector
from shared.circuits.qasm3.machine import Frame, Machine, at
from shared.circuits.qasm3.quotient import is_real
from shared.circuits.qasm3.refusal import place, refuse
from shared.circuits.qasm3.scope import Scope, Symbol
from shared.circuits.qasm3.variable import move_assigned, set_to
from shared.circuits.qasm3.work import weight

_BOOL = Type("bool")


def run_if(machine: Machine, node: Any, run: Runner) -> None:
    """Run one branch if the condition is known, else emit both, conditioned on the measured bits."""
    value = evaluate(node.condition, machine.scope)
    if not isinstance(value, RUNTIME):
        chosen = node.if_block if truth(value) else node.else_block
        with at(node), machine.nested(Scope(machine.scope)):
            run(machine, chosen)
        return
    with at(node):
        tested = test(machine, node, value)
        move_assigned(machine, node, [*node.if_block, *node.else_block])
        then, otherwise = (
            block_of(machine, lambda body=body: run(machine, body))  # type: ignore[misc]
            for body in (node.if_block, node.else_block)
        )
        emit_test(machine, tested, then, otherwise)


def run_switch(machine: Machine, node: Any, run: Runner) -> None:
    """Run the matching case if the target is known, else emit all cases, conditioned on the measured bits."""
    scope = machine.scope
    labels = [[integer(evaluate(value, scope), "a case") for value in values] for values, _ in node.cases]
    bodies = [body.statements for _, body in node.cases]
    values = [value for case in labels for value in case]
    if len(set(values)) != len(values):
        raise refuse(node, "two cases of this switch have the same value")
    default = node.default.statements if node.default is not None else []
    target = evaluate(node.target, scope)
    if isinstance(target, RUNTIME):
        with at(node):
            _emit_switch(machine, node, target, labels, [*bodies, default], run)
        return
    known = integer(target, "the switch target")
    body = next((body for case, body in zip(labels, bodies, strict=True) if known in case), default)
    with at(node), machine.nested(Scope(scope)):
        run(machine, body)


def _emit_switch(
    machine: Machine, node: Any, target: Value, labels: list[list[int]], bodies: list[Any], run: Runner
) -> None:
    """Emit all cases, each conditioned on a bit that is set before any case runs."""
    met = [_any([applied("==", [target, label]) for label in case]) for case in labels]
    met.append(applied("!", [_any(met)]) if met else True)
    chosen = machine.temporary(len(met))
    for bit, value in zip(chosen, met, strict=True):
        machine.store(node, (bit,), _BOOL, value)
    move_assigned(machine, node, [statement for body in bodies for statement in body])
    for bit, body in zip(chosen, bodies, strict=True):
        if body:
            block = block_of(machine, lambda body=body: run(machine, body))  # type: ignore[misc]
            emit_test(machine, ((bit,), 1, True), block)


def _any(values: Sequence[Value]) -> Value:
    found = values[0]
    for value in values[1:]:
        found = applied("||", [found, value])
    return found


def run_for(machine: Machine, node: Any, run: Runner) -> None:
    """Unroll a `for` loop over a range, a set, an array or bits."""
    over = node.set_declaration
    if isinstance(over, ast.RangeDefinition) and _measured_ends(machine, over):
        _run_measured_range(machine, node, over, run)
        return
    frame = Frame("loop", machine.level)
    machine.frames.append(frame)
    try:
        for value in _loop_values(machine, node):
            with at(node):
                machine.budget.iterate(weight(node))
            body = lambda value=value: _run_with(machine, node, value, run)  # noqa: E731
            if not _run_body(machine, node, frame, body):
                break
    finally:
        machine.frames.remove(frame)
    lower_flags(machine, frame, "break")


def _run_with(machine: Machine, node: Any, value: Value, run: Runner) -> None:
    """Run a loop's body with one value of its variable."""
    scope = Scope(machine.scope)
    with at(node), machine.nested(scope):
        known = convert(value, node.type, machine.scope)
        kind = declared_type(node.type, machine.scope)
        symbol = Symbol(0, kind, const=False, level=machine.level)
        scope.symbols[node.identifier.name] = symbol
        if isinstance(known, RUNTIME):
            set_to(machine, node, symbol, known)
        else:
            symbol.value = known
        run(machine, node.block)


def _loop_values(machine: Machine, node: Any) -> Iterable[Value]:
    over = node.set_declaration
    if isinstance(over, ast.RangeDefinition):
        return selector(machine.scope).expand_range(over)
    if isinstance(over, ast.DiscreteSet):
        return [evaluate(item, machine.scope, real=is_real(node.type)) for item in over.values]
    values = evaluate(over, machine.scope)
    if isinstance(values, BitString):
        return [BitString(values.value >> i & 1, 1) for i in range(values.width)]
    if isinstance(values, Bits):
        return [Bits((bit,)) for bit in values.indices]
    if not isinstance(values, list):
        raise refuse(over, "a for loop runs over a range [a:b], a set {a, b}, an array or bits")
    return [item.value if isinstance(item, Symbol) else item for item in values]


def _run_body(machine: Machine, node: Any, frame: Frame, body: Any) -> bool:
    """Run one iteration; return false if it certainly left the loop."""
    try:
        run_unless_left(machine, node, node.block, body, None)
    except Jump as jump:
        if isinstance(jump.node, ast.BreakStatement):
            return False
        if not isinstance(jump.node, ast.ContinueStatement):
            raise
    finally:
        lower_flags(machine, frame, "continue")
    return True


def _measured_ends(machine: Machine, over: Any) -> bool:
    ends = [end for end in (over.start, over.end, over.step) if end is not None]
    return any(isinstance(evaluate(end, machine.scope), RUNTIME) for end in ends)


def _run_measured_range(machine: Machine, node: Any, over: Any, run: Runner) -> None:
    """Emit a run-time loop, with a counter in memory, over a range whose bounds depend on measured bits."""
    if over.start is None or over.end is None:
        raise refuse(over, "this range needs both ends")
    start, end = (evaluate(part, machine.scope) for part in (over.start, over.end))
    step = 1 if over.step is None else integer(evaluate(over.step, machine.scope), "the step")
    if step == 0:
        raise refuse(over, "the step of a range is 0")
    kind = Type("int", 64)
    counter, last = (Stored(machine.temporary(kind.bits), kind) for _ in range(2))
    for place_, value in ((counter, start), (last, end)):
        machine.store(node, place_.indices, kind, value)

    def body() -> None:
        current = Stored(machine.temporary(kind.bits), kind)
        machine.store(node, current.indices, kind, counter)
        machine.store(node, counter.indices, kind, applied("+", [counter, step]))
        _run_with(machine, node, current, run)

    _emit_loop(machine, node, lambda: applied("<=" if step > 0 else ">=", [counter, last]), body)


def run_while(machine: Machine, node: Any, run: Runner) -> None:
    """Unroll a `while` loop while its condition is known; emit the rest as a run-time loop."""
    frame = Frame("loop", machine.level)
    machine.frames.append(frame)

    def body() -> None:
        with at(node), machine.nested(Scope(machine.scope)):
            run(machine, node.block)

    try:
        while True:
            value = evaluate(node.while_condition, machine.scope) if not machine.pending else None
            if value is None or isinstance(value, RUNTIME):
                break
            if not truth(value):
                return
            with at(node):
                machine.budget.iterate(weight(node))
            if not _run_body(machine, node, frame, body):
                return
    finally:
        machine.frames.remove(frame)
    _emit_loop(machine, node, lambda: evaluate(node.while_condition, machine.scope), body, frame)


def _emit_loop(machine: Machine, node: Any, condition: Any, body: Any, frame: Frame | None = None) -> None:
    """Emit a run-time loop; a bit of memory says whether it continues.

    Args:
        machine: Receives the instructions.
        node: The loop's statement.
        condition: Evaluates the condition, emitting the instructions it needs.
        body: Runs the loop's body.
        frame: The loop's frame, if some iterations were already unrolled.
    """
    frame = frame or Frame("loop", machine.level)
    machine.frames.append(frame)
    (again,) = machine.temporary(1)
    moved = [*node.block, node.while_condition] if isinstance(node, ast.WhileLoop) else node.block

    def decide() -> None:
        machine.store(node, (again,), _BOOL, condition())

    def iteration() -> None:
        try:
            body()
        except Jump as jump:
            if not isinstance(jump.node, ast.BreakStatement | ast.ContinueStatement):
                raise
            if isinstance(jump.node, ast.BreakStatement):
                machine.clear((again,))
                return
        lower_flags(machine, frame, "continue")
        _decide_unless_left(machine, again, decide)

    try:
        with at(node):
            move_assigned(machine, node, moved)
            _decide_unless_left(machine, again, decide)
            machine.budget.iterate(weight(node))
            machine.emit(While(again, block_of(machine, iteration), place(node)[0] or 0))
    finally:
        machine.frames.remove(frame)
    lower_flags(machine, frame, "break")


def _decide_unless_left(machine: Machine, again: int, decide: Any) -> None:
    """Evaluate whether a loop continues; it does not if a jump left it."""
    if not machine.pending:
        decide()
        return
    flags = tuple(machine.pending)
    block = block_of(machine, decide)
    machine.clear((again,))
    machine.emit(If(flags, 0, block))
