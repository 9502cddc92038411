"""Built-in functions of OpenQASM 3 on known values.

Source: OpenQASM 3.0 specification, "Built-in constant expression functions".
"""

import math
from collections.abc import Callable
from typing import Final

from shared.circuits.classical.arithmetic import binary
from shared.circuits.classical.values import BitString, FixedAngle, Integer, Value, describe, integer, number
from shared.circuits.limits import Refused


def _rotate(value: Value, distance: Value, direction: int) -> Value:
    if isinstance(value, Integer):
        turned = _rotate(BitString(value.value & (1 << value.width) - 1, value.width), distance, direction)
        return Integer.wrapped(integer(turned), value.width, value.signed)
    if isinstance(value, FixedAngle):
        turned = _rotate(BitString(value.steps, value.width), distance, direction)
        return FixedAngle(integer(turned), value.width)
    if not isinstance(value, BitString) or value.width == 0:
        raise Refused(f"{describe(value)} has no declared width, so it cannot be rotated")
    shift = direction * integer(distance) % value.width
    rotated = value.value << shift | value.value >> (value.width - shift)
    return BitString(rotated & ((1 << value.width) - 1), value.width)


def _popcount(value: Value) -> int:
    if isinstance(value, FixedAngle):
        return value.steps.bit_count()
    if isinstance(value, Integer):
        return (value.value & (1 << value.width) - 1).bit_count()
    return (integer(value) & (1 << 64) - 1).bit_count() if not isinstance(value, BitString) \
        else value.value.bit_count()  # fmt: skip


def _real(function: Callable[..., float]) -> Callable[..., Value]:
    return lambda *values: function(*(number(value, "an argument") for value in values))


FUNCTIONS: Final[dict[str, tuple[int, Callable[..., Value]]]] = {
    "arccos": (1, _real(math.acos)), "arcsin": (1, _real(math.asin)), "arctan": (1, _real(math.atan)),
    "ceiling": (1, _real(math.ceil)), "floor": (1, _real(math.floor)), "cos": (1, _real(math.cos)),
    "sin": (1, _real(math.sin)), "tan": (1, _real(math.tan)), "exp": (1, _real(math.exp)),
    "log": (1, _real(math.log)), "sqrt": (1, _real(math.sqrt)),
    "mod": (2, lambda a, b: binary("%", a, b)), "pow": (2, lambda a, b: binary("**", a, b)),
    "popcount": (1, _popcount),
    "rotl": (2, lambda value, distance: _rotate(value, distance, 1)),
    "rotr": (2, lambda value, distance: _rotate(value, distance, -1)),
}  # fmt: skip
"""Built-in functions: name -> (number of arguments, function of known values)."""


def check_call(name: str, n_arguments: int) -> None:
    """Reject a call that is invalid for all argument values.

    Raises:
        Refused: There is no such function, or it takes another number of arguments.
    """
    if name not in FUNCTIONS:
        raise Refused(f"there is no function {name!r}", hint=f"known: {', '.join(sorted(FUNCTIONS))}")
    arity = FUNCTIONS[name][0]
    if n_arguments != arity:
        raise Refused(f"{name} takes {arity} arguments, not {n_arguments}")


def call(name: str, arguments: list[Value]) -> Value:
    """Call a built-in function.

    Raises:
        Refused: There is no such function, or the arguments are outside its domain.
    """
    check_call(name, len(arguments))
    try:
        return FUNCTIONS[name][1](*arguments)
    except (ValueError, OverflowError):
        shown = ", ".join(str(number(value)) for value in arguments)
        raise Refused(f"{name} is not defined for {shown}") from None
