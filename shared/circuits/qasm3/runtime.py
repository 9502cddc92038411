"""Values as run-time expressions, and their number of elements."""

from shared.circuits.classical.computation import Expression, Literal, Read
from shared.circuits.classical.types import Type
from shared.circuits.classical.values import (
    Bits,
    BitString,
    Computed,
    Duration,
    Qubits,
    Stored,
    Value,
    describe,
    number,
)
from shared.circuits.instruction import Affine
from shared.circuits.limits import Refused


def lifted(value: Value) -> Expression:
    """Return a value as a run-time expression.

    Raises:
        Refused: It has no classical type.
    """
    match value:
        case Bits():
            return Read(value.indices, Type("bit", len(value.indices)))
        case Stored():
            return Read(value.indices, value.type)
        case Computed():
            return value.expression
        case Affine() | Qubits() | Duration() | list():
            if isinstance(value, Affine):
                number(value)
            raise Refused(f"{describe(value)} cannot be computed with measured bits")
    return Literal(value)


def size(value: Value) -> int:
    """Return the number of elements, bits or qubits.

    Raises:
        Refused: The value has none.
    """
    if isinstance(value, Bits | Stored | Qubits):
        return len(value.indices)
    if isinstance(value, list):
        return len(value)
    if isinstance(value, BitString):
        return value.width
    raise Refused(f"{describe(value)} has no size")
