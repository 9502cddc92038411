"""Random well-typed classical expressions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from testing.random_circuits.program import BOOL, Element, Expression, Kind, Literal, Operation, Variable

DEPTH = 2


class Expressions:
    """Expressions over a program's registers and the variables in scope."""

    def __init__(self, rng: np.random.Generator, registers: tuple[tuple[str, int], ...]) -> None:
        self.rng = rng
        self.registers = [Variable(Kind("bit", width), name) for name, width in registers]
        self.variables: list[Variable] = []

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Open a block, whose variables end with it."""
        before = list(self.variables)
        try:
            yield
        finally:
            self.variables = before

    def declare(self, variable: Variable) -> None:
        """Add a variable to the innermost block."""
        self.variables.append(variable)

    def kind(self) -> Kind:
        """Return a type for a variable."""
        name = str(self.rng.choice(["uint", "int", "bool", "bit"]))
        return BOOL if name == "bool" else Kind(name, int(self.rng.integers(2, 5)))

    def target(self) -> Variable | Element:
        """Return an assignment target."""
        if self.variables and self.rng.random() < 0.5:
            return self.variables[int(self.rng.integers(len(self.variables)))]
        register = self.register()
        return register if self.rng.random() < 0.4 else self.element(register)

    def bits(self) -> list[Variable]:
        """Return the registers and bit variables in scope."""
        return [*self.registers, *(v for v in self.variables if v.kind.name == "bit" and "[" not in v.name)]

    def register(self) -> Variable:
        """Return one of the registers and bit variables in scope."""
        found = self.bits()
        return found[int(self.rng.integers(len(found)))]

    def element(self, register: Variable) -> Element:
        """Return one of a register's bits."""
        return Element(register.name, int(self.rng.integers(register.kind.width)))

    def condition(self) -> Expression:
        """Return a condition that depends on a bit."""
        return self.value(BOOL)

    def value(self, kind: Kind, depth: int = DEPTH) -> Expression:
        """Return an expression of a type."""
        found = [variable for variable in self.variables if variable.kind == kind]
        if found and self.rng.random() < 0.4:
            return found[int(self.rng.integers(len(found)))]
        return {"bool": self._bool, "uint": self._uint, "int": self._int, "bit": self._bit}[kind.name](
            kind, depth
        )

    def _literal(self, kind: Kind, low: int = 0) -> Literal:
        limit = 1 << (kind.width - 1 if kind.name == "int" else kind.width)
        return Literal(kind, int(self.rng.integers(low, limit)))

    def _of(self, *ops: str) -> str:
        return str(self.rng.choice(ops))

    def _bool(self, kind: Kind, depth: int) -> Expression:
        if depth == 0 or self.rng.random() < 0.3:
            return self.element(self.register())
        below = depth - 1
        choice = self._of("!", "&&", "||", "equals", "order", "popcount", "register", "bit")
        if choice == "bit":
            value = Literal(Kind("uint", 1), int(self.rng.integers(2)))
            return Operation(BOOL, self._of("equals", "differs"), (self.element(self.register()), value))
        if choice == "!":
            return Operation(BOOL, "!", (self.value(BOOL, below),))
        if choice in ("&&", "||"):
            return Operation(BOOL, choice, (self.value(BOOL, below), self.value(BOOL, below)))
        if choice == "order":
            inner = Kind(self._of("uint", "int"), int(self.rng.integers(2, 5)))
            sign = self._of("<", "<=", ">", ">=", "==", "!=")
            return Operation(BOOL, sign, (self.value(inner, below), self.value(inner, below)))
        register = self.register()
        if choice == "register":
            same = [other for other in self.bits() if other.kind == register.kind]
            other = same[int(self.rng.integers(len(same)))]
            return Operation(BOOL, self._of("==", "!="), (register, other))
        whole = Kind("uint", register.kind.width)
        if choice == "popcount":
            count = Literal(whole, int(self.rng.integers(0, register.kind.width + 1)))
            return Operation(BOOL, "popcount", (register, count))
        return Operation(BOOL, self._of("equals", "differs"), (register, self._literal(whole)))

    def _uint(self, kind: Kind, depth: int) -> Expression:
        if depth == 0 or self.rng.random() < 0.3:
            return self._cast(kind)
        below = depth - 1
        op = self._of("+", "-", "*", "&", "|", "^", "~", "<<", ">>", "/", "%", "resize")
        if op == "~":
            return Operation(kind, op, (self.value(kind, below),))
        if op == "resize":
            return Operation(kind, "cast", (self.value(Kind("uint", int(self.rng.integers(2, 5))), below),))
        if op in ("<<", ">>"):
            shift = Literal(kind, int(self.rng.integers(0, kind.width)))
            return Operation(kind, op, (self.value(kind, below), shift))
        right = self._literal(kind, 1) if op in ("/", "%") else self.value(kind, below)
        return Operation(kind, op, (self.value(kind, below), right))

    def _int(self, kind: Kind, depth: int) -> Expression:
        if depth == 0 or self.rng.random() < 0.5:
            return self._cast(kind)
        below = depth - 1
        if self.rng.random() < 0.3:
            return Operation(kind, "cast", (self.value(Kind("uint", kind.width), below),))
        # A sum of narrower values, so that nothing overflows: signed integer overflow is undefined.
        narrow = Kind("int", max(kind.width - 1, 2))
        parts = [Operation(kind, "cast", (self._cast(narrow),)) for _ in range(2)]
        if kind.width < 3:
            return parts[0]
        return Operation(kind, self._of("+"), (parts[0], parts[1]))

    def _bit(self, kind: Kind, depth: int) -> Expression:
        fitting = [register for register in self.bits() if register.kind == kind]
        if depth == 0 or self.rng.random() < 0.4:
            wider = [register for register in self.bits() if register.kind.width > kind.width > 1]
            if wider and self.rng.random() < 0.5:
                whole = wider[int(self.rng.integers(len(wider)))]
                first = int(self.rng.integers(whole.kind.width - kind.width + 1))
                return Operation(kind, "slice", (whole, Literal(Kind("uint", 8), first)))
            if fitting:
                return fitting[int(self.rng.integers(len(fitting)))]
            return self._literal(kind)
        below = depth - 1
        op = self._of("&", "|", "^", "~", "<<", ">>", "rotl", "rotr")
        if op == "~":
            return Operation(kind, op, (self.value(kind, below),))
        if op in ("<<", ">>", "rotl", "rotr"):
            shift = Literal(Kind("uint", 8), int(self.rng.integers(0, kind.width)))
            return Operation(kind, op, (self.value(kind, below), shift))
        return Operation(kind, op, (self.value(kind, below), self.value(kind, below)))

    def _cast(self, kind: Kind) -> Expression:
        """Return a register's bits as a number of its own width, or a constant."""
        fitting = [register for register in self.bits() if register.kind.width == kind.width]
        if fitting and self.rng.random() < 0.8:
            return Operation(kind, "cast", (fitting[int(self.rng.integers(len(fitting)))],))
        if kind.name == "uint" and self.rng.random() < 0.5:
            return Operation(kind, "cast", (self.element(self.register()),))
        return self._literal(kind)
