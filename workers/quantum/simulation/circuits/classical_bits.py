"""Classical computations of circuits, on tables of bits with one row per branch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from shared.circuits.classical.computation import Read, bits_read, value_of
from shared.circuits.classical.types import Type, encoded
from shared.circuits.instruction import ANGLE_BITS, Affine, Angle, Gate, Store, memory_angles, memory_of
from shared.circuits.limits import Refused
from workers.quantum.simulation.ir.refusal import CircuitError

Bits = NDArray[np.uint8]

MAX_REPETITIONS = 10_000
"""Maximum number of iterations of one `while` loop."""
NEGLIGIBLE = 1e-15
"""Loops are run until the probability that they continue is at most this."""


class LoopLimitError(CircuitError):
    """A loop on measured bits that runs for too long."""

    def __init__(self, line: int, share: str) -> None:
        super().__init__(
            f"the loop in line {line} of the circuit still runs {share} after {MAX_REPETITIONS:,} "
            "repetitions; it may never end"
        )


class ComputationError(CircuitError):
    """A computation that is undefined for the values of the bits."""


def stored(item: Store, bits: Bits) -> Bits:
    """Return the classical bits after an assignment.

    Args:
        item: The assignment.
        bits: uint8[b, n], one row per branch.

    Returns:
        uint8[b, n], a new array.

    Raises:
        ComputationError: A division by zero, an index out of range, and the like.
    """
    result = bits.copy()
    columns = sorted(set(bits_read(item.value)))
    different, rows = np.unique(bits[:, columns], axis=0, return_inverse=True)
    values = [_pattern(item, dict(zip(columns, row.tolist(), strict=True))) for row in different]
    patterns = [[value >> place & 1 for place in range(len(item.bits))] for value in values]
    if patterns:
        result[:, list(item.bits)] = np.array(patterns, dtype=np.uint8)[rows.reshape(-1)]
    return result


def _pattern(item: Store, memory: Mapping[int, int]) -> int:
    try:
        return encoded(value_of(item.value, memory.__getitem__), item.type)
    except Refused as error:
        raise ComputationError(f"line {item.line} of the circuit: {error.message}") from None


def stored_in(item: Store, row: Bits) -> None:
    """Store a value in one row of classical bits uint8[n], in place.

    Raises:
        ComputationError: As for `stored`.
    """
    memory = {bit: int(row[bit]) for bit in bits_read(item.value)}
    pattern = _pattern(item, memory)
    for place, bit in enumerate(item.bits):
        row[bit] = pattern >> place & 1


def turned(gate: Gate, row: Bits) -> Gate:
    """Return a gate with the angles stored in classical bits uint8[n].

    Raises:
        ComputationError: Such an angle is not finite.
    """
    return replace(gate, params=tuple(_angle(angle, row) for angle in gate.params))


def _angle(angle: Angle, row: Bits) -> Angle:
    if not isinstance(angle, Affine):
        return angle
    total = angle.offset
    for name, factor in angle.terms:
        first = memory_of(name)
        if first is None:
            return angle
        read = Read(tuple(range(first, first + ANGLE_BITS)), Type("float"))
        total += factor * float(value_of(read, lambda bit: int(row[bit])))  # type: ignore[arg-type]
    if not np.isfinite(total):
        raise ComputationError("an angle that depends on measured bits is not finite")
    return total


def angle_columns(gate: Gate) -> list[int]:
    """Return the classical bits that hold a gate's angles."""
    return [first + place for first in memory_angles(gate) for place in range(ANGLE_BITS)]
