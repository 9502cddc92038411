"""Error correction of a circuit: the code that its qubits are encoded in."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from novacron.specs.record import Record
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Integer

NONE = ("none", False)
"""Other ways to say that a circuit is not encoded."""


def _odd(distance: int) -> int:
    if distance % 2 == 0:
        rule = "must be odd: an even distance corrects no more errors than the one below"
        raise refuse(rule, value=distance, hint=f"take {distance - 1} or {distance + 1}")
    return distance


class ErrorCorrection(Record):
    """Encode each qubit of a circuit in a patch of its own.

    Attributes:
        code: family of codes.
        distance: code distance, odd: up to (distance - 1) / 2 faults are corrected.
    """

    code: Literal["rotated_surface"]
    distance: Annotated[Integer, Field(ge=3, le=25), AfterValidator(_odd)]


def _none(value: object) -> object:
    return None if value in NONE else value


Encoding = Annotated[
    ErrorCorrection | None,
    BeforeValidator(_none, json_schema_input_type=ErrorCorrection | Literal["none", False] | None),
]
