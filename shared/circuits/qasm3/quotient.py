"""Integer quotients where OpenQASM 3 requires a real number.

The language truncates integer division towards zero, so `pow(1/2) @ x` is no root of X and `rx(n/2)` rotates
by an integer number of radians; the specification's own `stdgates.inc` has this mistake up to version 3.1
(openqasm/openqasm, issue 528). It is almost never intended: an inexact quotient of known integers is rejected
wherever its value becomes a real number, whether written with literals, constants, variables or loop
variables. Where an integer is required, it keeps the language's meaning.

Source: OpenQASM 3 specification, "Classical instructions" (integer division) and "Implicit promotion".
"""

from typing import Any, Final

from openqasm3 import ast

from shared.circuits.classical.functions import FUNCTIONS
from shared.circuits.classical.values import (
    CONSTANTS,
    BitString,
    Duration,
    FixedAngle,
    Integer,
    Stored,
    Value,
    integer,
)
from shared.circuits.instruction import Affine
from shared.circuits.limits import Refused
from shared.circuits.qasm3.scope import Scope, Symbol

PROMOTING: Final = frozenset(("+", "-", "*", "/", "%", "**", "==", "!=", "<", "<=", ">", ">="))
"""Operators that promote both operands to real if either is."""
_ARITHMETIC: Final = PROMOTING - {"==", "!=", "<", "<=", ">", ">="}
ON_BITS: Final = frozenset(("popcount", "rotl", "rotr"))
"""Built-in functions of integers and bits, without promotion."""
PROMOTING_CALLS: Final = frozenset(("mod", "pow"))
"""Built-in functions of two integers or two real numbers."""


def is_real(kind: Any) -> bool:
    """Return whether values of a type, as named by the syntax tree, are real numbers."""
    return isinstance(kind, ast.FloatType | ast.AngleType)


def real_valued(node: Any, scope: Scope) -> bool:
    """Return whether an expression has a real type, without evaluating it; durations count as real."""
    match node:
        case ast.FloatLiteral() | ast.DurationLiteral() | ast.DurationOf():
            return True
        case ast.Identifier():
            symbol = scope.find(node.name)
            return node.name in CONSTANTS if symbol is None else _holds_real(symbol)
        case ast.IndexExpression():
            return real_valued(node.collection, scope)
        case ast.UnaryExpression():
            return node.op.name == "-" and real_valued(node.expression, scope)
        case ast.BinaryExpression():
            sides = (node.lhs, node.rhs)
            return node.op.name in _ARITHMETIC and any(real_valued(side, scope) for side in sides)
        case ast.Cast():
            return is_real(node.type)
        case ast.FunctionCall():
            return _gives_real(node, scope)
    return False


def _holds_real(symbol: Symbol) -> bool:
    value = symbol.value
    if isinstance(value, list):
        return bool(value) and (_holds_real(value[0]) if isinstance(value[0], Symbol) else False)
    if isinstance(value, Stored):
        return value.type.kind in ("float", "angle")
    return isinstance(value, float | FixedAngle | Affine | Duration)


def _gives_real(node: Any, scope: Scope) -> bool:
    name, runner = node.name.name, scope.root.runner
    if runner is not None and (returns := runner.returns(name)) is not None:
        return is_real(returns)
    if name in PROMOTING_CALLS:
        return any(real_valued(argument, scope) for argument in node.arguments)
    return name in FUNCTIONS and name not in ON_BITS


def check_quotient(node: Any, left: Value, right: Value) -> None:
    """Reject an inexact division of known integers where a real number is required.

    Args:
        node: the division, `ast.BinaryExpression`.
        left: the value of its left side.
        right: the value of its right side.

    Raises:
        Refused: It leaves a remainder; with its position.
    """
    a, b = _whole(left), _whole(right)
    if a is None or not b or a % b == 0:
        return
    whole = abs(a) // abs(b) * (1 if a * b > 0 else -1)
    literal = f"{a} / {b}"
    operands, cure = _texts(node) or (literal, f"{a}.0 / {b}")
    plain = operands == literal
    span = getattr(node, "span", None)
    line, column = (span.start_line, span.start_column + 1) if span is not None else (None, None)
    raise Refused(
        f"{operands} divides integers{'' if plain else f' ({literal})'}, which gives {whole} in OpenQASM 3",
        line,
        column,
        rule="a quotient of integers has no remainder where an angle, a power or a float is wanted",
        hint=f"write {cure}, or "
        + (f"{whole} if that is meant" if plain else f"int({operands}) if {whole} is meant"),
    )


def _whole(value: Value) -> int | None:
    return integer(value) if isinstance(value, int | Integer | BitString) else None


def _with_real(node: Any) -> Any:
    """Return the division as a division of real numbers."""
    left, right = node.lhs, node.rhs
    if isinstance(left, ast.IntegerLiteral):
        left = ast.FloatLiteral(float(left.value))
    elif isinstance(right, ast.IntegerLiteral):
        right = ast.FloatLiteral(float(right.value))
    else:
        left = ast.Cast(ast.FloatType(), left)
    return ast.BinaryExpression(node.op, left, right)


def _texts(node: Any) -> tuple[str, str] | None:
    """Return the division as written and as a division of reals, or None if it cannot be printed."""
    from openqasm3.printer import dumps

    try:
        return dumps(node), dumps(_with_real(node))
    except ValueError:  # the printer has no precedence for `sizeof`
        return None
