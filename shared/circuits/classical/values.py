"""Values of OpenQASM 3 expressions: constants, and references to qubits and to the circuit's memory.

Source: OpenQASM 3.0 specification, "Types and casting".
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from shared.circuits.instruction import Affine
from shared.circuits.limits import Refused

if TYPE_CHECKING:
    from shared.circuits.classical.computation import Expression
    from shared.circuits.classical.types import Type


@dataclass(frozen=True, slots=True)
class Bits:
    """Classical bits of the circuit, known only at run time; item 0 is the least significant."""

    indices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stored:
    """A classical variable in circuit memory, known only at run time; item 0 is the least significant."""

    indices: tuple[int, ...]
    type: "Type"


@dataclass(frozen=True, slots=True)
class Computed:
    """A value computed from the circuit's memory at run time."""

    expression: "Expression"


@dataclass(frozen=True, slots=True)
class Qubits:
    """Qubits of the circuit, in register order."""

    indices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BitString:
    """A known bit string; bit 0 is the least significant."""

    value: int
    width: int

    def select(self, positions: list[int]) -> "BitString":
        """Return the string of the selected bits, first position least significant."""
        picked = sum((self.value >> position & 1) << index for index, position in enumerate(positions))
        return BitString(picked, len(positions))


@dataclass(frozen=True, slots=True)
class Integer:
    """A known integer of a declared width; integers without a width are Python ints."""

    value: int
    width: int
    signed: bool

    @classmethod
    def wrapped(cls, value: int, width: int, signed: bool) -> "Integer":
        """Return the integer of this width with the same low-order bits."""
        value &= (1 << width) - 1
        return cls(value - (1 << width) if signed and value >> (width - 1) else value, width, signed)


@dataclass(frozen=True, slots=True)
class FixedAngle:
    """A known angle of a declared width: a multiple of 2 pi / 2^width."""

    steps: int
    width: int

    @property
    def radians(self) -> float:
        """The angle in [0, 2 pi)."""
        return math.tau * (self.steps / (1 << self.width))

    def resized(self, width: int) -> "FixedAngle":
        """Return the angle at another precision, rounded to nearest, ties to even."""
        if width >= self.width:
            return FixedAngle(self.steps << width - self.width, width)
        cut = self.width - width
        kept, rest, half = self.steps >> cut, self.steps & (1 << cut) - 1, 1 << cut - 1
        kept += rest > half or (rest == half and kept & 1)
        return FixedAngle(kept & (1 << width) - 1, width)


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration: a part in seconds, a part in device clock periods, and a part unknown at read time.

    Attributes:
        seconds: The part in SI units.
        periods: The part in `dt`.
        open: Whether it also includes a stretch or the duration of an instruction.
    """

    seconds: float = 0.0
    periods: float = 0.0
    open: bool = False


Known: TypeAlias = bool | int | float | Integer | FixedAngle | BitString
Value: TypeAlias = Known | Affine | Bits | Stored | Computed | Qubits | Duration | list[Any]

CONSTANTS: Final[dict[str, float]] = {
    **dict.fromkeys(("pi", "π"), math.pi),
    **dict.fromkeys(("tau", "τ"), math.tau),
    **dict.fromkeys(("euler", "ℇ"), math.e),
}
RUNTIME: Final = (Bits, Stored, Computed)
"""Types whose values are known only at run time."""


def number(value: Value, what: str = "this value") -> int | float:
    """Return a known number; bit strings count as unsigned integers, angles are in radians.

    Raises:
        Refused: The value is no known number.
    """
    if isinstance(value, BitString | Integer):
        return value.value
    if isinstance(value, FixedAngle):
        return value.radians
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, Affine):
        raise Refused(
            f"{what} depends on an input parameter",
            rule="input parameters may only be added, negated, and scaled by known numbers, as gate angles",
        )
    raise Refused(f"{what} is {describe(value)}, not a known number")


def truncated(value: Value) -> int:
    """Return a known number truncated towards zero.

    Raises:
        Refused: The value is no finite known number.
    """
    known = number(value)
    if not math.isfinite(known):
        raise Refused(f"{known} is not a finite number")
    return int(known)


def integer(value: Value, what: str = "this value") -> int:
    """Return a known integer.

    Raises:
        Refused: The value is no known integer.
    """
    known = number(value, what)
    if isinstance(known, float) and not known.is_integer():
        raise Refused(f"{what} is {known}, not an integer")
    return int(known)


def angle(value: Value) -> float | Affine:
    """Return a finite angle in radians, possibly affine in the input parameters.

    Raises:
        Refused: The value is no finite number.
    """
    if isinstance(value, Affine):
        return value
    known = float(number(value, "the angle"))
    if not math.isfinite(known):
        raise Refused(f"the angle {known} is not finite")
    return known


def truth(value: Value) -> bool:
    """Return the value as a condition."""
    if isinstance(value, FixedAngle):
        return value.steps != 0
    return bool(number(value, "the condition"))


def describe(value: Value) -> str:
    """Describe a value for error messages."""
    if isinstance(value, Bits):
        return "a measured bit, known only when the circuit runs"
    if isinstance(value, Stored | Computed):
        return "a value that depends on measured bits, known only when the circuit runs"
    names: dict[type, str] = {
        Qubits: "a qubit",
        Duration: "a duration",
        list: "an array",
        Affine: "an input parameter",
    }
    return names.get(type(value)) or f"the {type(value).__name__.lower()} {getattr(value, 'value', value)}"
