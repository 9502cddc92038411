"""Expression trees over classical bits that a circuit evaluates while it runs, and their values.

An expression is evaluated by the same functions that fold constants when a program is read.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final, TypeAlias

from shared.circuits.classical.arithmetic import BINARY, binary, unary
from shared.circuits.classical.functions import FUNCTIONS, call
from shared.circuits.classical.types import KINDS, MAX_BITS, Type, cast, decoded
from shared.circuits.classical.values import BitString, FixedAngle, Integer, Known, integer, truth
from shared.circuits.limits import Refused


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant.

    Raises:
        Refused: The number is infinite, which a record cannot hold.
    """

    value: Known

    def __post_init__(self) -> None:
        if isinstance(self.value, float) and not isfinite(self.value):
            raise Refused("a number is not finite", rule="a float is at most about 1.8e308 in size")


@dataclass(frozen=True, slots=True)
class Read:
    """The value that classical bits hold; `bits[0]` is the least significant."""

    bits: tuple[int, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class Cast:
    """A value cast to another type."""

    type: Type
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator, a built-in function or one of `ACCESS`, applied to operands."""

    name: str
    operands: tuple["Expression", ...]


Expression: TypeAlias = Literal | Read | Cast | Apply


def bits_read(expression: Expression) -> Iterator[int]:
    """Yield the bits an expression reads, once per occurrence."""
    match expression:
        case Read():
            yield from expression.bits
        case Cast():
            yield from bits_read(expression.operand)
        case Apply():
            for operand in expression.operands:
                yield from bits_read(operand)


def renumbered(expression: Expression, number: Callable[[int], int]) -> Expression:
    """Return the same expression with renumbered bits."""
    match expression:
        case Read():
            return Read(tuple(map(number, expression.bits)), expression.type)
        case Cast():
            return Cast(expression.type, renumbered(expression.operand, number))
        case Apply():
            return Apply(expression.name, tuple(renumbered(part, number) for part in expression.operands))
    return expression


def value_of(expression: Expression, memory: Callable[[int], int]) -> Known:
    """Return the value of an expression.

    Args:
        expression: The expression.
        memory: Gives the value, 0 or 1, of a classical bit.

    Raises:
        Refused: The values do not suit an operation: a division by zero, an index out of range.
    """
    match expression:
        case Literal():
            return expression.value
        case Read():
            pattern = sum(memory(bit) << place for place, bit in enumerate(expression.bits))
            return decoded(pattern, expression.type)
        case Cast():
            return cast(value_of(expression.operand, memory), expression.type)
    return _applied(expression, memory)


def _applied(expression: Apply, memory: Callable[[int], int]) -> Known:
    name, operands = expression.name, expression.operands

    def value(place: int) -> Known:
        return value_of(operands[place], memory)

    match name:
        case "&&":
            return truth(value(0)) and truth(value(1))
        case "||":
            return truth(value(0)) or truth(value(1))
        case "choose":
            return value(1 if truth(value(0)) else 2)
        case "element":
            return value(1 + position(value(0), len(operands) - 1))
    return operate(name, [value(place) for place in range(len(operands))])


def operate(name: str, values: Sequence[Any]) -> Known:
    """Apply an operator, a function or an element access to known values.

    Raises:
        Refused: The values do not suit the operation.
    """
    if name in ACCESS:
        return ACCESS[name][1](*values)
    if name in FUNCTIONS:
        return call(name, list(values))  # type: ignore[return-value]
    if len(values) == 1:
        return unary(name, values[0])  # type: ignore[return-value]
    return binary(name, *values)  # type: ignore[return-value]


def position(index: Known, size: int) -> int:
    """Return an index as a position from 0; negative indices count from the end.

    Raises:
        Refused: It is out of range.
    """
    place = integer(index, "the index")
    if not -size <= place < size:
        raise Refused(f"index {place} is out of range", rule=f"the register has size {size}")
    return place % size


def pattern(value: Known) -> BitString:
    """Return the bits of a value that has a width.

    Raises:
        Refused: It has none.
    """
    match value:
        case BitString():
            return value
        case Integer():
            return BitString(value.value & (1 << value.width) - 1, value.width)
        case FixedAngle():
            return BitString(value.steps, value.width)
        case int() if not isinstance(value, bool):
            return BitString(value & (1 << 64) - 1, 64)
    raise Refused("this value has no bits to index")


def _bit(value: Known, index: Known) -> BitString:
    bits = pattern(value)
    return bits.select([position(index, bits.width)])


def _bits(value: Known, *places: int) -> BitString:
    return pattern(value).select(list(places))


def _replaced(value: Known, index: Known, bit: Known) -> BitString:
    bits = pattern(value)
    place = position(index, bits.width)
    return BitString(bits.value & ~(1 << place) | truth(bit) << place, bits.width)


ACCESS: Final[dict[str, tuple[int | None, Callable[..., Known]]]] = {
    "bit": (2, _bit),
    "bits": (None, _bits),
    "replace": (3, _replaced),
    "position": (2, lambda index, size: position(index, size)),
}
"""Name -> (number of operands, None for any; function): bit of a value at an index, bits at positions, a
value with one bit replaced, and an index checked against a size."""
_LAZY: Final = {"choose": 3, "element": None}


def expression_to_json(expression: Expression) -> list[Any]:
    """Return an expression as plain JSON data, the inverse of `expression_from_json`."""
    match expression:
        case Read():
            return ["read", list(expression.bits), expression.type.kind, expression.type.width]
        case Cast():
            kind, width = expression.type.kind, expression.type.width
            return ["cast", expression_to_json(expression.operand), kind, width]
        case Apply():
            return ["apply", expression.name, *map(expression_to_json, expression.operands)]
    match expression.value:
        case BitString(value, width):
            return ["bit", value, width]
        case Integer(value, width, signed):
            return ["int" if signed else "uint", value, width]
        case FixedAngle(steps, width):
            return ["angle", steps, width]
        case bool() | int() | float() as plain:
            return [type(plain).__name__, plain]


def expression_from_json(data: Any, n_bits: int) -> Expression:
    """Validate plain JSON data and build the expression.

    Raises:
        Refused: The data is no expression over `n_bits` classical bits; the message says why.
    """
    if not isinstance(data, list) or len(data) < 2 or not isinstance(data[0], str):
        raise Refused("is not a list of a word and what it needs")
    match data:
        case ["read", list(bits), kind, width]:
            if not all(type(bit) is int and 0 <= bit < n_bits for bit in bits):
                raise Refused(f"reads bits that are not integers from 0 to {n_bits - 1}")
            read = Read(tuple(bits), type_from_json(kind, width))
            if len(bits) != read.type.bits:
                raise Refused(f"reads {read.type} from {len(bits)} bits")
            return read
        case ["cast", operand, kind, width]:
            return Cast(type_from_json(kind, width), expression_from_json(operand, n_bits))
        case ["apply", name, *operands]:
            _check_operation(name, len(operands))
            return Apply(name, tuple(expression_from_json(part, n_bits) for part in operands))
    return Literal(_literal(data))


def _check_operation(name: Any, n_operands: int) -> None:
    arities: dict[str, tuple[int | None, ...]] = {
        **{sign: (2,) for sign in BINARY}, "!": (1,), "~": (1,), "-": (1, 2),
        **{word: (arity,) for word, (arity, _) in (*FUNCTIONS.items(), *ACCESS.items())},
        **{word: (arity,) for word, arity in _LAZY.items()},
    }  # fmt: skip
    allowed = arities.get(name) if isinstance(name, str) else None
    if allowed is None or (None not in allowed and n_operands not in allowed) or n_operands == 0:
        raise Refused(f"has no operation {name!r} of {n_operands} operands")


def type_from_json(kind: Any, width: Any) -> Type:
    """Validate a type's kind and width.

    Raises:
        Refused: There is no such type.
    """
    if kind not in KINDS or not (width is None or (type(width) is int and 1 <= width <= MAX_BITS)):
        raise Refused(f"has no type {kind!r} of width {width!r}")
    return Type(kind, width)


def _literal(data: list[Any]) -> Known:
    word, value = data[0], data[1]
    whole = type(value) is int
    if len(data) == 2:
        if word == "bool" and isinstance(value, bool):
            return value
        if word == "int" and whole:
            return int(value)
        if word == "float" and isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    elif len(data) == 3 and whole and type(data[2]) is int and 1 <= data[2] <= MAX_BITS:
        width = data[2]
        if word in ("int", "uint"):
            return Integer.wrapped(value, width, signed=word == "int")
        if word in ("bit", "angle") and 0 <= value < 1 << width:
            return BitString(value, width) if word == "bit" else FixedAngle(value, width)
    raise Refused(f"has {data!r:.60} where a value is needed")
