"""Random programs: user-defined gates, modifiers, classical values, control flow, resets, noise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from testing.random_circuits.expressions import Expressions
from testing.random_circuits.matrices import ANGLES, ARITY
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
    Error,
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
    Subroutine,
    Switch,
    Variable,
    While,
)

T = TypeVar("T")

LIBRARY = {
    2: ("id", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "rx", "ry", "rz", "u1", "u2", "u3",
        "cx", "cy", "cz", "ch", "swap", "crz", "cu1", "rzz", "ccx", "cswap", "CX", "U"),
    3: ("id", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "rx", "ry", "rz", "p", "u1", "u2", "u3",
        "cx", "cy", "cz", "ch", "swap", "cp", "crx", "cry", "crz", "cu", "ccx", "cswap", "CX", "U"),
}  # fmt: skip
CLIFFORD = ("id", "x", "y", "z", "h", "s", "sdg", "sx", "cx", "cy", "cz", "swap", "rz", "CX")
NOISE_NAMES = ("x", "y", "z", "h", "s", "t", "sx", "rx", "ry", "rz", "cx", "cz", "ch", "swap", "ccx", "id")
"""Gates with the same name in the file, in the record and in a noise rule."""
BUILT_IN = ("U", "CX")
OWN_NAMES = (
    "mine", "cx", "h", "rzz", "mcx", "c3x", "c4x", "u3", "ccx", "if_else", "unitary", "swap", "rx", "g2",
)  # fmt: skip
CONTROLLABLE = ("x", "y", "z", "h", "s", "t", "sx", "rx", "ry", "rz", "swap", "U")
"""Gates whose phase, which controls make observable, is the same in every convention."""
WIDE = 4


@dataclass(frozen=True)
class Case:
    """A program to compare, with the requested quantities.

    Attributes:
        program: measures some bit unconditionally.
        observed: the program without its final measurements, for observables.
        observables: Pauli strings; may be empty.
        clifford: whether every gate is a Clifford gate.
    """

    program: Program
    observed: Program | None
    observables: tuple[str, ...]
    noise: Noise | None
    clifford: bool


def case(seed: int) -> Case:
    """Return the case of a seed."""
    rng = np.random.default_rng([seed, 20261129])
    return _Generator(rng, clifford=rng.random() < 0.25, noisy=rng.random() < 0.3).case()


class _Generator:
    def __init__(self, rng: np.random.Generator, clifford: bool, noisy: bool) -> None:
        self.rng = rng
        self.clifford = clifford
        self.noisy = noisy
        self.language = 2 if rng.random() < 0.3 else 3
        self.include = noisy or clifford or rng.random() < 0.85
        self.n = int(rng.integers(1, 5))
        n_registers = int(rng.integers(1, 4))
        self.registers = tuple((name, int(rng.integers(1, 4))) for name in "cde"[:n_registers])
        self.expressions = Expressions(rng, self.registers)
        self.definitions: list[Definition] = []
        self.subroutines: list[Subroutine] = []
        self.names = 0
        self.measures = 0

    def case(self) -> Case:
        if not self.noisy and self.chance(0.6):
            self.define()
        if self.language == 3 and self.chance(0.3):
            self.subroutines = [self.subroutine(f"sub{i}") for i in range(int(self.rng.integers(1, 3)))]
        body = self.block(int(self.rng.integers(3, 12)), depth=0)
        layer = [self.layer_gate(qubit) for qubit in range(self.n)]
        bits = [(name, i) for name, width in self.registers for i in range(width)]
        ends = [Measure(qubit, *self.pick(bits)) for qubit in range(self.n) if qubit == 0 or self.chance(0.7)]
        observed = Program(
            self.language, self.n, self.registers, tuple(self.definitions), tuple(self.subroutines),
            (*body, *layer), self.include,
        )  # fmt: skip
        whole = replace(observed, statements=(*observed.statements, *ends))
        strings = tuple(dict.fromkeys("".join(self.rng.choice(list("IXYZ"), self.n)) for _ in range(2)))
        asked = strings if self.chance(0.5) else ()
        return Case(
            whole, observed if asked else None, asked, self.noise() if self.noisy else None, self.clifford
        )

    # Choices

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)

    def pick(self, items: list[T] | tuple[T, ...]) -> T:
        return items[int(self.rng.integers(len(items)))]

    def qubits(self, count: int, n: int | None = None) -> tuple[int, ...]:
        return tuple(int(i) for i in self.rng.permutation(self.n if n is None else n)[:count])

    # Gates

    def angle(self, n_parameters: int, depth: int = 2) -> Angle:
        if self.clifford:
            turns = Number(f"{int(self.rng.integers(-3, 4))}.0")
            return Arithmetic("*", (turns, Arithmetic("/", (Number("pi"), Number("2.0")))))
        if depth == 0 or self.chance(0.4):
            if n_parameters and self.chance(0.6):
                return Parameter(int(self.rng.integers(n_parameters)))
            return Number(self.pick(("0.3", "1.7", "pi", "2.0e-01", "1.0E1", ".5", "2.", "0.0001", "1e-1")))
        op = self.pick(("+", "-", "*", "/", "neg", "sin", "cos"))
        if op in ("neg", "sin", "cos"):
            return Arithmetic(op, (self.angle(n_parameters, depth - 1),))
        right = Number("2.5") if op == "/" else self.angle(n_parameters, depth - 1)
        return Arithmetic(op, (self.angle(n_parameters, depth - 1), right))

    def available(self) -> list[str]:
        own = {gate.name for gate in self.definitions}
        names = CLIFFORD if self.clifford else NOISE_NAMES if self.noisy else LIBRARY[self.language]
        library = names if self.include else BUILT_IN if self.language == 2 else BUILT_IN[:1]
        absent = {*own, "CX"} if self.noisy else own  # a noise rule's name for CX is cx
        return [name for name in library if name not in absent and name in LIBRARY[self.language]]

    def gate(
        self, n_parameters: int = 0, n: int | None = None, banned: frozenset[str] = frozenset()
    ) -> Apply:
        """Return an application on n qubits (default: the program's)."""
        width = self.n if n is None else n
        own = {gate.name: gate for gate in self.definitions if gate.n_qubits <= width}
        names = [name for name in self.available() if ARITY[name] <= width and name not in banned]
        if own and self.chance(0.4):
            gate = own[self.pick(sorted(own))]
            name, arity, n_angles = gate.name, gate.n_qubits, gate.n_parameters
        else:
            name = self.pick(names)
            arity, n_angles = ARITY[name], ANGLES.get(name, 0)
        modifiers: list[tuple[str, int]] = []
        plain = name in CONTROLLABLE and name not in own
        if self.language == 3 and not self.noisy and self.chance(0.3):
            modifiers, arity = self.modifiers(arity, width, plain)
        angles = tuple(self.angle(n_parameters) for _ in range(n_angles))
        return Apply(name, angles, self.qubits(arity, width), tuple(modifiers))

    def modifiers(self, arity: int, width: int, plain: bool) -> tuple[list[tuple[str, int]], int]:
        found: list[tuple[str, int]] = []
        for _ in range(int(self.rng.integers(1, 3))):
            kind = self.pick(("inv", "pow", "ctrl", "negctrl"))
            if kind == "inv":
                found.append(("inv", 0))
            elif kind == "pow":
                found.append(("pow", int(self.rng.integers(-2, 4))))
            elif not self.clifford and plain and arity < width:
                found.append((kind, 1))
                arity += 1
        return found, arity

    def layer_gate(self, qubit: int) -> Apply:
        names = self.available()
        if self.clifford:
            return Apply(self.pick([name for name in ("h", "sx", "id") if name in names]), (), (qubit,))
        if "ry" in names:
            return Apply("ry", (self.angle(0),), (qubit,))
        return Apply("U", (self.angle(0), self.angle(0), self.angle(0)), (qubit,))

    def define(self) -> None:
        """Add definitions, some shadowing library names; a body uses only names that none shadows."""
        names = [str(name) for name in self.rng.permutation(OWN_NAMES)[: int(self.rng.integers(1, 4))]]
        banned = frozenset(names)
        for name in names:
            n_qubits = int(self.rng.integers(1, min(self.n, 3) + 1))
            n_parameters = 0 if self.clifford else int(self.rng.integers(0, 3))
            body = [self.gate(n_parameters, n_qubits, banned) for _ in range(int(self.rng.integers(1, 4)))]
            self.definitions.append(Definition(name, n_parameters, n_qubits, tuple(body)))
        self.rng.shuffle(names)

    # Statements

    def block(self, length: int, depth: int) -> list[Statement]:
        with self.expressions.scope():
            return [item for _ in range(length) for item in self.statement(depth)]

    def statement(self, depth: int) -> list[Statement]:
        roll = self.rng.random()
        if roll < 0.45:
            return [self.gate()]
        if roll < 0.6 and self.measures < 5:
            return [self.measurement()]
        if roll < 0.66:
            return [Reset(int(self.rng.integers(self.n))) if self.chance(0.8) else Barrier()]
        if self.language == 2:
            return [self.old_condition()]
        if roll < 0.78:
            return self.classical(depth)
        return self.control(depth) if depth < 2 else [self.gate()]

    def measurement(self) -> Statement:
        """Return a measurement into a bit of a register or a variable, or of several qubits at once."""
        self.measures += 1
        register = self.expressions.register()
        width = register.kind.width
        if self.chance(0.2) and (width == self.n if self.language == 2 else 1 < width <= self.n):
            self.measures += width - 1
            return MeasureRange(int(self.rng.integers(self.n - width + 1)), register)
        return Measure(int(self.rng.integers(self.n)), register.name, int(self.rng.integers(width)))

    def subroutine(self, name: str) -> Subroutine:
        """Return a subroutine on some qubits, with its own values and a result that may be measured."""
        n_qubits = int(self.rng.integers(1, min(self.n, 2) + 1))
        kinds = [self.expressions.kind() for _ in range(int(self.rng.integers(0, 3)))]
        parameters = tuple(Variable(kind, f"x{i}") for i, kind in enumerate(kinds))
        bit = Variable(Kind("bit", 2), "t")
        outside = self.n, self.expressions, self.measures
        self.n, self.measures = n_qubits, 3
        self.expressions = Expressions(self.rng, ((bit.name, 2),))
        for variable in parameters:
            self.expressions.declare(variable)
        body: list[Statement] = [Declare(bit, Literal(bit.kind, 0)), self.gate()]
        body.append(Measure(int(self.rng.integers(n_qubits)), bit.name, int(self.rng.integers(2))))
        body.append(If(self.expressions.condition(), (self.gate(),)))
        value = self.expressions.value(self.expressions.kind())
        self.n, self.expressions, self.measures = outside
        return Subroutine(name, n_qubits, parameters, tuple(body), value)

    def call(self, depth: int) -> list[Statement]:
        """Return a call whose value is assigned to a new variable."""
        routine = self.pick(self.subroutines)
        if depth == 0 and routine.value.kind.name == "bit":
            return [self.gate()]
        self.names += 1
        self.measures += 1
        variable = Variable(routine.value.kind, f"v{self.names}")
        arguments = tuple(self.expressions.value(parameter.kind) for parameter in routine.parameters)
        self.expressions.declare(variable)
        first = Literal(variable.kind, 0)
        return [
            Declare(variable, first),
            Call(variable, routine.name, self.qubits(routine.n_qubits), arguments),
        ]

    def array(self) -> list[Statement]:
        """Return an array of numbers, whose elements are variables from here on."""
        self.names += 1
        kind = Kind("uint", int(self.rng.integers(2, 5)))
        values = tuple(int(self.rng.integers(1 << kind.width)) for _ in range(int(self.rng.integers(2, 4))))
        name = f"array{self.names}"
        for i in range(len(values)):
            self.expressions.declare(Variable(kind, f"{name}[{i}]"))
        return [DeclareArray(name, kind, values)]

    def old_condition(self) -> Statement:
        """Return `if (register == number) operation;` of OpenQASM 2."""
        name, width = self.pick(self.registers)
        register = Variable(Kind("bit", width), name)
        value = Literal(Kind("uint", width), int(self.rng.integers((1 << width) + 1)))
        condition = Operation(Kind("bool"), "equals", (register, value))
        inner: Statement = self.gate()
        if self.chance(0.2):
            inner = Reset(int(self.rng.integers(self.n)))
        elif self.chance(0.2) and self.measures < 5:
            inner = self.measurement()
        return If(condition, (inner,))

    def classical(self, depth: int) -> list[Statement]:
        if self.subroutines and self.measures < 5 and self.chance(0.5):
            return self.call(depth)
        if depth == 0 and self.chance(0.15):  # the language allows arrays only at the top level
            return self.array()
        if self.chance(0.5):
            kind = self.expressions.kind()
            while depth == 0 and kind.name == "bit":  # at the top level that would be another register
                kind = self.expressions.kind()
            value = self.expressions.value(kind)
            self.names += 1
            variable = Variable(kind, f"v{self.names}")
            self.expressions.declare(variable)
            return [Declare(variable, value)]
        target = self.expressions.target()
        if isinstance(target, Element):
            return [Assign(target, self.expressions.value(target.kind))]
        ops = {"uint": ("=", "+=", "-=", "^="), "bit": ("=", "^=", "&=", "|="), "int": ("=",), "bool": ("=",)}
        return [Assign(target, self.expressions.value(target.kind), self.pick(ops[target.kind.name]))]

    def control(self, depth: int) -> list[Statement]:
        short = int(self.rng.integers(1, 4))
        kind = self.pick(("if", "if", "if", "switch", "for", "while"))
        if kind == "if":
            condition = self.expressions.condition()
            then = tuple(self.block(short, depth + 1))
            otherwise = tuple(self.block(short, depth + 1)) if self.chance(0.5) else ()
            return [If(condition, then, otherwise)]
        if kind == "switch":
            return [self.switch(short, depth)]
        if kind == "for":
            return [For(0, int(self.rng.integers(0, 3)), tuple(self.block(short, depth + 1)))]
        return self.loop(short, depth)

    def switch(self, length: int, depth: int) -> Switch:
        width = 2
        labels = [int(value) for value in self.rng.permutation(4)[:3]]
        cases = (
            (tuple(labels[:2]), tuple(self.block(length, depth + 1))),
            ((labels[2],), tuple(self.block(length, depth + 1))),
        )
        target: Expression = self.expressions.value(Kind("uint", width))
        return Switch(target, cases, tuple(self.block(1, depth + 1)))

    def loop(self, length: int, depth: int) -> list[Statement]:
        """Return a loop over a counter whose start value the program computes."""
        self.names += 1
        kind = Kind("uint", WIDE)
        counter = Variable(kind, f"n{self.names}")
        start = Operation(kind, "&", (self.expressions.value(kind), Literal(kind, 3)))
        bounded = Operation(Kind("bool"), "<", (counter, Literal(kind, 3)))
        condition = bounded
        if self.chance(0.4):
            condition = Operation(Kind("bool"), "&&", (bounded, self.expressions.condition()))
        body = (*self.block(length, depth + 1), Assign(counter, Literal(kind, 1), "+="))
        return [Declare(counter, start), While(condition, body)]

    # Noise

    def noise(self) -> Noise:
        errors = []
        for _ in range(int(self.rng.integers(1, 4))):
            rule: dict[str, object] = dict(self.pick(_RULES if not self.clifford else _PAULI_RULES))
            if self.chance(0.6):
                names = CLIFFORD[:-1] if self.clifford else NOISE_NAMES
                rule["gates"] = sorted({self.pick(names) for _ in range(4)})
            errors.append(Error(rule))
        readout = ((0.97, 0.03), (0.08, 0.92)) if self.chance(0.5) else None
        return Noise(tuple(errors), readout)


_PAULI_RULES: tuple[dict[str, object], ...] = (
    {"name": "depolarizing", "p": 0.1},
    {"name": "depolarizing", "p": 0.05, "each": True},
    {"name": "bit_flip", "p": 0.07},
    {"name": "phase_flip", "p": 0.04},
    {"name": "pauli", "probabilities": {"X": 0.02, "Y": 0.03}},
    {"name": "pauli", "probabilities": {"XX": 0.02, "ZY": 0.05}},
)
_RULES = (
    *_PAULI_RULES,
    {"name": "amplitude_damping", "gamma": 0.15},
    {"name": "phase_damping", "lam": 0.2},
)
