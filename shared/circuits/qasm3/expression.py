"""Evaluates OpenQASM 3 expressions to known values or to run-time expressions."""

from collections.abc import Sequence
from typing import Any, Final

from openqasm3 import ast

from shared.circuits.classical.arithmetic import plus, sized
from shared.circuits.classical.computation import Apply, Cast, operate
from shared.circuits.classical.functions import FUNCTIONS, check_call
from shared.circuits.classical.types import MAX_BITS, Type, cast
from shared.circuits.classical.values import (
    CONSTANTS,
    RUNTIME,
    Bits,
    BitString,
    Computed,
    Duration,
    Qubits,
    Value,
    describe,
    integer,
    number,
    truth,
)
from shared.circuits.instruction import Affine
from shared.circuits.limits import Refused
from shared.circuits.qasm3.quotient import (
    ON_BITS,
    PROMOTING,
    PROMOTING_CALLS,
    check_quotient,
    is_real,
    real_valued,
)
from shared.circuits.qasm3.refusal import place, refuse
from shared.circuits.qasm3.runtime import lifted, size
from shared.circuits.qasm3.scope import Scope, Symbol
from shared.circuits.qasm3.selection import Selector

_KINDS: Final[dict[type, str]] = {
    ast.BoolType: "bool", ast.BitType: "bit", ast.IntType: "int", ast.UintType: "uint",
    ast.FloatType: "float", ast.AngleType: "angle",
}  # fmt: skip
_SECONDS: Final = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}


def evaluate(node: Any, scope: Scope, *, real: bool = False) -> Value:
    """Return the value of an expression, `Computed` if it depends on measured bits.

    Args:
        node: the expression.
        scope: the visible names.
        real: whether the value becomes a real number: integer quotients in it must then be exact.

    Raises:
        Refused: An undeclared or unsupported construct, with its position.
        Undecided: An index that must be known at read time depends on measured bits.
    """
    try:
        return _evaluate(node, scope, real)
    except Refused as error:
        if error.line is None:
            error.line, error.column = place(node)
        raise


def selector(scope: Scope) -> Selector:
    """Return the selector that evaluates indices in a scope."""
    return Selector(scope, evaluate)


def _evaluate(node: Any, scope: Scope, real: bool) -> Value:
    match node:
        case ast.Identifier():
            return _lookup(node, scope)
        case ast.IntegerLiteral():
            return sized(node.value)
        case ast.FloatLiteral() | ast.BooleanLiteral():
            return node.value  # type: ignore[no-any-return]
        case ast.UnaryExpression():
            return applied(
                node.op.name, [evaluate(node.expression, scope, real=real and node.op.name == "-")]
            )
        case ast.BinaryExpression() if node.op.name in ("&&", "||"):
            return _logical(node, scope)
        case ast.BinaryExpression():
            return _binary(node, scope, real)
        case ast.IndexExpression():
            return selector(scope).select(evaluate(node.collection, scope), node.index)
        case ast.BitstringLiteral():
            return BitString(node.value, node.width)
        case _:
            return _compound(node, scope, real)


def _binary(node: Any, scope: Scope, real: bool) -> Value:
    sign, sides = node.op.name, (node.lhs, node.rhs)
    real = sign in PROMOTING and (real or any(real_valued(side, scope) for side in sides))
    left, right = (evaluate(side, scope, real=real) for side in sides)
    if real and sign == "/":
        check_quotient(node, left, right)
    return applied(sign, [left, right])


def _compound(node: Any, scope: Scope, real: bool) -> Value:
    match node:
        case ast.FunctionCall():
            return _called(node, scope, real)
        case ast.Cast():
            argument = evaluate(node.argument, scope, real=is_real(node.type))
            return convert(argument, node.type, scope)
        case ast.Concatenation():
            return _concatenated(evaluate(node.lhs, scope), evaluate(node.rhs, scope))
        case ast.ArrayLiteral():
            return [evaluate(item, scope, real=real) for item in node.values]
        case ast.SizeOf():
            return _size_of(node, scope)
        case ast.DurationLiteral():
            unit = node.unit.name
            return Duration(periods=node.value) if unit == "dt" else Duration(node.value * _SECONDS[unit])
        case ast.DurationOf():
            return Duration(open=True)
        case _:
            raise refuse(node, f"{type(node).__name__} is not supported in an expression")


def _lookup(node: Any, scope: Scope) -> Value:
    symbol = scope.find(node.name)
    if symbol is not None:
        return symbol.value
    if node.name in CONSTANTS:
        return CONSTANTS[node.name]
    raise refuse(node, f"{node.name!r} is not declared")


def _called(node: Any, scope: Scope, real: bool) -> Value:
    runner = scope.root.runner
    value = runner.call(node) if runner is not None else None
    if value is not None:
        return value
    name, arguments = node.name.name, node.arguments
    check_call(name, len(arguments))
    if name in PROMOTING_CALLS:
        real = real or any(real_valued(argument, scope) for argument in arguments)
    else:
        real = name not in ON_BITS
    return applied(name, [evaluate(argument, scope, real=real) for argument in arguments])


def _logical(node: Any, scope: Scope) -> Value:
    """Evaluate `&&` or `||`; the right operand is evaluated only if the left one does not decide."""
    left, both = evaluate(node.lhs, scope), node.op.name == "&&"
    if not isinstance(left, RUNTIME):
        if truth(left) != both:
            return not both
        return applied("!", [applied("!", [evaluate(node.rhs, scope)])])
    runner = scope.root.runner
    assert runner is not None
    right = runner.branch(left if both else applied("!", [left]), node.rhs)
    return applied(node.op.name, [left, right])


def applied(name: str, values: Sequence[Value]) -> Value:
    """Apply an operator or built-in function now if all values are known, else at run time.

    Raises:
        Refused: The values do not suit it.
    """
    if not any(isinstance(value, RUNTIME) for value in values):
        values = [_elements(value) for value in values]
        if name in FUNCTIONS:
            check_call(name, len(values))
        return operate(name, values)
    return Computed(Apply(name, tuple(lifted(value) for value in values)))


def _elements(value: Value) -> Value:
    if isinstance(value, list | Qubits):
        raise Refused(f"{describe(value)} cannot be computed with")
    return value


def _size_of(node: Any, scope: Scope) -> int:
    value = evaluate(node.target, scope)
    depth = 0 if node.index is None else integer(evaluate(node.index, scope), "the dimension")
    for _ in range(depth):
        if not isinstance(value, list) or not value:
            raise refuse(node, f"there is no dimension {depth}")
        value = value[0].value if isinstance(value[0], Symbol) else value[0]
    return size(value)


def _concatenated(left: Value, right: Value) -> Value:
    match left, right:
        case (Qubits(), Qubits()):
            return Qubits(left.indices + right.indices)
        case (Bits(), Bits()):
            return Bits(left.indices + right.indices)
        case (list(), list()):
            return [*left, *right]
        case (BitString(), BitString()):
            return BitString(left.value | right.value << left.width, left.width + right.width)
    raise Refused("only registers or arrays of one type can be concatenated")


def declared_type(node: Any, scope: Scope) -> Type | None:
    """Return the type that a syntax tree node names, or None for types without values in memory.

    Raises:
        Refused: The width is invalid.
    """
    kind = _KINDS.get(type(node))
    if kind is None:
        return None
    width = None if node_size(node) is None else integer(evaluate(node_size(node), scope), "the width")
    if width is not None and not 1 <= width <= MAX_BITS:
        raise refuse(node, f"a type of {width} bits is not supported", rule=f"1 to {MAX_BITS} bits")
    return Type(kind, width)


def node_size(node: Any) -> Any:
    """Return the size given by a type's syntax tree node, or None."""
    return getattr(node, "size", None)


def convert(value: Value, target: Any, scope: Scope) -> Value:
    """Cast a value to the type that a syntax tree node names.

    Raises:
        Refused: The type is not supported, or the value does not suit it.
    """
    declared = declared_type(target, scope)
    if declared is not None:
        return converted(value, declared)
    if isinstance(target, ast.DurationType | ast.StretchType):
        if isinstance(value, Duration):
            return plus(value, Duration(open=isinstance(target, ast.StretchType)))
        raise refuse(target, f"a duration is needed here, not {describe(value)}")
    word = type(target).__name__.removesuffix("Type").lower()
    raise refuse(target, f"values of type {word} are not supported")


def converted(value: Value, target: Type) -> Value:
    """Cast a value to a classical type, now or at run time.

    Raises:
        Refused: The value does not suit the type.
    """
    if isinstance(value, Bits) and target == Type("bit", len(value.indices)):
        return value
    if isinstance(value, RUNTIME):
        return Computed(Cast(target, lifted(value)))
    if isinstance(value, Affine) and (target.kind == "float" or target == Type("angle")):
        return value
    if isinstance(value, Affine | Qubits | Duration | list):
        number(value)
        raise AssertionError("number refuses what is no number")
    return cast(value, target)
