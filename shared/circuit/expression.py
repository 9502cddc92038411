"""Evaluates OpenQASM 3 expressions: at reading time, or under assumed values of measured bits."""

from collections.abc import Mapping
from typing import Any, Final

from openqasm3 import ast

from shared.circuit.instruction import Affine
from shared.circuit.limits import Refused
from shared.circuit.scope import Scope
from shared.circuit.values import (
    CONSTANTS,
    Bits,
    BitString,
    Duration,
    Qubits,
    Value,
    binary,
    call,
    describe,
    integer,
    number,
    truncated,
    truth,
    unary,
)

_MAX_RANGE: Final = 1_000_000


def place(node: Any) -> tuple[int | None, int | None]:
    """One-based line and column of a syntax tree node."""
    span = getattr(node, "span", None)
    return (span.start_line, span.start_column + 1) if span is not None else (None, None)


def refuse(node: Any, message: str, rule: str | None = None, hint: str | None = None) -> Refused:
    """The refusal of a syntax tree node, placed where it stands."""
    return Refused(message, *place(node), rule=rule, hint=hint)


def evaluate(node: Any, scope: Scope, known: Mapping[int, int] | None = None) -> Value:
    """The value of an expression; bits in `known` stand for their assumed values.

    Raises:
        Refused: Something undeclared, unsupported or unknown before the circuit runs; with its place.
    """
    try:
        return _evaluate(node, scope, known or {})
    except Refused as error:
        if error.line is None:
            error.line, error.column = place(node)
        raise


def _evaluate(node: Any, scope: Scope, known: Mapping[int, int]) -> Value:
    match node:
        case ast.Identifier():
            return _lookup(node, scope, known)
        case ast.IntegerLiteral() | ast.FloatLiteral() | ast.BooleanLiteral():
            return node.value  # type: ignore[no-any-return]
        case ast.BitstringLiteral():
            return BitString(node.value, node.width)
        case ast.DurationLiteral():
            return Duration(node.value)
        case ast.UnaryExpression():
            return unary(node.op.name, evaluate(node.expression, scope, known))
        case ast.BinaryExpression():
            return binary(node.op.name, evaluate(node.lhs, scope, known), evaluate(node.rhs, scope, known))
        case ast.IndexExpression():
            return select(evaluate(node.collection, scope), node.index, scope, known)
        case _:
            return _compound(node, scope, known)


def _compound(node: Any, scope: Scope, known: Mapping[int, int]) -> Value:
    match node:
        case ast.FunctionCall():
            return call(node.name.name, [evaluate(argument, scope, known) for argument in node.arguments])
        case ast.Cast():
            return convert(evaluate(node.argument, scope, known), node.type, scope)
        case ast.Concatenation():
            return _concatenated(evaluate(node.lhs, scope), evaluate(node.rhs, scope))
        case ast.ArrayLiteral():
            return [evaluate(item, scope, known) for item in node.values]
        case ast.SizeOf():
            return _size(evaluate(node.target, scope))
        case _:
            raise refuse(node, f"{type(node).__name__} is not supported in an expression")


def _lookup(node: Any, scope: Scope, known: Mapping[int, int]) -> Value:
    symbol = scope.find(node.name)
    if symbol is not None:
        return _assumed(symbol.value, known)
    if node.name in CONSTANTS:
        return CONSTANTS[node.name]
    raise refuse(node, f"{node.name!r} is not declared")


def _assumed(value: Value, known: Mapping[int, int]) -> Value:
    if isinstance(value, Bits) and known:
        assumed = sum(known[bit] << position for position, bit in enumerate(value.indices))
        return BitString(assumed, len(value.indices))
    return value


def _size(value: Value) -> int:
    if isinstance(value, BitString):
        return value.width
    if isinstance(value, Bits | Qubits):
        return len(value.indices)
    if isinstance(value, list):
        return len(value)
    raise Refused(f"{describe(value)} has no size")


def _concatenated(left: Value, right: Value) -> Value:
    if isinstance(left, Qubits) and isinstance(right, Qubits):
        return Qubits(left.indices + right.indices)
    if isinstance(left, Bits) and isinstance(right, Bits):
        return Bits(left.indices + right.indices)
    raise Refused("only qubits with qubits and bits with bits can be concatenated")


def positions(index: Any, size: int, scope: Scope) -> tuple[list[int], bool]:
    """The zero-based positions an index names in a register of `size`, and whether it names a single one.

    Raises:
        Refused: A position is out of range.
    """
    items = index.values if isinstance(index, ast.DiscreteSet) else index
    if isinstance(items, list) and len(items) == 1 and not isinstance(index, ast.DiscreteSet):
        item = items[0]
        if not isinstance(item, ast.RangeDefinition):
            return [_position(item, size, scope)], True
        return [_checked(i, size, item) for i in expand_range(item, scope, size)], False
    if isinstance(index, ast.DiscreteSet):
        return [_position(item, size, scope) for item in items], False
    raise Refused("registers have one dimension only")


def _position(node: Any, size: int, scope: Scope) -> int:
    return _checked(integer(evaluate(node, scope), "the index"), size, node)


def _checked(position: int, size: int, node: Any) -> int:
    if not -size <= position < size:
        raise refuse(node, f"index {position} is out of range", rule=f"the register has size {size}")
    return position % size


def expand_range(node: Any, scope: Scope, size: int | None = None) -> range:
    """The integers of `start:step:end`, both ends included; open ends need a register size.

    Raises:
        Refused: The step is zero, an end is missing, or the range is too long.
    """

    def end(part: Any, default: int | None) -> int:
        if part is not None:
            value = integer(evaluate(part, scope), "a range end")
            return value + size if size is not None and value < 0 else value
        if default is None:
            raise refuse(node, "this range needs both ends")
        return default

    step = 1 if node.step is None else integer(evaluate(node.step, scope), "the step")
    if step == 0:
        raise refuse(node, "the step of a range is 0")
    first, last = (0, size - 1) if size is not None else (None, None)
    if step < 0:
        first, last = last, first
    result = range(end(node.start, first), end(node.end, last) + (1 if step > 0 else -1), step)
    if abs(result.stop - result.start) // abs(step) > _MAX_RANGE:
        raise refuse(node, f"the range is longer than {_MAX_RANGE}")
    return result


def select(value: Value, index: Any, scope: Scope, known: Mapping[int, int] | None = None) -> Value:
    """Index a register, bit string or array.

    Raises:
        Refused: The value cannot be indexed, or the index is out of range.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = BitString(value & (1 << 64) - 1, 64)
    picked, single = positions(index, _size(value), scope)
    if isinstance(value, list):
        return value[picked[0]] if single else [value[i] for i in picked]
    if isinstance(value, Bits):
        return _assumed(Bits(tuple(value.indices[i] for i in picked)), known or {})
    if isinstance(value, Qubits):
        return Qubits(tuple(value.indices[i] for i in picked))
    assert isinstance(value, BitString)
    return value.select(picked)


def convert(value: Value, target: Any, scope: Scope) -> Value:
    """Cast a known value to a declared classical type.

    Raises:
        Refused: The type is not supported, or the value does not suit it.
    """
    size = getattr(target, "size", None)
    width = None if size is None else integer(evaluate(size, scope), "the width")
    if width is not None and not 1 <= width <= 1024:
        raise refuse(target, f"a type of {width} bits is not supported", rule="1 to 1024 bits")
    match target:
        case ast.BoolType():
            return truth(value)
        case ast.IntType() | ast.UintType():
            return _wrapped(truncated(value), width, signed=isinstance(target, ast.IntType))
        case ast.FloatType() | ast.AngleType():
            return value if isinstance(value, Affine) else float(number(value))
        case ast.BitType():
            known = value.value if isinstance(value, BitString) else integer(value)
            return BitString(known & ((1 << (width or 1)) - 1), width or 1)
        case ast.DurationType() if isinstance(value, Duration):
            return value
    raise refuse(target, f"{type(target).__name__} values are not supported")


def _wrapped(value: int, width: int | None, signed: bool) -> int:
    if width is None:
        return value
    value &= (1 << width) - 1
    return value - (1 << width) if signed and value >> (width - 1) else value


def free_bits(node: Any, scope: Scope) -> list[int]:
    """The measured bits an expression reads, in order of first use."""
    if isinstance(node, ast.Identifier | ast.IndexExpression):
        value = evaluate(node, scope)
        return list(value.indices) if isinstance(value, Bits) else []
    found: list[int] = []
    for child in vars(node).values():
        for item in child if isinstance(child, list) else [child]:
            if isinstance(item, ast.Expression) and not isinstance(child, str):
                found.extend(bit for bit in free_bits(item, scope) if bit not in found)
    return found
