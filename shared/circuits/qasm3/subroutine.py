"""Calls of a program's own subroutines, expanded in place."""

from typing import Any

from openqasm3 import ast

from shared.circuits.classical.types import Type
from shared.circuits.classical.values import RUNTIME, Bits, Qubits, Stored, Value, describe, integer
from shared.circuits.limits import Refused
from shared.circuits.qasm3.assigned import assigned
from shared.circuits.qasm3.conditional import Jump, Runner, block_of, emit_test, frame_of, lower_flags, test
from shared.circuits.qasm3.expression import convert, converted, declared_type, evaluate
from shared.circuits.qasm3.machine import Frame, Machine, at
from shared.circuits.qasm3.quotient import is_real
from shared.circuits.qasm3.refusal import refuse
from shared.circuits.qasm3.scope import Scope, Symbol
from shared.circuits.qasm3.variable import move_assigned, rvalue, set_to


def call(machine: Machine, node: Any, run: Runner) -> Value | None:
    """Run a `def` body and return its result, None for nothing.

    Raises:
        Refused: Invalid arguments, or unbounded recursion.
    """
    definition = machine.subroutines[node.name.name]
    if len(node.arguments) != len(definition.arguments):
        raise refuse(node, f"{node.name.name} takes {len(definition.arguments)} arguments")
    scope = Scope(machine.globals)
    changed = assigned(definition.body, machine.subroutines)
    frame = Frame("def", machine.level, returns=definition.return_type)
    with at(node), machine.expanding("def"):
        bound = [
            _bound(machine, scope, formal, actual, changed)
            for formal, actual in zip(definition.arguments, node.arguments, strict=True)
        ]
        for formal, symbol in zip(definition.arguments, bound, strict=True):
            scope.declare(formal.name.name, symbol)
        _check_qubits(node, bound)
        machine.frames.append(frame)
        try:
            with machine.nested(scope):
                run(machine, definition.body)
        except Jump as jump:
            if not isinstance(jump.node, ast.ReturnStatement):
                raise
        finally:
            machine.frames.remove(frame)
    lower_flags(machine, frame, "return")
    if isinstance(frame.result, Bits | Stored):
        machine.temporaries.extend(frame.result.indices)
    return frame.result


def _check_qubits(node: Any, bound: list[Symbol]) -> None:
    named = [qubit for symbol in bound if isinstance(symbol.value, Qubits) for qubit in symbol.value.indices]
    if len(set(named)) != len(named):
        raise refuse(node, "the same qubit is given to this subroutine twice")


def _bound(machine: Machine, scope: Scope, formal: Any, actual: Any, changed: set[str]) -> Symbol:
    """Bind a parameter: qubits and arrays by reference, other values by copy."""
    with at(actual):
        if isinstance(formal, ast.QuantumArgument):
            return Symbol(_qubits(machine, formal, actual), level=machine.level)
        if isinstance(formal.type, ast.ArrayReferenceType | ast.ArrayType):
            return _array(machine, formal, actual)
        value = evaluate(actual, machine.scope, real=is_real(formal.type))
        return _copied(machine, scope, formal, value, changed)


def _qubits(machine: Machine, formal: Any, actual: Any) -> Qubits:
    qubits = machine.qubits(actual)
    size = 1 if formal.size is None else integer(evaluate(formal.size, machine.globals), "the size")
    if len(qubits) != size:
        raise Refused(f"{formal.name.name!r} needs {size} qubits, not {len(qubits)}")
    return Qubits(qubits)


def _array(machine: Machine, formal: Any, actual: Any) -> Symbol:
    value = evaluate(actual, machine.scope)
    if not isinstance(value, list):
        raise Refused(f"{formal.name.name!r} needs an array, not {describe(value)}")
    wanted = formal.type.dimensions
    shape = _shape(value)
    if isinstance(wanted, list):
        sizes = [integer(evaluate(size, machine.globals), "a dimension") for size in wanted]
        if sizes != shape:
            raise Refused(f"{formal.name.name!r} needs an array of shape {sizes}, not {shape}")
    elif len(shape) != integer(evaluate(wanted, machine.globals), "the number of dimensions"):
        raise Refused(f"{formal.name.name!r} needs an array of other dimensions than {shape}")
    mutable = formal.access is not None and formal.access.name == "mutable"
    return Symbol(value, declared_type(formal.type.base_type, machine.globals), not mutable, machine.level)


def _shape(value: Any) -> list[int]:
    shape = []
    while isinstance(value, list):
        shape.append(len(value))
        value = value[0] if value else None
    return shape


def _copied(machine: Machine, scope: Scope, formal: Any, value: Value, changed: set[str]) -> Symbol:
    kind = declared_type(formal.type, machine.globals)
    value = convert(value, formal.type, machine.globals)
    if kind is not None and kind.kind == "bit":
        return _bits(machine, scope, formal, converted(value, kind), kind, changed)
    symbol = Symbol(0, kind, const=False, level=machine.level)
    if kind is None or not isinstance(value, RUNTIME):
        symbol.value = value
        return symbol
    symbol.storage = machine.owned(scope, kind.bits)
    set_to(machine, formal, symbol, value)
    return symbol


def _bits(machine: Machine, scope: Scope, formal: Any, value: Value, kind: Type, changed: set[str]) -> Symbol:
    """Bind bits, copying them unless the copy is indistinguishable from the original."""
    shared = formal.name.name not in changed and not changed & set(machine.globals.symbols)
    if isinstance(value, Bits) and shared:
        return Symbol(value, kind, const=False, level=machine.level)
    bits = Bits(machine.owned(scope, kind.bits))
    machine.store(formal, bits.indices, kind, value)
    return Symbol(bits, kind, const=False, level=machine.level)


def run_return(machine: Machine, node: Any) -> None:
    """Store a subroutine's return value, and leave it."""
    frame = frame_of(machine, node)
    if node.expression is not None:
        value = rvalue(machine, node.expression, real=is_real(frame.returns))
        if frame.returns is None:
            raise refuse(node, "this subroutine declares nothing that it returns", hint="def ...(...) -> bit")
        _keep(machine, node, frame, convert(value, frame.returns, machine.globals))
    elif frame.returns is not None:
        raise refuse(node, "this subroutine must return a value")
    raise Jump(node)


def _keep(machine: Machine, node: Any, frame: Frame, value: Value) -> None:
    kind = declared_type(frame.returns, machine.globals)
    decided = machine.level == frame.level and frame.result is None
    if kind is None or (decided and not isinstance(value, RUNTIME)):
        frame.result = value
        return
    if not isinstance(frame.result, Bits | Stored):
        bits = machine.memory.allocate(kind.bits)
        # They outlive the subroutine: `call` hands them to the calling statement.
        frame.result = Bits(bits) if kind.kind == "bit" else Stored(bits, kind)
    machine.store(node, frame.result.indices, kind, value)


def branch(machine: Machine, condition: Value, node: Any) -> Value:
    """Return the truth of an operand that is evaluated only if a run-time condition holds."""
    found: list[Value] = []
    kept: list[int] = []
    truth = Type("bool")

    def evaluated() -> None:
        found.append(evaluate(node, machine.scope))
        if machine.block:
            # The operand has side effects: keep its value, which is used outside the block.
            kept.extend(machine.memory.allocate(1))
            machine.store(node, kept, truth, found[0])

    move_assigned(machine, node, [node])
    block = block_of(machine, evaluated)
    if not kept:
        return found[0]
    machine.temporaries.extend(kept)
    emit_test(machine, test(machine, node, condition), block)
    return Stored(tuple(kept), truth)
