"""The instructions of a circuit record, as frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from shared.circuits.classical.computation import Expression
    from shared.circuits.classical.types import Type

ANGLE_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class Affine:
    """An angle in radians, affine in the circuit's parameters: sum of factor x parameter, plus offset."""

    terms: tuple[tuple[str, float], ...]
    offset: float = 0.0

    @property
    def value(self) -> "Angle":
        """The plain number where no parameter is left, else itself."""
        return self if self.terms else self.offset

    def plus(self, other: "Angle") -> "Affine":
        """The sum of two angles."""
        right = other if isinstance(other, Affine) else Affine((), other)
        factors = dict(self.terms)
        for name, factor in right.terms:
            factors[name] = factors.get(name, 0.0) + factor
        kept = tuple((name, factor) for name, factor in factors.items() if factor != 0.0)
        return Affine(kept, self.offset + right.offset)

    def times(self, factor: float) -> "Affine":
        """This angle scaled by a number."""
        kept = tuple((name, value * factor) for name, value in self.terms if value * factor != 0.0)
        return Affine(kept, self.offset * factor)


Angle: TypeAlias = float | Affine


def angle_in_memory(first: int) -> Affine:
    """The angle that `ANGLE_BITS` classical bits hold as a float, from `first` on, when a gate is applied."""
    return Affine(((f"@{first}", 1.0),))


def memory_of(name: str) -> int | None:
    """The first bit of an angle in memory, None where the name is that of a parameter."""
    return int(name[1:]) if name.startswith("@") else None


def scaled(angle: Angle, factor: float) -> Angle:
    """`factor` times the angle."""
    return angle.times(factor).value if isinstance(angle, Affine) else angle * factor


def added(left: Angle, right: Angle) -> Angle:
    """The sum of two angles."""
    if isinstance(left, Affine):
        return left.plus(right).value
    return right.plus(left).value if isinstance(right, Affine) else left + right


@dataclass(frozen=True, slots=True)
class Gate:
    """A named gate of `gates.GATES`; control qubits come first, as in Qiskit.

    Attributes:
        name: Which gate.
        qubits: What it acts on.
        params: Its angles, in radians.
        noiseless: Whether it only helps to write another gate, as a flip beside a negative control: no noise
            follows it, and controls need not reach it, since it comes in pairs.
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
    """Measure a qubit in the Z basis into a classical bit, or into none."""

    qubit: int
    bit: int | None


@dataclass(frozen=True, slots=True)
class Reset:
    """Put a qubit into |0>."""

    qubit: int


@dataclass(frozen=True, slots=True)
class Barrier:
    """Keep instructions on these qubits from moving across; no effect on the state."""

    qubits: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class If:
    """Run one block or the other by the value of classical bits.

    `bits[0]` is the least significant bit of `value` (OpenQASM integer rule).
    """

    bits: tuple[int, ...]
    value: int
    then: tuple["Instruction", ...]
    otherwise: tuple["Instruction", ...] = ()


@dataclass(frozen=True, slots=True)
class Store:
    """Put a value into classical bits.

    Attributes:
        bits: Where it goes, the least significant first.
        type: What the value is cast to; it has as many bits.
        value: The value, evaluated before any bit changes.
        line: Where the program says so, for messages.
    """

    bits: tuple[int, ...]
    type: "Type"
    value: "Expression"
    line: int = 0


@dataclass(frozen=True, slots=True)
class While:
    """Repeat a block as long as a classical bit is 1.

    Attributes:
        bit: Read before every repetition.
        body: The block.
        line: Where the loop stands in the program, for messages.
    """

    bit: int
    body: tuple["Instruction", ...]
    line: int = 0


def memory_angles(item: "Gate") -> list[int]:
    """The first bits of the angles in memory that a gate turns by."""
    names = [name for angle in item.params if isinstance(angle, Affine) for name, _ in angle.terms]
    return [first for name in names if (first := memory_of(name)) is not None]


def blocks(item: "Instruction") -> tuple[tuple["Instruction", ...], ...]:
    """The blocks an instruction holds."""
    if isinstance(item, If):
        return item.then, item.otherwise
    return (item.body,) if isinstance(item, While) else ()


def moved(op: "UnitaryInstruction", qubits: Sequence[int]) -> "UnitaryInstruction":
    """The same operation with its qubit i replaced by `qubits[i]`."""
    places = tuple(qubits[qubit] for qubit in op.qubits)
    if isinstance(op, Gate):
        return replace(op, qubits=places)
    return Unitary(places, op.matrix) if isinstance(op, Unitary) else Barrier(places)


UnitaryInstruction: TypeAlias = Gate | Unitary | Barrier
Instruction: TypeAlias = Gate | Unitary | Measure | Reset | Barrier | If | Store | While


def count(instructions: tuple[Instruction, ...] | list[Instruction]) -> int:
    """Number of instructions, those inside conditions included."""
    total = 0
    for item in instructions:
        total += 1 + sum(count(block) for block in blocks(item))
    return total
