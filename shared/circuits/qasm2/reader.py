"""Reads OpenQASM 2 text into a circuit record, statement by statement.

Source: Cross et al., Open Quantum Assembly Language, arXiv:1707.03429.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

from novacron.errors import nearest
from shared.circuits.broadcast import broadcast
from shared.circuits.cursor import Cursor
from shared.circuits.gates import ELSEWHERE
from shared.circuits.instruction import Barrier, If, Instruction, Measure, Reset, count
from shared.circuits.limits import Budget, Limits, Refused
from shared.circuits.qasm2.definition import KEYWORDS, check_shape, read_gate
from shared.circuits.qasm2.expression import expression, value
from shared.circuits.qasm2.gate import (
    BUILT_IN,
    RECORD,
    AnyGate,
    Definition,
    Expander,
    Expansion,
    Native,
    placed,
)
from shared.circuits.qasm2.library import composed
from shared.circuits.record import CircuitRecord
from shared.circuits.scan import Token, shown

_NAME: Final = re.compile(r"[a-z][A-Za-z0-9_]*")
_INCLUDES: Final = ('"qelib1.inc"', "'qelib1.inc'")
_MISTAKEN: Final = {"stdgates.inc": "OpenQASM 2 has these gates in qelib1.inc"}
_MAX_DIGITS: Final = 4000
_OF_OPENQASM_3: Final = frozenset(
    "qubit bit bool int uint float angle complex array const let input output def extern else for while"
    " switch box delay duration stretch durationof ctrl negctrl inv pow gphase cal defcal return break"
    " continue end".split()
)
"""Words that begin a statement of OpenQASM 3 only."""


def read_qasm2(found: list[Token], limits: Limits) -> CircuitRecord:
    """Read OpenQASM 2 text from its tokens.

    Raises:
        Refused: The text is malformed or over the limits.
    """
    program = _Program(Cursor(found), limits)
    program.run()
    return program.record()


@dataclass(frozen=True, slots=True)
class _Register:
    kind: str  # qreg or creg
    first: int
    size: int

    @property
    def indices(self) -> tuple[int, ...]:
        return tuple(range(self.first, self.first + self.size))


class _Program:
    def __init__(self, cursor: Cursor, limits: Limits) -> None:
        self.cursor = cursor
        self.limits = limits
        self.budget = Budget(limits)
        self.expander = Expander(self.budget)
        self.names: dict[str, _Register | AnyGate] = {}
        """Names that the text declares; it may redeclare a library name."""
        self.library: Mapping[str, AnyGate] = BUILT_IN
        self.sizes = {"qreg": 0, "creg": 0}
        self.registers: list[tuple[str, int]] = []
        self.block: list[Instruction] = []

    def record(self) -> CircuitRecord:
        """Return the circuit read so far."""
        return CircuitRecord(self.sizes["qreg"], (), tuple(self.registers), tuple(self.block))

    def run(self) -> None:
        """Read all statements, the version line first."""
        self.cursor.take()
        self.cursor.take()
        self.cursor.expect(";", "after the version")
        while not self.cursor.done:
            self.budget.work(1)
            declare = _DECLARATIONS.get(self.cursor.token.text)
            if declare is not None:
                declare(self)
            else:
                self._operation(self.block, 0)

    def gate_of(self, token: Token) -> AnyGate:
        """Return the gate of this name; the text's own definitions take precedence over the library.

        Raises:
            Refused: There is none.
        """
        hint: str | None
        found = self.names.get(token.text) or self.library.get(token.text)
        if isinstance(found, Native | Definition):
            return found
        if found is not None:
            hint = "OpenQASM 2 assigns nothing; a measurement is written measure q -> c;"
            self._refuse(token, f"{token.text!r} is a register, not a gate", hint=hint)
        if token.text in _OF_OPENQASM_3:
            hint = "begin the file with OPENQASM 3.0; if it is one"
            self._refuse(token, f"{token.text!r} is a word of OpenQASM 3", hint=hint)
        if token.text in RECORD or token.text in composed():
            hint = 'add the line before it: include "qelib1.inc";'
        else:
            close = ELSEWHERE.get(token.text.lower()) or nearest(token.text, [*self.names, *self.library])
            hint = f"did you mean {close!r}?" if close else "define it with a gate statement before its use"
        self._refuse(token, f"gate {token.text!r} is not defined", hint=hint)

    def _refuse(
        self, token: Token, message: str, rule: str | None = None, hint: str | None = None
    ) -> NoReturn:
        raise Refused(message, token.line, token.column, rule, hint)

    def _new_name(self, what: str) -> Token:
        """Consume a name that the text declares here."""
        token = self.cursor.token
        if token.text in KEYWORDS or not _NAME.fullmatch(token.text):
            if token.text[:1].isalpha() or token.text[:1] == "_":
                rule = "names begin with a lower-case letter and are no keywords"
                self._refuse(token, f"{shown(token.text)} cannot be the name of a {what}", rule)
            self.cursor.fail(f"expected the name of a {what}")
        if token.text in self.names:
            self._refuse(token, f"{token.text!r} is already declared")
        return self.cursor.take()

    def include(self) -> None:
        """Read an include statement and add the library gates."""
        self.cursor.take()
        token = self.cursor.token
        if token.text[:1] not in ("'", '"') or not token.text:
            self.cursor.fail("expected a file name in quotes after include")
        if token.text not in _INCLUDES:
            self._refuse(
                token,
                f"the file {shown(token.text[1:-1])} cannot be included",
                "only qelib1.inc can be included",
                _MISTAKEN.get(token.text[1:-1], "paste the gate definitions into the circuit"),
            )
        self.cursor.take()
        self.cursor.expect(";", "after the include")
        self.library = {**composed(), **RECORD, **BUILT_IN}

    def declare_register(self) -> None:
        """Read a register declaration and number its qubits or bits."""
        kind = self.cursor.take().text
        token = self._new_name("register")
        self.cursor.expect("[", "and a size after the name of a register")
        at = self.cursor.token
        size = self.cursor.integer("the size of a register")
        self.cursor.expect("]", "after the size")
        self.cursor.expect(";", "after the declaration")
        if size == 0:
            self._refuse(at, f"register {token.text!r} has size 0", "sizes are positive")
        what, allowed = {
            "qreg": ("qubits", self.limits.qubits),
            "creg": ("classical bits", self.limits.bits),
        }[kind]
        total = self.sizes[kind] + size
        if total > allowed:
            self._refuse(at, f"the circuit declares {total} {what}", f"at most {allowed} {what}")
        self.names[token.text] = _Register(kind, self.sizes[kind], size)
        self.sizes[kind] = total
        if kind == "creg":
            self.registers.append((token.text, size))

    def define_gate(self) -> None:
        """Read a gate or opaque statement."""
        opaque = self.cursor.take().text == "opaque"
        name = self._new_name("gate")
        gate = read_gate(self.cursor, name, self.gate_of, self.limits, opaque=opaque)
        self.names[name.text] = gate

    def _operation(self, block: list[Instruction], depth: int) -> None:
        """Read an operation allowed under a condition, and append its instructions."""
        token = self.cursor.token
        operation = _OPERATIONS.get(token.text)
        if token.text == "if":
            self._condition(block, depth)
        elif operation is not None:
            self.cursor.take()
            self._emit(block, token, operation(self))
        elif token.text in BUILT_IN or (token.text not in KEYWORDS and token.text.isidentifier()):
            self._emit(block, token, self._application())
        elif token.text in KEYWORDS:
            self.cursor.fail("expected an operation")
        else:
            self.cursor.fail("expected a statement")

    def _emit(self, block: list[Instruction], token: Token, instructions: list[Instruction]) -> None:
        try:
            self.budget.spend(len(instructions))
        except Refused as error:
            self._refuse(token, error.message, error.rule, error.hint)
        block.extend(instructions)

    def _condition(self, block: list[Instruction], depth: int) -> None:
        token = self.cursor.take()
        if depth >= self.limits.nesting:
            self._refuse(token, f"conditions are nested deeper than {self.limits.nesting}")
        self.cursor.expect("(", "after if")
        bits = self._operand("creg")
        self.cursor.expect("==", "after the register: a condition is register == integer")
        wanted = self.cursor.integer("the compared value", _MAX_DIGITS)
        self.cursor.expect(")", "after the condition")
        then: list[Instruction] = []
        self._operation(then, depth + 1)
        if wanted < 1 << len(bits):
            self._emit(block, token, [If(bits, wanted, tuple(then))])
        else:  # value exceeds the register's range: never taken
            self.budget.instructions -= count(then)

    def _application(self) -> list[Instruction]:
        token = self.cursor.take()
        gate = self.gate_of(token)
        angles = self._angles() if self.cursor.skip("(") else ()
        operands = self._operands("qreg")
        check_shape(token, gate, len(angles), len(operands))
        body = self._applied(gate, angles, token)
        rows = self._rows(token, operands)
        return [placed(op, row) for row in rows for op in body]

    def _applied(self, gate: AnyGate, angles: tuple[float, ...], token: Token) -> Expansion:
        try:
            return self.expander.applied(gate, angles, token)
        except Refused as error:
            if error.line is None:
                error.line, error.column = token.line, token.column
            elif error.hint is None:
                error.hint = f"gate {token.text} is applied in line {token.line}, column {token.column}"
            raise

    def _angles(self) -> tuple[float, ...]:
        angles: list[float] = []
        if self.cursor.skip(")"):
            return ()
        while True:
            angles.append(value(expression(self.cursor, {}), ()))
            if not self.cursor.skip(","):
                self.cursor.expect(")", "or ',' after an angle")
                return tuple(angles)

    def _operands(self, kind: str) -> list[tuple[int, ...]]:
        """Read registers and elements up to the end of the statement."""
        operands = [self._operand(kind)]
        while self.cursor.skip(","):
            operands.append(self._operand(kind))
        self.cursor.expect(";", "or ',' after an operand")
        return operands

    def _operand(self, kind: str) -> tuple[int, ...]:
        token = self.cursor.token
        register = self.names.get(token.text)
        what = {"qreg": "qubit register", "creg": "classical register"}[kind]
        if not isinstance(register, _Register):
            if not token.text.isidentifier():
                self.cursor.fail(f"expected a {what}")
            close = nearest(token.text, [n for n, v in self.names.items() if isinstance(v, _Register)])
            self._refuse(
                token,
                f"{shown(token.text)} is not declared",
                hint=f"did you mean {close!r}?" if close else None,
            )
        if register.kind != kind:
            self._refuse(token, f"{token.text!r} is not a {what}")
        self.cursor.take()
        if not self.cursor.skip("["):
            return register.indices
        at = self.cursor.token
        index = self.cursor.integer("an index")
        self.cursor.expect("]", "after the index")
        if index >= register.size:
            rule = f"{token.text} has size {register.size}: 0 to {register.size - 1}"
            self._refuse(at, f"index {index} is out of range", rule)
        return (register.first + index,)

    def _rows(self, token: Token, operands: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
        try:
            return broadcast(operands)
        except Refused as error:
            self._refuse(token, error.message)

    def measure(self) -> list[Instruction]:
        """Read the rest of a measure statement."""
        at = self.cursor.token
        qubits = self._operand("qreg")
        self.cursor.expect("->", "and a classical bit after the measured qubit")
        bits = self._operand("creg")
        self.cursor.expect(";", "after the measurement")
        if len(qubits) != len(bits):
            self._refuse(at, f"{len(qubits)} qubits cannot be measured into {len(bits)} bits")
        return [Measure(qubit, bit) for qubit, bit in zip(qubits, bits, strict=True)]

    def reset(self) -> list[Instruction]:
        """Read the rest of a reset statement."""
        return [Reset(qubit) for operand in self._operands("qreg") for qubit in operand]

    def barrier(self) -> list[Instruction]:
        """Read the rest of a barrier statement."""
        named = [qubit for operand in self._operands("qreg") for qubit in operand]
        return [Barrier(tuple(dict.fromkeys(named)))]


_DECLARATIONS: Final[Mapping[str, Callable[[_Program], None]]] = {
    "include": _Program.include,
    "qreg": _Program.declare_register,
    "creg": _Program.declare_register,
    "gate": _Program.define_gate,
    "opaque": _Program.define_gate,
}
_OPERATIONS: Final[Mapping[str, Callable[[_Program], list[Instruction]]]] = {
    "measure": _Program.measure,
    "reset": _Program.reset,
    "barrier": _Program.barrier,
}
