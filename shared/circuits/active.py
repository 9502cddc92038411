"""Finds the qubits of a circuit that a simulator has to hold: all others stay in |0>."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from novacron.specs.noise import WrittenNoise
from shared.circuits.strikes import Operation, struck

UNACTING = frozenset({"measure", "reset", "id"})
"""Operations that leave a qubit in |0> unchanged."""
BLOCKS = ("then", "else", "body")
"""Keys under which an instruction's JSON holds nested blocks."""


def operations(instructions: Iterable[Mapping[str, Any]]) -> dict[Operation, None]:
    """Return the distinct gates, resets and measurements of a record's JSON with the qubits they act on.

    In order of first occurrence, including those inside blocks.
    """
    found: dict[Operation, None] = {}
    _collect(instructions, found)
    return found


def _collect(instructions: Iterable[Mapping[str, Any]], found: dict[Operation, None]) -> None:
    for item in instructions:
        if "gate" in item:
            name = "noiseless" if item.get("noiseless") else item["gate"]
            found[name, tuple(item["qubits"])] = None
        for name in ("measure", "reset"):
            if name in item:
                found[name, (item[name],)] = None
        for block in BLOCKS:
            _collect(item.get(block, ()), found)


def active_qubits(record: Mapping[str, Any], noise: WrittenNoise | None) -> tuple[int, ...]:
    """Return the qubits that leave |0>, ascending.

    Args:
        record: a circuit record's JSON.
        noise: a canonical noise model; a qubit that it disturbs is active, too.
    """
    found: set[int] = set()
    for operation in operations(record["instructions"]):
        name, qubits = operation
        if name not in UNACTING:
            found.update(qubits)
        for fault in noise["errors"] if noise else ():
            for place in struck(fault, operation, record["n_qubits"]):
                found.update(place.qubits)
    return tuple(sorted(found))
