"""Instructions of a circuit record, as frozen values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from shared.circuits.classical.computation import Expression
    from shared.circuits.classical.types import Type

ANGLE_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class Affine:
    """An angle in radians, affine in the circuit's parameters: sum of factor * parameter, plus an offset."""

    terms: tuple[tuple[str, float], ...]
    offset: float = 0.0

    @property
    def value(self) -> "Angle":
        """The plain number if no parameter is left, else the angle itself."""
        return self if self.terms else self.offset

    def plus(self, other: "Angle") -> "Affine":
        """Return the sum of two angles."""
        right = other if isinstance(other, Affine) else Affine((), other)
        factors = dict(self.terms)
        for name, factor in right.terms:
            factors[name] = factors.get(name, 0.0) + factor
        kept = tuple((name, factor) for name, factor in factors.items() if factor != 0.0)
        return Affine(kept, self.offset + right.offset)

    def times(self, factor: float) -> "Affine":
        """Return this angle scaled by a number."""
        kept = tuple((name, value * factor) for name, value in self.terms if value * factor != 0.0)
        return Affine(kept, self.offset * factor)


Angle: TypeAlias = float | Affine


def angle_in_memory(first: int) -> Affine:
    """Return the angle in `ANGLE_BITS` bits (a float) from `first` on, read when a gate is applied."""
    return Affine(((f"@{first}", 1.0),))


def memory_of(name: str) -> int | None:
    """Return the first bit of an angle in memory, or None if the name is that of a parameter."""
    return int(name[1:]) if name.startswith("@") else None


def scaled(angle: Angle, factor: float) -> Angle:
    """Return `factor` times the angle."""
    return angle.times(factor).value if isinstance(angle, Affine) else angle * factor


def added(left: Angle, right: Angle) -> Angle:
    """Return the sum of two angles."""
    if isinstance(left, Affine):
        return left.plus(right).value
    return right.plus(left).value if isinstance(right, Affine) else left + right


@dataclass(frozen=True, slots=True)
class Gate:
    """A named gate of `gates.GATES`; control qubits come first, as in Qiskit.

    Attributes:
        name: Name of the gate.
        qubits: Its operands.
        params: Its angles, in radians.
        noiseless: Whether it is auxiliary, such as a flip beside a negative control: no noise follows it, and
            controls need not extend to it, since it occurs in pairs.
    """

    name: str
    qubits: tuple[int, ...]
    params: tuple[Angle, ...] = ()
    noiseless: bool = False


@dataclass(frozen=True, slots=True)
class Unitary:
    """A matrix on up to four qubits; the first listed qubit is the most significant bit of the index."""

    qubits: tuple[int, ...]
    matrix: tuple[tuple[complex, ...], ...]  # shape: (2^k, 2^k)


@dataclass(frozen=True, slots=True)
class Measure:
    """A Z-basis measurement of a qubit, into a classical bit or discarded."""

    qubit: int
    bit: int | None


@dataclass(frozen=True, slots=True)
class Reset:
    """A reset of a qubit to |0>."""

    qubit: int


@dataclass(frozen=True, slots=True)
class Barrier:
    """A barrier that no instruction on these qubits may be moved across; no effect on the state."""

    qubits: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class If:
    """A conditional that runs one of two blocks by the value of classical bits.

    `bits[0]` is the least significant bit of `value` (OpenQASM integer rule).
    """

    bits: tuple[int, ...]
    value: int
    then: tuple["Instruction", ...]
    otherwise: tuple["Instruction", ...] = ()


@dataclass(frozen=True, slots=True)
class Store:
    """An assignment of a value to classical bits.

    Attributes:
        bits: The target bits, the least significant first.
        type: The type the value is cast to; it has as many bits.
        value: The value, evaluated before any bit changes.
        line: Source line of the assignment, for messages.
    """

    bits: tuple[int, ...]
    type: "Type"
    value: "Expression"
    line: int = 0


@dataclass(frozen=True, slots=True)
class While:
    """A loop that repeats a block while a classical bit is 1.

    Attributes:
        bit: Read before every iteration.
        body: The block.
        line: Source line of the loop, for messages.
    """

    bit: int
    body: tuple["Instruction", ...]
    line: int = 0


def memory_angles(item: "Gate") -> list[int]:
    """Return the first bits of the in-memory angles that are parameters of a gate."""
    names = [name for angle in item.params if isinstance(angle, Affine) for name, _ in angle.terms]
    return [first for name in names if (first := memory_of(name)) is not None]


def blocks(item: "Instruction") -> tuple[tuple["Instruction", ...], ...]:
    """Return the nested blocks of an instruction."""
    if isinstance(item, If):
        return item.then, item.otherwise
    return (item.body,) if isinstance(item, While) else ()


def moved(op: "UnitaryInstruction", qubits: Sequence[int] | Mapping[int, int]) -> "UnitaryInstruction":
    """Return the same operation with its qubit i replaced by `qubits[i]`."""
    places = tuple(qubits[qubit] for qubit in op.qubits)
    if isinstance(op, Gate):
        return replace(op, qubits=places)
    return Unitary(places, op.matrix) if isinstance(op, Unitary) else Barrier(places)


UnitaryInstruction: TypeAlias = Gate | Unitary | Barrier
Instruction: TypeAlias = Gate | Unitary | Measure | Reset | Barrier | If | Store | While


def count(instructions: tuple[Instruction, ...] | list[Instruction]) -> int:
    """Count instructions, including those inside conditionals."""
    total = 0
    for item in instructions:
        total += 1 + sum(count(block) for block in blocks(item))
    return total
