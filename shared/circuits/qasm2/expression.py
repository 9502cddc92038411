"""Expressions of OpenQASM 2: angles of gates, as numbers or as functions of a gate's parameters.

Source: Cross et al., Open Quantum Assembly Language, arXiv:1707.03429, figure 5 (grammar).
"""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from novacron.errors import nearest
from shared.circuits.cursor import Cursor
from shared.circuits.limits import Refused
from shared.circuits.scan import Token, shown

Values: TypeAlias = Sequence[float]
Expression: TypeAlias = float | Callable[[Values], float]
"""A number, or a function of the parameters of the enclosing gate."""

FUNCTIONS: Final[Mapping[str, Callable[[float], float]]] = {
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "exp": math.exp, "ln": math.log, "sqrt": math.sqrt,
}  # fmt: skip
_NUMBER: Final = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_BINARY: Final[Mapping[str, tuple[int, int, Callable[[float, float], float]]]] = {
    "+": (1, 2, operator.add),
    "-": (1, 2, operator.sub),
    "*": (3, 4, operator.mul),
    "/": (3, 4, operator.truediv),
    "^": (8, 7, math.pow),
}
"""Operator -> (left binding power, right binding power, function); `^` is right-associative."""
_SIGN_POWER: Final = 5
"""Binding power of a sign: tighter than `*`, looser than `^`, so -2^2 is -4."""


def expression(cursor: Cursor, parameters: Mapping[str, int], power: int = 0) -> Expression:
    """Read an expression.

    Args:
        cursor: Positioned at the first token; left behind the last.
        parameters: Position of each parameter of the enclosing gate.
        power: Minimum binding power; a weaker operator ends the expression.

    Raises:
        Refused: A syntax error, an unknown name, or a constant part without a finite value.
    """
    left = _prefix(cursor, parameters)
    while (found := _BINARY.get(cursor.token.text)) is not None and found[0] >= power:
        sign = cursor.take()
        left = _combined(sign, found[2], left, expression(cursor, parameters, found[1]))
    return left


def value(found: Expression, values: Values) -> float:
    """Evaluate an expression, given the enclosing gate's parameters.

    Raises:
        Refused: It has no finite value; placed at the operator or function.
    """
    return found if isinstance(found, float) else found(values)


_AMPLITUDES: Final = (
    "of amplitudes that Qiskit writes with a gate: decompose the circuit before it is exported"
)


def _prefix(cursor: Cursor, parameters: Mapping[str, int]) -> Expression:
    token = cursor.token
    if token.text in ("-", "+"):
        cursor.take()
        inner = expression(cursor, parameters, _SIGN_POWER)
        return inner if token.text == "+" else _applied(token, operator.neg, inner)
    if token.text == "(":
        cursor.take()
        inner = expression(cursor, parameters)
        cursor.expect(")", "after the expression")
        return inner
    if _NUMBER.fullmatch(token.text):
        return _finite(cursor.take(), float(token.text))
    if token.text == "pi":
        cursor.take()
        return math.pi
    return _named(cursor, parameters)


def _named(cursor: Cursor, parameters: Mapping[str, int]) -> Expression:
    token = cursor.token
    if token.text in FUNCTIONS:
        cursor.take()
        cursor.expect("(", f"after {token.text}")
        argument = expression(cursor, parameters)
        cursor.expect(")", f"after the argument of {token.text}")
        return _applied(token, FUNCTIONS[token.text], argument)
    if token.text in parameters:
        cursor.take()
        return operator.itemgetter(parameters[token.text])
    if token.text.endswith("j") and _NUMBER.fullmatch(token.text[:-1]):
        problem = f"angles are real, and {shown(token.text)} is imaginary"
        raise Refused(problem, token.line, token.column, hint=_AMPLITUDES)
    if not token.text.isidentifier():
        cursor.fail("expected a number, a parameter or an expression")
    close = nearest(token.text, [*parameters, *FUNCTIONS, "pi"])
    raise Refused(
        f"{shown(token.text)} is neither a number nor a parameter of the gate",
        token.line,
        token.column,
        rule="angles are made of numbers, pi, the gate's own parameters, and " + ", ".join(FUNCTIONS),
        hint=f"did you mean {close!r}?" if close else None,
    )


def _applied(token: Token, function: Callable[[float], float], argument: Expression) -> Expression:
    if isinstance(argument, float):
        return _checked(token, function, argument)
    return lambda values: _checked(token, function, argument(values))


def _combined(
    token: Token, function: Callable[[float, float], float], left: Expression, right: Expression
) -> Expression:
    if isinstance(left, float) and isinstance(right, float):
        return _checked(token, function, left, right)
    return lambda values: _checked(token, function, value(left, values), value(right, values))


def _checked(token: Token, function: Callable[..., float], *operands: float) -> float:
    """Evaluate an operator or function, whose value must be a finite real number."""
    try:
        return _finite(token, float(function(*operands)), *operands)
    except ZeroDivisionError:
        problem = "is a division by zero"
    except ValueError:
        problem = "has no real value"
    except OverflowError:
        problem = "is not finite"
    raise Refused(f"{_written(token.text, operands)} {problem}", token.line, token.column)


def _finite(token: Token, result: float, *operands: float) -> float:
    if not math.isfinite(result):
        raise Refused(f"{_written(token.text, operands)} is not finite", token.line, token.column)
    return result


def _written(sign: str, operands: Sequence[float]) -> str:
    if not operands:
        return shown(sign)
    if len(operands) == 2:
        return f"{operands[0]:g} {sign} {operands[1]:g}"
    return f"{sign}({operands[0]:g})"
