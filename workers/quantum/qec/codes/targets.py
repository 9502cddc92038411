"""Targets of Stim's instructions."""

from __future__ import annotations

from collections.abc import Iterable

import stim


def product(kind: str, qubits: Iterable[int]) -> list[stim.GateTarget]:
    """Return the targets of MPP for one product of Pauli operators of the same kind."""
    targets: list[stim.GateTarget] = []
    for qubit in qubits:
        targets += [stim.target_combiner()] * bool(targets) + [stim.target_pauli(qubit, kind)]
    return targets


def records(offsets: Iterable[int]) -> list[stim.GateTarget]:
    """Return the targets of measurements counted back from the last one, which is -1."""
    return [stim.target_rec(offset) for offset in offsets]
