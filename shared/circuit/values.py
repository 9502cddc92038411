"""Values of OpenQASM 3 expressions and their arithmetic.

Source: OpenQASM 3.0 specification, "Types and casting" and "Classical instructions".
"""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from shared.circuit.instruction import Affine, added, scaled
from shared.circuit.limits import Refused

_MAX_INTEGER_BITS: Final = 1024


@dataclass(frozen=True, slots=True)
class Bits:
    """Classical bits of the circuit, known only when it runs; item 0 is the least significant."""

    indices: tuple[int, ...]


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
        """The string of the named bits, first position least significant."""
        picked = sum((self.value >> position & 1) << index for index, position in enumerate(positions))
        return BitString(picked, len(positions))


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time, kept only so that delays can be written."""

    amount: float


Value: TypeAlias = bool | int | float | Affine | BitString | Bits | Qubits | Duration | list[Any]

CONSTANTS: Final[dict[str, float]] = {
    **dict.fromkeys(("pi", "π"), math.pi),
    **dict.fromkeys(("tau", "τ"), math.tau),
    **dict.fromkeys(("euler", "ℇ"), math.e),
}


def number(value: Value, what: str = "this value") -> int | float:
    """A known number; bit strings count as unsigned integers.

    Raises:
        Refused: The value is no known number.
    """
    if isinstance(value, BitString):
        return value.value
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, Affine):
        raise Refused(
            f"{what} depends on an input parameter",
            rule="input parameters may only be added, negated, and scaled by known numbers, as gate angles",
        )
    raise Refused(f"{what} is {describe(value)}, not a known number")


def truncated(value: Value) -> int:
    """A known number without its fraction.

    Raises:
        Refused: The value is no finite known number.
    """
    known = number(value)
    if not math.isfinite(known):
        raise Refused(f"{known} is not a finite number")
    return int(known)


def integer(value: Value, what: str = "this value") -> int:
    """A known integer.

    Raises:
        Refused: The value is no known integer.
    """
    known = number(value, what)
    if isinstance(known, float) and not known.is_integer():
        raise Refused(f"{what} is {known}, not an integer")
    return int(known)


def angle(value: Value) -> float | Affine:
    """A finite angle in radians, possibly affine in the input parameters.

    Raises:
        Refused: The value is no finite number.
    """
    if isinstance(value, Affine):
        return value
    known = float(number(value, "the angle"))
    if not math.isfinite(known):
        raise Refused(f"the angle {known} is not finite")
    return known


def describe(value: Value) -> str:
    """What a value is, for messages."""
    if isinstance(value, Bits):
        return "a measured bit, known only when the circuit runs"
    names: dict[type, str] = {
        Qubits: "a qubit",
        Duration: "a duration",
        list: "an array",
        Affine: "an input parameter",
    }
    return names.get(type(value), f"the {type(value).__name__} {value}")


def unary(sign: str, value: Value) -> Value:
    """Apply `-`, `!` or `~`."""
    if sign == "!":
        return not truth(value)
    if sign == "~":
        if not isinstance(value, BitString):
            return ~integer(value)
        return BitString(~value.value & ((1 << value.width) - 1), value.width)
    return value.times(-1.0) if isinstance(value, Affine) else -number(value)


def truth(value: Value) -> bool:
    """The value as a condition."""
    return bool(number(value, "the condition"))


def binary(sign: str, left: Value, right: Value) -> Value:
    """Apply a binary operator; integers divide towards zero, as the specification says.

    Raises:
        Refused: The operands do not suit the operator.
    """
    if isinstance(left, Affine) or isinstance(right, Affine):
        return _affine(sign, left, right)
    if sign in ("&&", "||"):
        return truth(left) and truth(right) if sign == "&&" else truth(left) or truth(right)
    if sign in _BITWISE:
        return _bitwise(sign, left, right)
    a, b = number(left), number(right)
    if sign in _COMPARISONS:
        return bool(_COMPARISONS[sign](a, b))
    return _arithmetic(sign, a, b)


_COMPARISONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_BITWISE: Final[dict[str, Callable[[int, int], int]]] = {
    "&": operator.and_, "|": operator.or_, "^": operator.xor, "<<": operator.lshift, ">>": operator.rshift,
}  # fmt: skip


def _affine(sign: str, left: Value, right: Value) -> Value:
    if sign in ("+", "-"):
        return added(angle(left), scaled(angle(right), 1.0 if sign == "+" else -1.0))
    if sign == "*":
        known, free = (right, left) if isinstance(left, Affine) else (left, right)
        return scaled(angle(free), float(number(known, "the product")))
    if sign == "/" and isinstance(left, Affine):
        divisor = float(number(right, "the divisor"))
        if divisor == 0.0:
            raise Refused("division by zero")
        return scaled(left, 1.0 / divisor)
    number(left if isinstance(left, Affine) else right, f"an operand of {sign}")
    raise AssertionError("number refuses parameters")


def _bitwise(sign: str, left: Value, right: Value) -> Value:
    shift = sign in ("<<", ">>")
    widths = [v.width for v in (left, right) if isinstance(v, BitString)]
    a, b = integer(left, f"an operand of {sign}"), integer(right, f"an operand of {sign}")
    if shift and not 0 <= b <= _MAX_INTEGER_BITS:
        raise Refused(f"a shift by {b} bits is not possible")
    result = _sized(_BITWISE[sign](a, b))
    if widths and (not shift or isinstance(left, BitString)):
        return BitString(result & ((1 << max(widths)) - 1), max(widths))
    return result


def _arithmetic(sign: str, a: int | float, b: int | float) -> int | float:
    if sign in ("/", "%") and b == 0:
        raise Refused("division by zero")
    exact = isinstance(a, int) and isinstance(b, int)
    try:
        if sign == "/":
            return int(a // b) if exact and a % b == 0 else (math.trunc(_quotient(a, b)) if exact else a / b)
        if sign == "%":
            return a - b * math.trunc(_quotient(a, b)) if exact else math.fmod(a, b)
        if sign == "**":
            return _power(a, b)
        result = {"+": operator.add, "-": operator.sub, "*": operator.mul}[sign](a, b)
    except KeyError:
        raise Refused(f"the operator {sign} is not supported") from None
    except (OverflowError, ValueError):
        raise Refused(f"{a} {sign} {b} is out of range") from None
    return _sized(result) if isinstance(result, int) else float(result)


def _quotient(a: int | float, b: int | float) -> int | float:
    magnitude = abs(a) // abs(b)
    return magnitude if (a < 0) == (b < 0) else -magnitude


def _power(a: int | float, b: int | float) -> int | float:
    if isinstance(a, int) and isinstance(b, int) and b >= 0:
        if abs(a) > 1 and a.bit_length() * b > _MAX_INTEGER_BITS:
            raise Refused(f"{a} ** {b} is out of range")
        return int(a**b)
    if a == 0 and b < 0:
        raise Refused("division by zero")
    result = float(a) ** float(b)
    if isinstance(result, complex):
        raise Refused(f"{a} ** {b} is not real")
    return float(result)


def _sized(result: int) -> int:
    if result.bit_length() > _MAX_INTEGER_BITS:
        raise Refused(f"an integer has more than {_MAX_INTEGER_BITS} bits")
    return result


def _rotate(value: Value, distance: Value, direction: int) -> BitString:
    if not isinstance(value, BitString) or value.width == 0:
        raise Refused("only a bit string can be rotated")
    shift = direction * integer(distance) % value.width
    rotated = value.value << shift | value.value >> (value.width - shift)
    return BitString(rotated & ((1 << value.width) - 1), value.width)


def _real(function: Callable[..., float]) -> Callable[..., Value]:
    return lambda *values: function(*(number(value, "an argument") for value in values))


FUNCTIONS: Final[dict[str, tuple[int, Callable[..., Value]]]] = {
    "arccos": (1, _real(math.acos)), "arcsin": (1, _real(math.asin)), "arctan": (1, _real(math.atan)),
    "ceiling": (1, _real(math.ceil)), "floor": (1, _real(math.floor)), "cos": (1, _real(math.cos)),
    "sin": (1, _real(math.sin)), "tan": (1, _real(math.tan)), "exp": (1, _real(math.exp)),
    "log": (1, _real(math.log)), "sqrt": (1, _real(math.sqrt)),
    "mod": (2, lambda a, b: binary("%", a, b)), "pow": (2, lambda a, b: binary("**", a, b)),
    "popcount": (1, lambda value: integer(value).bit_count()),
    "rotl": (2, lambda value, distance: _rotate(value, distance, 1)),
    "rotr": (2, lambda value, distance: _rotate(value, distance, -1)),
}  # fmt: skip
"""Built-in functions: name -> (number of arguments, function of known values)."""


def call(name: str, arguments: list[Value]) -> Value:
    """Call a built-in function.

    Raises:
        Refused: There is no such function, or the arguments are outside its domain.
    """
    if name not in FUNCTIONS:
        raise Refused(f"there is no function {name!r}", hint=f"known: {', '.join(sorted(FUNCTIONS))}")
    arity, function = FUNCTIONS[name]
    if len(arguments) != arity:
        raise Refused(f"{name} takes {arity} arguments, not {len(arguments)}")
    try:
        return function(*arguments)
    except (ValueError, OverflowError):
        raise Refused(f"{name} is not defined for {', '.join(map(str, arguments))}") from None
