"""Quotients of whole numbers where OpenQASM 3 wants a real one.

The language divides integers towards zero, so that `pow(1/2) @ x` is no root of X and `rx(3/2*pi)` turns by
pi; the `stdgates.inc` of the specification itself is written so up to version 3.1 (openqasm/openqasm, issue
528), and so are products such as `(1/2)*theta`. Between two literals nobody means it: such a file is refused.
"""

from typing import Any, Final

from openqasm3 import ast

from shared.circuit.functions import FUNCTIONS
from shared.circuit.limits import Refused

_REAL: Final = frozenset(("+", "-", "*", "/", "**"))


def check_quotients(node: Any) -> None:
    """Refuse a quotient of two integer literals with a remainder in an expression of real numbers.

    Looks into sums, products, powers, signs and built-in functions; not into casts, indices and comparisons.

    Raises:
        Refused: There is one; with its place.
    """
    match node:
        case ast.BinaryExpression() if node.op.name in _REAL:
            if node.op.name == "/":
                _check(node)
            check_quotients(node.lhs)
            check_quotients(node.rhs)
        case ast.UnaryExpression() if node.op.name == "-":
            check_quotients(node.expression)
        case ast.FunctionCall() if node.name.name in FUNCTIONS:
            for argument in node.arguments:
                check_quotients(argument)
        case ast.ArrayLiteral():
            for item in node.values:
                check_quotients(item)


def check_converted(node: Any, kind: Any) -> None:
    """As `check_quotients`, where the expression becomes a float or an angle; others are not checked."""
    if isinstance(kind, ast.FloatType | ast.AngleType):
        check_quotients(node)


def _check(node: Any) -> None:
    a, b = _literal(node.lhs), _literal(node.rhs)
    if a is None or not b or a % b == 0:
        return
    whole = abs(a) // abs(b) * (1 if a * b > 0 else -1)
    span = getattr(node, "span", None)
    line, column = (span.start_line, span.start_column + 1) if span is not None else (None, None)
    raise Refused(
        f"{a} / {b} divides integers, which gives {whole} in OpenQASM 3",
        line,
        column,
        rule="a quotient of integers has no remainder where an angle, a power or a float is wanted",
        hint=f"write {a}.0 / {b}, or {whole} if that is meant",
    )


def _literal(node: Any) -> int | None:
    match node:
        case ast.IntegerLiteral():
            return int(node.value)
        case ast.UnaryExpression() if node.op.name == "-" and isinstance(node.expression, ast.IntegerLiteral):
            return -int(node.expression.value)
    return None
