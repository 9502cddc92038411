"""Operators of OpenQASM 3 on known values, used both while reading a program and while a circuit runs.

Integers of a declared width wrap around; mixed operands follow the usual arithmetic conversions of C99, in
which the wider type wins and, at equal width, the unsigned one. Integers without a width, literals among
them, are exact within an expression and rank above every declared width below 64.

Source: OpenQASM 3.0 specification, "Classical instructions" and "Casting specifics".
"""

import math
import operator
from collections.abc import Callable
from typing import Any, Final

from shared.circuits.classical.values import (
    BitString,
    Duration,
    FixedAngle,
    Integer,
    Value,
    angle,
    integer,
    number,
    truth,
)
from shared.circuits.instruction import Affine, added, scaled
from shared.circuits.limits import Refused

_MAX_INTEGER_BITS: Final = 1024
_MACHINE_BITS: Final = 64

_COMPARISONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_BITWISE: Final[dict[str, Callable[[int, int], int]]] = {
    "&": operator.and_, "|": operator.or_, "^": operator.xor, "<<": operator.lshift, ">>": operator.rshift,
}  # fmt: skip
_LOGICAL: Final = ("&&", "||")
_PLAIN: Final = ("+", "-", "*", "/", "%", "**")
BINARY: Final = frozenset([*_COMPARISONS, *_BITWISE, *_LOGICAL, *_PLAIN])


def unary(sign: str, value: Value) -> Value:
    """Apply the unary operator `-`, `!` or `~`."""
    if sign == "!":
        return not truth(value)
    if isinstance(value, Duration):
        return times(value, -1.0)
    if sign == "~":
        return _inverted(value)
    if isinstance(value, Integer):
        return Integer.wrapped(-value.value, value.width, value.signed)
    if isinstance(value, FixedAngle):
        return FixedAngle(-value.steps & (1 << value.width) - 1, value.width)
    return value.times(-1.0) if isinstance(value, Affine) else -number(value)


def _inverted(value: Value) -> Value:
    if isinstance(value, Integer):
        return Integer.wrapped(~value.value, value.width, value.signed)
    if isinstance(value, FixedAngle):
        return FixedAngle(~value.steps & (1 << value.width) - 1, value.width)
    if isinstance(value, BitString):
        return BitString(~value.value & ((1 << value.width) - 1), value.width)
    if isinstance(value, bool):
        return not value
    return ~integer(value)


def binary(sign: str, left: Value, right: Value) -> Value:
    """Apply a binary operator; integer division truncates towards zero, as specified.

    Raises:
        Refused: The operands do not suit the operator.
    """
    if isinstance(left, Affine) or isinstance(right, Affine):
        return _affine(sign, left, right)
    if isinstance(left, Duration) or isinstance(right, Duration):
        return _timed(sign, left, right)
    if sign in _LOGICAL:
        return truth(left) and truth(right) if sign == "&&" else truth(left) or truth(right)
    if isinstance(left, FixedAngle) or isinstance(right, FixedAngle):
        return _angular(sign, left, right)
    if sign in ("<<", ">>"):
        return _shifted(sign, left, right)
    common = _common(left, right)
    if common is not None:
        return _sized_integers(sign, common, integer(left), integer(right))
    if sign in _BITWISE:
        return _bitwise(sign, left, right)
    a, b = number(left), number(right)
    if sign in _COMPARISONS:
        return bool(_COMPARISONS[sign](a, b))
    return _arithmetic(sign, a, b)


def _common(left: Value, right: Value) -> Integer | None:
    """Return an integer of the common type of both operands, or None if that type has no declared width."""
    sides = [side for side in (left, right) if isinstance(side, Integer)]
    if not sides:
        return None
    if len(sides) == 1:
        other = right if sides[0] is left else left
        if isinstance(other, BitString | float) or sides[0].width < _MACHINE_BITS:
            return None
        sides.append(Integer(0, _MACHINE_BITS, signed=True))
    wider = max(sides, key=lambda side: (side.width, not side.signed))
    return Integer(0, wider.width, wider.signed)


def _sized_integers(sign: str, common: Integer, a: int, b: int) -> Value:
    def wrapped(value: int) -> Integer:
        return Integer.wrapped(value, common.width, common.signed)

    a, b = wrapped(a).value, wrapped(b).value
    if sign in _COMPARISONS:
        return bool(_COMPARISONS[sign](a, b))
    if sign in _BITWISE:
        return wrapped(_BITWISE[sign](a, b))
    if sign == "**" and b >= 0:
        return wrapped(pow(a, b, 1 << common.width))
    result = _arithmetic(sign, a, b)
    return wrapped(result) if isinstance(result, int) else result


def _shifted(sign: str, left: Value, right: Value) -> Value:
    a, distance = integer(left, f"an operand of {sign}"), integer(right, f"an operand of {sign}")
    if not 0 <= distance <= _MAX_INTEGER_BITS:
        raise Refused(f"a shift by {distance} bits is not possible")
    result = _BITWISE[sign](a, distance)
    if isinstance(left, Integer):
        return Integer.wrapped(result, left.width, left.signed)
    if isinstance(left, BitString):
        return BitString(result & (1 << left.width) - 1, left.width)
    return sized(result)


def _bitwise(sign: str, left: Value, right: Value) -> Value:
    widths = [v.width for v in (left, right) if isinstance(v, BitString)]
    if isinstance(left, bool) and isinstance(right, bool):
        return bool(_BITWISE[sign](left, right))
    a, b = integer(left, f"an operand of {sign}"), integer(right, f"an operand of {sign}")
    result = sized(_BITWISE[sign](a, b))
    return BitString(result & ((1 << max(widths)) - 1), max(widths)) if widths else result


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


def _angular(sign: str, left: Value, right: Value) -> Value:
    """Compute on angles of a declared width as on unsigned integers of that width."""
    if isinstance(left, float) or isinstance(right, float):
        if sign not in ("+", "-") and sign not in _COMPARISONS:
            return _arithmetic(sign, number(left), number(right))
        width = left.width if isinstance(left, FixedAngle) else right.width  # type: ignore[union-attr]
        left, right = _as_angle(left, width), _as_angle(right, width)
    if isinstance(left, FixedAngle) and isinstance(right, FixedAngle) and sign not in ("<<", ">>"):
        width = max(left.width, right.width)
        result = _unsigned(sign, width, left.resized(width).steps, right.resized(width).steps)
        return result if sign in ("/", "%") or isinstance(result, bool) else _angle_of(result, width)
    if isinstance(left, FixedAngle) and sign in ("*", "/", "<<", ">>", "**"):
        return _angle_of(_unsigned(sign, left.width, left.steps, integer(right)), left.width)
    if isinstance(right, FixedAngle) and sign == "*":
        return _angle_of(_unsigned(sign, right.width, right.steps, integer(left)), right.width)
    if sign in ("+", "-") or sign in _COMPARISONS:
        return _angular(sign, *(side if isinstance(side, FixedAngle) else float(number(side))
                                for side in (left, right)))  # fmt: skip
    raise Refused(f"{sign} is not defined for an angle and another type")


def _as_angle(value: Value, width: int) -> FixedAngle:
    if isinstance(value, FixedAngle):
        return value
    steps = round(math.fmod(float(number(value)) / math.tau, 1.0) * (1 << width))
    return FixedAngle(steps & (1 << width) - 1, width)


def _unsigned(sign: str, width: int, a: int, b: int) -> Value:
    if sign in ("<<", ">>"):
        return _shifted(sign, Integer(a, width, signed=False), b)
    return _sized_integers(sign, Integer(0, width, signed=False), a, b)


def _angle_of(value: Value, width: int) -> FixedAngle:
    return FixedAngle(integer(value), width)


def _timed(sign: str, left: Value, right: Value) -> Value:
    """Add, subtract, scale, compare or divide durations."""
    if isinstance(left, Duration) and isinstance(right, Duration):
        if sign in ("+", "-"):
            return plus(left, right if sign == "+" else times(right, -1.0))
        a, b = _comparable(left, right)
        if sign in _COMPARISONS:
            return bool(_COMPARISONS[sign](a, b))
        if sign == "/":
            return _arithmetic("/", a, b)
    elif sign == "*":
        length, factor = (left, right) if isinstance(left, Duration) else (right, left)
        return times(length, float(number(factor, "the factor")))
    elif sign == "/" and isinstance(left, Duration):
        return times(left, float(_arithmetic("/", 1.0, number(right, "the divisor"))))
    raise Refused(f"{sign} is not defined for a duration and {type(right).__name__.lower()}")


def plus(left: Duration, right: Duration) -> Duration:
    """Return the sum of two durations."""
    return Duration(left.seconds + right.seconds, left.periods + right.periods, left.open or right.open)


def times(length: Value, factor: float) -> Duration:
    """Return a duration scaled by a number."""
    assert isinstance(length, Duration)
    return Duration(length.seconds * factor, length.periods * factor, length.open)


def _comparable(left: Duration, right: Duration) -> tuple[float, float]:
    if not (left.open or right.open):
        if left.periods == right.periods == 0.0:
            return left.seconds, right.seconds
        if left.seconds == right.seconds == 0.0:
            return left.periods, right.periods
    raise Refused(
        "the ratio of these durations is not known",
        rule="how long dt, a stretch or an instruction lasts depends on a device",
    )


def _arithmetic(sign: str, a: int | float, b: int | float) -> int | float:
    if sign in ("/", "%") and b == 0:
        raise Refused("division by zero")
    exact = isinstance(a, int) and isinstance(b, int)
    try:
        if sign == "/":
            return int(_quotient(a, b)) if exact else a / b
        if sign == "%":
            return a - b * int(_quotient(a, b)) if exact else math.fmod(a, b)
        if sign == "**":
            return _power(a, b)
        result = {"+": operator.add, "-": operator.sub, "*": operator.mul}[sign](a, b)
    except KeyError:
        raise Refused(f"the operator {sign} is not supported") from None
    except (OverflowError, ValueError):
        raise Refused(f"{a} {sign} {b} is out of range") from None
    return sized(result) if isinstance(result, int) else float(result)


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


def sized(result: int) -> int:
    """Check an integer without a declared width, which is exact within an expression.

    Raises:
        Refused: It has more bits than any type.
    """
    if result.bit_length() > _MAX_INTEGER_BITS:
        raise Refused(f"an integer has more than {_MAX_INTEGER_BITS} bits")
    return result
