"""Finds the plain gate statements of an OpenQASM 3 program and builds their syntax tree nodes.

Plain is what long circuits are made of: `name(angles) operands;` at the top level, angles being products and
quotients of numbers and pi, operands being names or single elements.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from openqasm3 import ast

from shared.circuit.scan import Token

_WORD: Final = re.compile(r"[^\W\d]\w*")
_INTEGER: Final = re.compile(r"[0-9]{1,18}")
_FLOAT: Final = re.compile(r"[0-9]+\.[0-9]*|\.[0-9]+")
_DEPTH: Final = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_KEYWORDS: Final = frozenset(
    """OPENQASM include defcalgrammar def cal defcal gate extern box let break continue if else end
    return for while in switch case default nop pragma input output const readonly mutable qreg qubit
    creg bool bit int uint float angle complex array void duration stretch gphase inv pow ctrl negctrl
    dim durationof delay reset measure barrier true false sizeof opaque im""".split()
)


@dataclass(frozen=True, slots=True)
class Plain:
    """One plain statement and where it stands in the text (offsets, the semicolon included)."""

    node: Any
    start: int
    end: int


def plain_statements(found: list[Token]) -> list[Plain]:
    """The plain gate statements among the tokens, in order.

    A statement counts only if it stands between two semicolons outside of all brackets, so that it cannot be
    the body of a loop or condition.
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
                    result.append(Plain(node, found[first].offset, token.offset + 1))
            first = position + 1
    return result


class _Reader:
    """Reads one statement; any method gives None where it is not plain."""

    def __init__(self, found: list[Token]) -> None:
        self.found = found
        self.next = 0

    def statement(self) -> Any:
        name = self._name()
        if name is None:
            return None
        arguments = self._listed(self._angle, ")") if self._skip("(") else []
        if arguments is None:
            return None
        qubits = self._listed(self._operand, None)
        if qubits is None:
            return None
        gate = ast.QuantumGate([], name, arguments, qubits, None)
        gate.span = name.span
        return gate

    def _peek(self) -> str:
        return self.found[self.next].text if self.next < len(self.found) else ""

    def _skip(self, mark: str) -> bool:
        met = self._peek() == mark
        self.next += met
        return met

    def _placed(self, node: Any) -> Any:
        token = self.found[self.next]
        column = token.column - 1
        node.span = ast.Span(token.line, column, token.line, column + len(token.text) - 1)
        self.next += 1
        return node

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

    def _angle(self) -> Any:
        node = self._signed()
        while node is not None and self._peek() in ("*", "/"):
            sign = ast.BinaryOperator[self._peek()]
            self.next += 1
            right = self._signed()
            if right is None:
                return None
            span, node = node.span, ast.BinaryExpression(sign, node, right)
            node.span = span
        return node

    def _signed(self) -> Any:
        text = self._peek()
        if text == "-":
            sign = self._placed(ast.UnaryExpression(ast.UnaryOperator["-"], None))
            sign.expression = self._number()
            return sign if sign.expression is not None else None
        return self._number()

    def _number(self) -> Any:
        text = self._peek()
        if _INTEGER.fullmatch(text):
            return self._placed(ast.IntegerLiteral(int(text)))
        if _FLOAT.fullmatch(text):
            return self._placed(ast.FloatLiteral(float(text)))
        return self._placed(ast.Identifier(text)) if text in ("pi", "π") else None

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
