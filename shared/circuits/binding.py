"""Circuit records with bound parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shared.circuits.instruction import Affine, Angle, Gate, If, Instruction, While
from shared.circuits.record import CircuitRecord


def bound(record: CircuitRecord, values: Sequence[float]) -> CircuitRecord:
    """Return the record with its parameters, in declaration order, bound to values in radians.

    Raises:
        ValueError: the number of values differs from the number of parameters.
    """
    if not record.parameters and not values:
        return record
    known = dict(zip(record.parameters, values, strict=True))

    def number(angle: Angle) -> float:
        if not isinstance(angle, Affine):
            return angle
        return angle.offset + sum(factor * known[name] for name, factor in angle.terms)

    def with_numbers(item: Instruction) -> Instruction:
        match item:
            case Gate():
                return replace(item, params=tuple(map(number, item.params)))
            case If():
                then, otherwise = (tuple(map(with_numbers, part)) for part in (item.then, item.otherwise))
                return replace(item, then=then, otherwise=otherwise)
            case While():
                return replace(item, body=tuple(map(with_numbers, item.body)))
        return item

    return replace(record, parameters=(), instructions=tuple(map(with_numbers, record.instructions)))
