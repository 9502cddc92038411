"""JSON form of circuit records in specs and tasks, as written by `CircuitRecord.to_json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from novacron.json_types import Json


class WrittenAngle(TypedDict):
    """An angle that depends on parameters: their weighted sum plus an offset.

    Attributes:
        terms: weight by parameter name.
        offset: added to the sum, in radians.
    """

    terms: Mapping[str, float]
    offset: float


WrittenInstruction = TypedDict(
    "WrittenInstruction",
    {
        "gate": str,
        "qubits": Sequence[int],
        "params": Sequence[float | WrittenAngle],
        "noiseless": bool,
        "matrix": Sequence[Sequence[Sequence[float]]],
        "measure": int,
        "bit": int,
        "reset": int,
        "barrier": Sequence[int],
        "if": Mapping[str, Json],
        "then": Sequence["WrittenInstruction"],
        "else": Sequence["WrittenInstruction"],
        "store": Sequence[int],
        "type": Sequence[str | int],
        "value": Json,
        "while": int,
        "body": Sequence["WrittenInstruction"],
        "line": int,
    },
    total=False,
)
"""One instruction; its first key gives its kind."""


class WrittenRecord(TypedDict):
    """A circuit record.

    Attributes:
        n_qubits: number of qubits.
        parameters: names of the free parameters.
        registers: name and size of each classical register.
        instructions: in order.
        memory: number of further classical bits.
    """

    n_qubits: int
    parameters: Sequence[str]
    registers: Sequence[tuple[str, int]]
    instructions: Sequence[WrittenInstruction]
    memory: NotRequired[int]
