"""A program as data: what the generator makes, the writer writes and the reference runs.

Qubits are numbered from 0. Values of `uint[w]`, `int[w]` and `bit[w]` are Python integers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Kind:
    """A classical type: "uint", "int" or "bit" of a width, or "bool" (width 1)."""

    name: str
    width: int = 1

    @property
    def text(self) -> str:
        """Its OpenQASM 3 text."""
        return "bool" if self.name == "bool" else f"{self.name}[{self.width}]"


BOOL = Kind("bool")


@dataclass(frozen=True)
class Number:
    """A real number in an angle."""

    text: str


@dataclass(frozen=True)
class Parameter:
    """A gate's own parameter, by position."""

    index: int


@dataclass(frozen=True)
class Arithmetic:
    """An angle composed of others: op is one of + - * / neg sin cos."""

    op: str
    operands: tuple[Angle, ...]


Angle: TypeAlias = Number | Parameter | Arithmetic


@dataclass(frozen=True)
class Literal:
    """A constant of a classical type."""

    kind: Kind
    value: int


@dataclass(frozen=True)
class Variable:
    """A classical variable or register by name."""

    kind: Kind
    name: str


@dataclass(frozen=True)
class Element:
    """One bit of a register, as a condition or a one-bit value."""

    name: str
    index: int

    @property
    def kind(self) -> Kind:
        """A single bit counts as bool."""
        return BOOL


@dataclass(frozen=True)
class Operation:
    """An expression: an operator or function over operands, with its own type."""

    kind: Kind
    op: str
    operands: tuple[Expression, ...]


Expression: TypeAlias = Literal | Variable | Element | Operation


@dataclass(frozen=True)
class Apply:
    """A gate application; controls of modifiers are the first qubits.

    Attributes:
        modifiers: outermost first, ("ctrl", n), ("negctrl", n), ("inv", 0) or ("pow", n).
    """

    gate: str
    angles: tuple[Angle, ...]
    qubits: tuple[int, ...]
    modifiers: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Measure:
    """A measurement into one bit of a register."""

    qubit: int
    register: str
    index: int


@dataclass(frozen=True)
class MeasureRange:
    """Measurements of qubits first, first + 1, ... into all bits of a register, in one statement."""

    first: int
    register: Variable


@dataclass(frozen=True)
class Reset:
    """A reset to |0>."""

    qubit: int


@dataclass(frozen=True)
class Barrier:
    """A barrier on all qubits, without effect."""


@dataclass(frozen=True)
class DeclareArray:
    """An array with known initial values; its elements are variables named `name[i]`."""

    name: str
    kind: Kind
    values: tuple[int, ...]


@dataclass(frozen=True)
class Call:
    """A subroutine's value, assigned to a variable or bit."""

    target: Variable | Element
    subroutine: str
    qubits: tuple[int, ...]
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Declare:
    """A variable with its initial value, in its block."""

    variable: Variable
    value: Expression


@dataclass(frozen=True)
class Assign:
    """An assignment; op is "=", or that of a compound assignment such as "+="."""

    target: Variable | Element
    value: Expression
    op: str = "="


@dataclass(frozen=True)
class If:
    """A conditional with both branches."""

    condition: Expression
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class While:
    """A loop bounded by the generator's own counter."""

    condition: Expression
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class For:
    """A loop over a constant range that does not use its variable."""

    first: int
    last: int
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class Switch:
    """Cases by value of an unsigned expression."""

    target: Expression
    cases: tuple[tuple[tuple[int, ...], tuple[Statement, ...]], ...]
    default: tuple[Statement, ...]


Statement: TypeAlias = (
    Apply | Measure | MeasureRange | Reset | Barrier | Declare | DeclareArray | Assign | Call
    | If | While | For | Switch
)  # fmt: skip


@dataclass(frozen=True)
class Definition:
    """A user-defined gate, on qubits numbered from 0."""

    name: str
    n_parameters: int
    n_qubits: int
    body: tuple[Apply, ...]


@dataclass(frozen=True)
class Subroutine:
    """A `def`: its qubits are numbered from 0, its statements see only its parameters."""

    name: str
    n_qubits: int
    parameters: tuple[Variable, ...]
    body: tuple[Statement, ...]
    value: Expression


@dataclass(frozen=True)
class Program:
    """A whole program.

    Attributes:
        language: 2 or 3.
        registers: bit registers with their widths, in order; outcomes list their bits in this order.
        include: whether the gate library is included.
    """

    language: int
    n_qubits: int
    registers: tuple[tuple[str, int], ...]
    definitions: tuple[Definition, ...] = ()
    subroutines: tuple[Subroutine, ...] = ()
    statements: tuple[Statement, ...] = ()
    include: bool = True


@dataclass(frozen=True)
class Error:
    """One noise rule as written in a job file.

    Attributes:
        rule: the mapping of the job file, name and keys.
    """

    rule: dict[str, object] = field(hash=False)


@dataclass(frozen=True)
class Noise:
    """A noise model: errors, and readout [[p(0|0), p(1|0)], [p(0|1), p(1|1)]] or None."""

    errors: tuple[Error, ...] = ()
    readout: tuple[tuple[float, float], tuple[float, float]] | None = None

    @property
    def document(self) -> dict[str, object]:
        """The model as written in a job file."""
        read = {} if self.readout is None else {"readout": [list(row) for row in self.readout]}
        return {"errors": [error.rule for error in self.errors], **read}
