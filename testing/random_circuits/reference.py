"""The reference: runs a program on dense density matrices, one for each history of its classical values.

It shares no code with the product. States are complex128[2^n, 2^n] with qubit 0 as the most significant bit,
not normalised: the trace is the probability of the history.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from testing.random_circuits import matrices
from testing.random_circuits.channels import conjugated, embedded, strike
from testing.random_circuits.matrices import Matrix
from testing.random_circuits.program import (
    Angle,
    Apply,
    Arithmetic,
    Assign,
    Barrier,
    Call,
    Declare,
    DeclareArray,
    Definition,
    Element,
    Expression,
    For,
    If,
    Kind,
    Literal,
    Measure,
    MeasureRange,
    Noise,
    Number,
    Operation,
    Parameter,
    Program,
    Reset,
    Statement,
    Switch,
    Variable,
    While,
)

NEGLIGIBLE = 1e-15
Values = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Answer:
    """The result of a program.

    Attributes:
        probabilities: by outcome, character i is bit i of the registers in order.
        state: the mixed state at the end, complex128[2^n, 2^n].
    """

    probabilities: dict[str, float]
    state: Matrix

    def expectation(self, pauli: str) -> float:
        """Return the expectation value of a Pauli string; character i acts on qubit i."""
        operator = np.eye(1, dtype=complex)
        for letter in pauli:
            operator = np.kron(operator, matrices.PAULIS[letter])
        return float(np.trace(operator @ self.state).real)


def run(program: Program, noise: Noise | None = None) -> Answer:
    """Return the exact distribution of the program's bits and its final state."""
    return _Runner(program, noise or Noise()).answer()


class _Runner:
    def __init__(self, program: Program, noise: Noise) -> None:
        self.program = program
        self.noise = noise
        self.n = program.n_qubits
        self.gates = {gate.name: gate for gate in program.definitions}
        self.subroutines = {item.name: item for item in program.subroutines}
        self.qubits = tuple(range(program.n_qubits))
        self.unitaries: dict[tuple[str, tuple[float, ...]], Matrix] = {}

    def answer(self) -> Answer:
        state = np.zeros((1 << self.n, 1 << self.n), dtype=complex)
        state[0, 0] = 1.0
        values: Values = tuple((name, 0) for name, _ in self.program.registers)
        ends = self.block(self.program.statements, {values: state})
        found: dict[str, float] = {}
        for course, matrix in ends.items():
            bits = dict(course)
            outcome = "".join(
                str(bits[name] >> i & 1) for name, width in self.program.registers for i in range(width)
            )
            found[outcome] = found.get(outcome, 0.0) + float(np.trace(matrix).real)
        return Answer(found, np.asarray(sum(ends.values())))

    def block(self, statements: Iterable[Statement], courses: dict[Values, Matrix]) -> dict[Values, Matrix]:
        for item in statements:
            after: dict[Values, Matrix] = {}
            for values, state in courses.items():
                for end, matrix in self.statement(item, dict(values), state):
                    key = tuple(sorted(end.items()))
                    after[key] = after[key] + matrix if key in after else matrix
            courses = after
        return courses

    def nested(
        self, statements: Sequence[Statement], values: dict[str, int], state: Matrix
    ) -> list[tuple[dict[str, int], Matrix]]:
        """Run a block; its declarations end with it."""
        ends = self.block(statements, {tuple(sorted(values.items())): state})
        return [
            ({name: value for name, value in course if name in values}, matrix)
            for course, matrix in ends.items()
        ]

    def statement(
        self, item: Statement, values: dict[str, int], state: Matrix
    ) -> list[tuple[dict[str, int], Matrix]]:
        match item:
            case Apply():
                return [(values, self.apply(item, state))]
            case Measure():
                return self.measure(item, values, state)
            case MeasureRange():
                name, width = item.register.name, item.register.kind.width
                return self.nested([Measure(item.first + i, name, i) for i in range(width)], values, state)
            case Reset():
                qubit = self.qubits[item.qubit]
                return [(values, self.struck("reset", (qubit,), self.reset(qubit, state)))]
            case Barrier() | Declare() | DeclareArray() | Assign():
                return [(self.classical(item, values), state)]
            case Call():
                return self.call(item, values, state)
            case _:
                return self.control(item, values, state)

    def classical(
        self, item: Barrier | Declare | DeclareArray | Assign, values: dict[str, int]
    ) -> dict[str, int]:
        match item:
            case Declare():
                return values | {item.variable.name: self.evaluate(item.value, values)}
            case DeclareArray():
                return values | {f"{item.name}[{i}]": value for i, value in enumerate(item.values)}
            case Assign():
                return self.stored(item.target, self.assigned(item, values), values)
        return values

    def call(self, item: Call, values: dict[str, int], state: Matrix) -> list[tuple[dict[str, int], Matrix]]:
        """Run a subroutine on its own values and qubits, and store its return value."""
        routine = self.subroutines[item.subroutine]
        actual = [self.evaluate(argument, values) for argument in item.arguments]
        inside = {formal.name: value for formal, value in zip(routine.parameters, actual, strict=True)}
        outside, self.qubits = self.qubits, tuple(self.qubits[i] for i in item.qubits)
        ends = self.block(routine.body, {tuple(sorted(inside.items())): state})
        self.qubits = outside
        found = []
        for course, matrix in ends.items():
            value = self.evaluate(routine.value, dict(course))
            found.append((self.stored(item.target, value, values), matrix))
        return found

    def control(
        self, item: If | For | Switch | While, values: dict[str, int], state: Matrix
    ) -> list[tuple[dict[str, int], Matrix]]:
        match item:
            case If():
                body = item.then if self.evaluate(item.condition, values) else item.otherwise
                return self.nested(body, values, state)
            case For():
                return self.nested(item.body * (item.last - item.first + 1), values, state)
            case Switch():
                target = self.evaluate(item.target, values)
                body = next((body for labels, body in item.cases if target in labels), item.default)
                return self.nested(body, values, state)
            case While():
                return self.repeat(item, values, state)

    def repeat(
        self, item: While, values: dict[str, int], state: Matrix
    ) -> list[tuple[dict[str, int], Matrix]]:
        done: list[tuple[dict[str, int], Matrix]] = []
        going = [(values, state)]
        while going:
            bindings, matrix = going.pop()
            if self.evaluate(item.condition, bindings):
                going += self.nested(item.body, bindings, matrix)
            else:
                done.append((bindings, matrix))
        return done

    # Quantum operations

    def apply(self, item: Apply, state: Matrix) -> Matrix:
        angles = tuple(real(angle, ()) for angle in item.angles)
        matrix = self.modified(item, angles)
        qubits = tuple(self.qubits[i] for i in item.qubits)
        return self.struck(item.gate, qubits, conjugated(matrix, qubits, state))

    def modified(self, item: Apply, angles: tuple[float, ...]) -> Matrix:
        matrix = self.unitary(item.gate, angles)
        for name, count in reversed(item.modifiers):
            if name == "inv":
                matrix = matrix.conj().T
            elif name == "pow":
                matrix = np.linalg.matrix_power(matrix if count >= 0 else matrix.conj().T, abs(count))
            else:
                matrix = matrices.controlled(matrix, count, int(name == "ctrl"))
        return matrix

    def unitary(self, name: str, angles: tuple[float, ...]) -> Matrix:
        if name not in self.gates:
            return matrices.matrix(name, list(angles))
        key = (name, angles)
        if key not in self.unitaries:
            self.unitaries[key] = self.defined(self.gates[name], angles)
        return self.unitaries[key]

    def defined(self, gate: Definition, angles: tuple[float, ...]) -> Matrix:
        whole = np.eye(1 << gate.n_qubits, dtype=complex)
        for item in gate.body:
            # A gate of the same name inside is the previous one: gates see only definitions above them.
            inner = self.modified(item, tuple(real(angle, angles) for angle in item.angles))
            whole = embedded(inner, item.qubits, gate.n_qubits) @ whole
        return whole

    def measure(
        self, item: Measure, values: dict[str, int], state: Matrix
    ) -> list[tuple[dict[str, int], Matrix]]:
        read = self.noise.readout or ((1.0, 0.0), (0.0, 1.0))
        qubit = self.qubits[item.qubit]
        ends = []
        for value in (0, 1):
            projected = conjugated(np.diag([1.0 - value, float(value)]).astype(complex), (qubit,), state)
            for seen in (0, 1):
                part = projected * read[value][seen]
                if np.trace(part).real > NEGLIGIBLE:
                    old = values[item.register]
                    new = old & ~(1 << item.index) | seen << item.index
                    ends.append((values | {item.register: new}, part))
        return ends

    def reset(self, qubit: int, state: Matrix) -> Matrix:
        lower = np.array([[0, 1], [0, 0]], dtype=complex)
        keep = np.diag([1.0 + 0j, 0.0])
        return conjugated(keep, (qubit,), state) + conjugated(lower, (qubit,), state)

    def struck(self, gate: str, qubits: tuple[int, ...], state: Matrix) -> Matrix:
        for error in self.noise.errors:
            wanted = error.rule.get("gates")
            if wanted is None or gate in wanted:  # type: ignore[operator]
                state = strike(error, qubits, state)
        return state

    # Classical values

    def assigned(self, item: Assign, values: dict[str, int]) -> int:
        value = self.evaluate(item.value, values)
        if item.op == "=":
            return value
        old = self.evaluate(item.target, values)
        return operate(item.op[:-1], item.target.kind, [old, value], [item.target.kind, item.value.kind])

    def stored(self, target: Variable | Element, value: int, values: dict[str, int]) -> dict[str, int]:
        if isinstance(target, Element):
            old = values[target.name]
            return values | {target.name: old & ~(1 << target.index) | (value & 1) << target.index}
        return values | {target.name: wrapped(value, target.kind)}

    def evaluate(self, value: Expression, values: dict[str, int]) -> int:
        match value:
            case Literal():
                return value.value
            case Variable():
                return values[value.name]
            case Element():
                return values[value.name] >> value.index & 1
            case Operation():
                operands = [self.evaluate(operand, values) for operand in value.operands]
                return operate(value.op, value.kind, operands, [part.kind for part in value.operands])


def operate(op: str, kind: Kind, operands: list[int], kinds: list[Kind]) -> int:
    """Return the value of an operation, of the type `kind`."""
    a, b = operands[0], operands[-1]
    if op in ("rotl", "rotr"):
        width = kinds[0].width
        shift = b % width if op == "rotl" else -b % width
        return wrapped(a << shift | a >> (width - shift), kind)
    if op == "-" and len(operands) == 1:
        return wrapped(-a, kind)
    return wrapped(int(OPERATORS[op](a, b)), kind)


OPERATORS: dict[str, Callable[[int, int], int]] = {
    "cast": lambda a, _: a, "!": lambda a, _: not a, "~": lambda a, _: ~a,
    "popcount": lambda a, b: a.bit_count() == b,
    "&&": lambda a, b: bool(a) and bool(b), "||": lambda a, b: bool(a) or bool(b),
    "==": operator.eq, "equals": operator.eq, "!=": operator.ne, "differs": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "+": operator.add, "-": operator.sub, "*": operator.mul,
    "&": operator.and_, "|": operator.or_, "^": operator.xor,
    "<<": operator.lshift, ">>": operator.rshift, "slice": operator.rshift,
    "/": operator.floordiv, "%": operator.mod,
}  # fmt: skip
"""For unsigned operands in division and remainder."""


def wrapped(value: int, kind: Kind) -> int:
    """Return the value in its type's range: unsigned modulo 2^w, signed in two's complement."""
    if kind.name == "bool":
        return int(value != 0)
    low = value & ((1 << kind.width) - 1)
    negative = kind.name == "int" and low >> (kind.width - 1)
    return low - (1 << kind.width) if negative else low


def real(angle: Angle, parameters: tuple[float, ...]) -> float:
    """Return the number of an angle."""
    match angle:
        case Number():
            return math.pi if angle.text == "pi" else float(angle.text)
        case Parameter():
            return parameters[angle.index]
        case Arithmetic():
            operands = [real(part, parameters) for part in angle.operands]
            a, b = operands[0], operands[-1]
            return {
                "+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b,
                "neg": lambda: -a, "sin": lambda: math.sin(a), "cos": lambda: math.cos(a),
            }[angle.op]()  # fmt: skip
