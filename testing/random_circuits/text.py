"""Programs as OpenQASM text."""

from __future__ import annotations

from collections.abc import Iterable

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
    Literal,
    Measure,
    MeasureRange,
    Number,
    Operation,
    Parameter,
    Program,
    Reset,
    Statement,
    Subroutine,
    Switch,
    Variable,
    While,
)

LIBRARIES = {2: "qelib1.inc", 3: "stdgates.inc"}


def write(program: Program) -> str:
    """Return the program's text."""
    return "\n".join(_Writer(program).lines()) + "\n"


class _Writer:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.old = program.language == 2
        self.qubits = [f"q[{i}]" for i in range(program.n_qubits)]

    def lines(self) -> Iterable[str]:
        program = self.program
        yield f"OPENQASM {program.language}.0;"
        if program.include:
            yield f'include "{LIBRARIES[program.language]}";'
        for definition in program.definitions:
            yield self.definition(definition)
        for subroutine in program.subroutines:
            yield self.subroutine(subroutine)
        yield f"qreg q[{program.n_qubits}];" if self.old else f"qubit[{program.n_qubits}] q;"
        for name, width in program.registers:
            yield f"creg {name}[{width}];" if self.old else f"bit[{width}] {name};"
        for statement in program.statements:
            yield from self.statement(statement)

    def definition(self, gate: Definition) -> str:
        parameters = f"({', '.join(f'p{i}' for i in range(gate.n_parameters))})" if gate.n_parameters else ""
        qubits = ", ".join(f"a{i}" for i in range(gate.n_qubits))
        body = " ".join(self.apply(item, [f"a{i}" for i in item.qubits]) for item in gate.body)
        return f"gate {gate.name}{parameters} {qubits} {{ {body} }}"

    def subroutine(self, item: Subroutine) -> str:
        names = [f"a{i}" for i in range(item.n_qubits)]
        formal = ", ".join(
            [*(f"qubit {name}" for name in names), *(f"{v.kind.text} {v.name}" for v in item.parameters)]
        )
        outside, self.qubits = self.qubits, names
        body = " ".join(line for part in item.body for line in self.statement(part))
        self.qubits = outside
        head = f"def {item.name}({formal}) -> {item.value.kind.text}"
        return f"{head} {{ {body} return {expression(item.value)}; }}"

    def apply(self, item: Apply, names: list[str]) -> str:
        modifiers = "".join(_modifier(*modifier) for modifier in item.modifiers)
        angles = f"({', '.join(map(angle, item.angles))})" if item.angles else ""
        return f"{modifiers}{item.gate}{angles} {', '.join(names)};"

    def block(self, statements: Iterable[Statement]) -> str:
        return "{ " + " ".join(line for item in statements for line in self.statement(item)) + " }"

    def statement(self, item: Statement) -> Iterable[str]:
        """Yield the lines of a statement."""
        match item:
            case Apply():
                yield self.apply(item, [self.qubits[i] for i in item.qubits])
            case Measure():
                yield self.measured(f"{item.register}[{item.index}]", self.qubits[item.qubit])
            case MeasureRange():
                yield self.range(item)
            case Reset():
                yield f"reset {self.qubits[item.qubit]};"
            case Barrier():
                yield f"barrier {', '.join(self.qubits)};"
            case Declare() | DeclareArray() | Assign() | Call():
                yield self.classical(item)
            case _:
                yield self.control(item)

    def measured(self, target: str, source: str) -> str:
        return f"measure {source} -> {target};" if self.old else f"{target} = measure {source};"

    def range(self, item: MeasureRange) -> str:
        last = item.first + item.register.kind.width - 1
        whole = item.first == 0 and last == self.program.n_qubits - 1
        return self.measured(item.register.name, "q" if whole else f"q[{item.first}:{last}]")

    def classical(self, item: Declare | DeclareArray | Assign | Call) -> str:
        match item:
            case Declare():
                return f"{item.variable.kind.text} {item.variable.name} = {expression(item.value)};"
            case DeclareArray():
                values = ", ".join(literal(Literal(item.kind, value)) for value in item.values)
                return f"array[{item.kind.text}, {len(item.values)}] {item.name} = {{{values}}};"
            case Assign():
                return f"{expression(item.target)} {item.op} {expression(item.value)};"
            case Call():
                actual = [*(self.qubits[i] for i in item.qubits), *map(expression, item.arguments)]
                return f"{expression(item.target)} = {item.subroutine}({', '.join(actual)});"

    def control(self, item: If | While | For | Switch) -> str:
        match item:
            case If() if self.old:
                (inner,) = item.then
                return f"if ({expression(item.condition)[1:-1]}) {''.join(self.statement(inner))}"
            case If():
                otherwise = f" else {self.block(item.otherwise)}" if item.otherwise else ""
                return f"if ({expression(item.condition)}) {self.block(item.then)}{otherwise}"
            case While():
                return f"while ({expression(item.condition)}) {self.block(item.body)}"
            case For():
                return f"for int i in [{item.first}:{item.last}] {self.block(item.body)}"
            case Switch():
                return self.switch(item)

    def switch(self, item: Switch) -> str:
        cases = " ".join(
            f"case {', '.join(map(str, labels))} {self.block(body)}" for labels, body in item.cases
        )
        return f"switch ({expression(item.target)}) {{ {cases} default {self.block(item.default)} }}"


def _modifier(name: str, count: int) -> str:
    if name == "inv":
        return "inv @ "
    if name != "pow" and count == 1:
        return f"{name} @ "
    return f"{name}({count}) @ "


def angle(value: Angle) -> str:
    """Return an angle's text, fully parenthesized."""
    match value:
        case Number():
            return value.text
        case Parameter():
            return f"p{value.index}"
        case Arithmetic(op="neg"):
            return f"(-{angle(value.operands[0])})"
        case Arithmetic(op="sin" | "cos"):
            return f"{value.op}({angle(value.operands[0])})"
        case Arithmetic():
            left, right = map(angle, value.operands)
            return f"({left} {value.op} {right})"


def expression(value: Expression) -> str:
    """Return an expression's text, fully parenthesized."""
    match value:
        case Literal():
            return literal(value)
        case Variable():
            return value.name
        case Element():
            return f"{value.name}[{value.index}]"
        case Operation(op="slice", operands=(operand, Literal(value=first))):
            return f"{expression(operand)}[{first}:{first + value.kind.width - 1}]"
        case Operation(op="cast"):
            return f"{value.kind.text}({expression(value.operands[0])})"
        case Operation(operands=(operand,)):
            return f"({value.op}{expression(operand)})"
        case Operation(operands=(left, right)):
            # Beside a register, and as a shift distance, a number is written without a cast.
            bare = isinstance(right, Literal) and value.op in BARE
            second = str(right.value) if isinstance(right, Literal) and bare else expression(right)
            return BARE.get(value.op, f"({{}} {value.op} {{}})").format(expression(left), second)
    raise AssertionError(value)


BARE = {
    "equals": "({} == {})", "differs": "({} != {})", "popcount": "(popcount({}) == {})",
    "rotl": "rotl({}, {})", "rotr": "rotr({}, {})", "<<": "({} << {})", ">>": "({} >> {})",
}  # fmt: skip


def literal(value: Literal) -> str:
    """Return a constant with its type."""
    if value.kind.name == "bool":
        return "true" if value.value else "false"
    if value.kind.name == "bit":
        return f'"{value.value:0{value.kind.width}b}"'
    return f"{value.kind.text}({value.value})"
