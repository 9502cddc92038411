"""Classical types of OpenQASM 3, the bit encoding of their values, and casts between them.

Source: OpenQASM 3.0 specification, "Types and casting".
"""

import math
import struct
from dataclasses import dataclass
from typing import Final

from shared.circuits.classical.values import BitString, FixedAngle, Integer, Known, number, truncated, truth
from shared.circuits.limits import Refused

MACHINE_BITS: Final = 64
"""Default width of `int`, `uint` and `float`, in bits."""
MAX_BITS: Final = 1024

KINDS: Final = frozenset(("bool", "bit", "int", "uint", "float", "angle"))


@dataclass(frozen=True, slots=True)
class Type:
    """A classical type.

    Attributes:
        kind: "bool", "bit", "int", "uint", "float" or "angle".
        width: Declared bits, None if none are declared.
    """

    kind: str
    width: int | None = None

    @property
    def bits(self) -> int:
        """Width of a value in memory, in bits; the least significant bit comes first."""
        if self.kind in ("bool", "bit"):
            return self.width or 1
        return MACHINE_BITS if self.kind == "float" or self.width is None else self.width

    def __str__(self) -> str:
        return self.kind if self.width is None else f"{self.kind}[{self.width}]"


def cast(value: Known, target: Type) -> Known:
    """Cast a known value.

    Raises:
        Refused: The value does not suit the type.
    """
    match target.kind:
        case "bool":
            return truth(value)
        case "int" | "uint":
            return _integer(value, target)
        case "bit":
            return BitString(_pattern(value) & (1 << target.bits) - 1, target.bits)
        case "angle" if target.width is not None:
            return _angle(value, target.width)
        case _:
            return float(number(value))


def _integer(value: Known, target: Type) -> Known:
    if isinstance(value, FixedAngle):
        raise Refused(f"an angle cannot be cast to {target}", rule="cast it to bits of its width first")
    whole, signed = truncated(value), target.kind == "int"
    if target.width is not None:
        return Integer.wrapped(whole, target.width, signed)
    return Integer.wrapped(whole, MACHINE_BITS, signed).value


def _pattern(value: Known) -> int:
    """Return the bit pattern that a value is cast to, as an integer."""
    if isinstance(value, FixedAngle):
        return value.steps
    if isinstance(value, float):
        raise Refused("a float cannot be cast to bits", rule="cast it to an integer first")
    return truncated(value)


def _angle(value: Known, width: int) -> FixedAngle:
    if isinstance(value, BitString):
        return FixedAngle(value.value & (1 << width) - 1, width)
    if isinstance(value, FixedAngle):
        return value.resized(width)
    turns = float(number(value)) / math.tau
    if not math.isfinite(turns):
        raise Refused(f"the angle {number(value)} is not finite")
    return FixedAngle(round(math.fmod(turns, 1.0) * (1 << width)) & (1 << width) - 1, width)


def encoded(value: Known, target: Type) -> int:
    """Cast a value and return the bit pattern that encodes it, an integer below 2^bits.

    Raises:
        Refused: The value does not suit the type.
    """
    known = cast(value, target)
    if isinstance(known, float):
        return int.from_bytes(struct.pack("<d", known), "little")
    return _pattern(known) & (1 << target.bits) - 1


def decoded(pattern: int, source: Type) -> Known:
    """Return the value that a bit pattern encodes, the inverse of `encoded`."""
    match source.kind:
        case "bool":
            return bool(pattern)
        case "bit":
            return BitString(pattern, source.bits)
        case "int" | "uint":
            return cast(pattern, source)
        case "angle" if source.width is not None:
            return FixedAngle(pattern, source.width)
        case _:
            return float(struct.unpack("<d", pattern.to_bytes(8, "little"))[0])
