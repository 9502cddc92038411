"""Finds the plain statements of an OpenQASM 3 program and builds their syntax tree nodes.

Plain statements make up most of a long circuit: gates without modifiers, measurements, resets and barriers at
the top level, with names or single elements as operands and arithmetic of numbers, names and functions as
angles.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from openqasm3 import ast

from shared.circuits.scan import Token

_WORD: Final = re.compile(r"[^\W\d]\w*")
_INTEGER: Final = re.compile(r"[0-9]{1,18}")
_FLOAT: Final = re.compile(r"(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+")
_BINARY: Final = {"+": (1, 2), "-": (1, 2), "*": (3, 4), "/": (3, 4), "%": (3, 4), "**": (8, 7)}
"""Operator -> left and right binding power; `**` is right-associative."""
_SIGN_POWER: Final = 5
_DEPTH: Final = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_KEYWORDS: Final = frozenset(
    """OPENQASM include defcalgrammar def cal defcal gate extern box let break continue if else end
    return for while in switch case default nop pragma input output const readonly mutable qreg qubit
    creg bool bit int uint float angle complex array void duration stretch gphase inv pow ctrl negctrl
    dim durationof delay reset measure barrier true false sizeof opaque im""".split()
)


@dataclass(frozen=True, slots=True)
class Plain:
    """One plain statement and its position in the text (offsets, including the semicolon)."""

    node: Any
    start: int
    end: int
    n_tokens: int


def plain_statements(found: list[Token]) -> list[Plain]:
    """Return the plain statements among the tokens, in order.

    A statement counts only between two semicolons outside all brackets, so that it cannot be the body of a
    loop or conditional.
    """
    result: list[Plain] = []
    depth = 0
    first: int | None = None
    for position, token in enumerate(found):
        depth += _DEPTH.get(token.text, 0)
        if token.text == ";" and depth == 0:
            if first is not None and position > first:
                node = _Reader(found[first:position]).statement()
                if node is not None:
                    result.append(Plain(node, found[first].offset, token.offset + 1, position - first + 1))
            first = position + 1
    return result


class _Reader:
    """Reads one statement; every method returns None if it is not plain."""

    def __init__(self, found: list[Token]) -> None:
        self.found = found
        self.next = 0

    def statement(self) -> Any:
        read = _SPECIAL.get(self._peek())
        if read is not None:
            return read(self)
        token = self.found[0]
        first = self._operand()
        if first is None:
            return None
        if self._skip("="):
            return self._assigned_measurement(first, token)
        if not isinstance(first, ast.Identifier):
            return None
        arguments = self._listed(self._expression, ")") if self._skip("(") else []
        qubits = self._listed(self._operand, None) if arguments is not None else None
        return None if qubits is None else _at(ast.QuantumGate([], first, arguments, qubits, None), token)

    def _assigned_measurement(self, target: Any, token: Token) -> Any:
        at = self.next
        if not self._skip("measure"):
            return None
        qubit = self._operand()
        if qubit is None or self.next != len(self.found):
            return None
        measure = _at(ast.QuantumMeasurement(qubit), self.found[at])
        return _at(ast.QuantumMeasurementStatement(measure, target), token)

    def _measurement(self) -> Any:
        token = self.found[0]
        self.next = 1
        qubit = self._operand()
        if qubit is None or not self._skip("->"):
            return None
        target = self._operand()
        if target is None or self.next != len(self.found):
            return None
        measure = _at(ast.QuantumMeasurement(qubit), token)
        return _at(ast.QuantumMeasurementStatement(measure, target), token)

    def _reset(self) -> Any:
        self.next = 1
        qubit = self._operand()
        whole = qubit is not None and self.next == len(self.found)
        return _at(ast.QuantumReset(qubit), self.found[0]) if whole else None

    def _barrier(self) -> Any:
        self.next = 1
        qubits = self._listed(self._operand, None)
        return _at(ast.QuantumBarrier(qubits), self.found[0]) if qubits is not None else None

    def _peek(self) -> str:
        return self.found[self.next].text if self.next < len(self.found) else ""

    def _skip(self, mark: str) -> bool:
        met = self._peek() == mark
        self.next += met
        return met

    def _placed(self, node: Any) -> Any:
        token = self.found[self.next]
        self.next += 1
        return _at(node, token)

    def _name(self) -> Any:
        text = self._peek()
        if not _WORD.fullmatch(text) or text in _KEYWORDS:
            return None
        return self._placed(ast.Identifier(text))

    def _listed(self, item: Any, closing: str | None) -> list[Any] | None:
        items = []
        while True:
            node = item()
            if node is None:
                return None
            items.append(node)
            if not self._skip(","):
                done = self.next == len(self.found) if closing is None else self._skip(closing)
                return items if done else None

    def _expression(self, power: int = 0) -> Any:
        left = self._signed()
        while left is not None and (found := _BINARY.get(self._peek())) is not None and found[0] >= power:
            sign = ast.BinaryOperator[self._peek()]
            self.next += 1
            right = self._expression(found[1])
            if right is None:
                return None
            span, left = left.span, ast.BinaryExpression(sign, left, right)
            left.span = span
        return left

    def _signed(self) -> Any:
        if self._peek() == "-":
            sign = self._placed(ast.UnaryExpression(ast.UnaryOperator["-"], None))
            sign.expression = self._expression(_SIGN_POWER)
            return sign if sign.expression is not None else None
        if self._peek() == "(":
            token = self.found[self.next]
            self.next += 1
            inner = self._expression()
            return _at(inner, token) if inner is not None and self._skip(")") else None
        return self._atom()

    def _atom(self) -> Any:
        text = self._peek()
        if _INTEGER.fullmatch(text):
            return self._placed(ast.IntegerLiteral(int(text)))
        if _FLOAT.fullmatch(text):
            return self._placed(ast.FloatLiteral(float(text)))
        name = self._placed(ast.Identifier(text)) if text == "pow" else self._name()
        if name is None or self._peek() == "[" or (text == "pow" and self._peek() != "("):
            return None
        if not self._skip("("):
            return name
        arguments = self._listed(self._expression, ")")
        if arguments is None:
            return None
        call = ast.FunctionCall(name, arguments)
        call.span = name.span
        return call

    def _operand(self) -> Any:
        name = self._name()
        if name is None or not self._skip("["):
            return name
        if not _INTEGER.fullmatch(self._peek()):
            return None
        index = self._placed(ast.IntegerLiteral(int(self._peek())))
        if not self._skip("]"):
            return None
        operand = ast.IndexedIdentifier(name, [[index]])
        operand.span = name.span
        return operand


def _at(node: Any, token: Token) -> Any:
    column = token.column - 1
    node.span = ast.Span(token.line, column, token.line, column + len(token.text) - 1)
    return node


_SPECIAL: Final[dict[str, Callable[[_Reader], Any]]] = {
    "measure": _Reader._measurement,
    "reset": _Reader._reset,
    "barrier": _Reader._barrier,
}
