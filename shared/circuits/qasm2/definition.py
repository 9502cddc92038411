"""Gate definitions of OpenQASM 2, fully checked at the definition."""

import re
from collections.abc import Callable
from typing import Final

from novacron.errors import nearest
from shared.circuits.cursor import Cursor
from shared.circuits.limits import Limits, Refused
from shared.circuits.qasm2.expression import FUNCTIONS, Expression, expression
from shared.circuits.qasm2.gate import AnyGate, Call, Definition
from shared.circuits.scan import Token, shown

KEYWORDS: Final = frozenset(
    "OPENQASM include qreg creg gate opaque measure reset barrier if pi U CX".split()
) | frozenset(FUNCTIONS)
_ONLY: Final = "gate bodies hold gates, barriers and resets on their own qubits"
_DELAY: Final = re.compile(r"delay(_\d+)?")
"""Opaque gates by which Qiskit exports delays; they have no effect."""


def read_gate(
    cursor: Cursor, name: Token, gate_of: Callable[[Token], AnyGate], limits: Limits, *, opaque: bool
) -> Definition:
    """Read a gate definition from behind its name to its end.

    Args:
        cursor: Positioned behind the name.
        name: The name.
        gate_of: Looks up the gates known so far; the gate itself is not among them.
        limits: Maximum nesting of definitions.
        opaque: Whether the gate has no body.

    Raises:
        Refused: A syntax error, or a body that uses anything but known gates, its own parameters and qubits.
    """
    names: list[str] = []
    parameters = {}
    if cursor.skip("(") and not cursor.skip(")"):
        parameters = _names(cursor, names, "parameter")
        cursor.expect(")", "or ',' after a parameter")
    qubits = _names(cursor, names, "qubit")
    if opaque:
        cursor.expect(";", "or ',' after a qubit")
        idle = _DELAY.fullmatch(name.text) and len(parameters) == len(qubits) == 1
        return Definition(name.text, len(parameters), len(qubits), () if idle else None)
    cursor.expect("{", "or ',' after a qubit")
    body = _Body(cursor, name, parameters, qubits, gate_of).calls()
    depth = 1 + max((call.gate.depth for call in body if isinstance(call.gate, Definition)), default=0)
    if depth > limits.nesting:
        problem = f"the definition of gate {name.text} is nested deeper than {limits.nesting}"
        raise Refused(problem, name.line, name.column, rule=f"at most {limits.nesting} levels")
    return Definition(name.text, len(parameters), len(qubits), body, depth)


def check_shape(token: Token, gate: AnyGate, n_angles: int, n_qubits: int) -> None:
    """Reject an application whose number of angles or qubits differs from the gate's."""
    for wanted, given, what in ((gate.n_angles, n_angles, "angles"), (gate.n_qubits, n_qubits, "qubits")):
        if wanted != given:
            problem = f"gate {token.text} takes {wanted} {what}, not {given}"
            raise Refused(problem, token.line, token.column)


def _names(cursor: Cursor, taken: list[str], what: str) -> dict[str, int]:
    """Read comma-separated names; return them with their positions."""
    found: dict[str, int] = {}
    while True:
        token = cursor.token
        if token.text in KEYWORDS or not (token.text.isidentifier() and token.text.isascii()):
            cursor.fail(f"expected the name of a {what}")
        if token.text in taken:
            problem = f"{token.text!r} names two parameters or qubits of the gate"
            raise Refused(problem, token.line, token.column)
        taken.append(token.text)
        found[cursor.take().text] = len(found)
        if not cursor.skip(","):
            return found


class _Body:
    def __init__(
        self,
        cursor: Cursor,
        name: Token,
        parameters: dict[str, int],
        qubits: dict[str, int],
        gate_of: Callable[[Token], AnyGate],
    ) -> None:
        self.cursor = cursor
        self.name = name
        self.parameters = parameters
        self.qubits = qubits
        self.gate_of = gate_of

    def calls(self) -> tuple[Call, ...]:
        """Read the statements up to the closing brace."""
        found = []
        while not self.cursor.skip("}"):
            found.append(self._call())
        return tuple(found)

    def _call(self) -> Call:
        token = self.cursor.token
        if token.text == "barrier" or token.text == "reset":
            self.cursor.take()
            return Call("barrier" if token.text == "barrier" else "reset", (), self._operands(token))
        if (token.text in KEYWORDS and token.text not in ("U", "CX")) or not token.text.isidentifier():
            if token.text in KEYWORDS:
                problem = f"{token.text} is not allowed in the definition of gate {self.name.text}"
                raise Refused(problem, token.line, token.column, rule=_ONLY)
            self.cursor.fail(f"expected a gate or '}}' in the definition of gate {self.name.text}")
        gate = self.gate_of(token)
        self.cursor.take()
        angles = self._angles() if self.cursor.skip("(") else ()
        qubits = self._operands(token)
        check_shape(token, gate, len(angles), len(qubits))
        return Call(gate, angles, qubits)

    def _angles(self) -> tuple[Expression, ...]:
        if self.cursor.skip(")"):
            return ()
        found = [expression(self.cursor, self.parameters)]
        while self.cursor.skip(","):
            found.append(expression(self.cursor, self.parameters))
        self.cursor.expect(")", "or ',' after an angle")
        return tuple(found)

    def _operands(self, gate: Token) -> tuple[int, ...]:
        found = [self._operand()]
        while self.cursor.skip(","):
            found.append(self._operand())
        self.cursor.expect(";", "or ',' after a qubit")
        if len(set(found)) != len(found):
            raise Refused("the same qubit is used twice in one gate", gate.line, gate.column)
        return tuple(found)

    def _operand(self) -> int:
        token = self.cursor.token
        if token.text in self.qubits:
            self.cursor.take()
            return self.qubits[token.text]
        if not token.text.isidentifier():
            self.cursor.fail("expected a qubit of the gate")
        close = nearest(token.text, self.qubits)
        raise Refused(
            f"{shown(token.text)} is not a qubit of gate {self.name.text}",
            token.line,
            token.column,
            rule=_ONLY,
            hint=f"did you mean {close!r}?" if close else None,
        )
