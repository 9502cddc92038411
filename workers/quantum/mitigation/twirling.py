"""Pauli twirling: random Pauli gates around two-qubit Clifford gates that cancel without noise.

Averaged over the random gates, the errors of the gates between become Pauli errors. Source: Wallman, Emerson,
Phys. Rev. A 94, 052325 (2016), section III.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from shared.circuits.instruction import Gate, Instruction, Unitary
from workers.quantum.mitigation.isa import Isa
from workers.quantum.simulation.circuits.clifford import NotCliffordError, clifford
from workers.quantum.simulation.ir.refusal import CircuitError

LETTERS = ("id", "x", "y", "z")
"""Gates of the digits of a Pauli string in base 4."""


def twirled(isa: Isa, rng: np.random.Generator) -> Isa:
    """Return the circuit with random Pauli gates before its two-qubit Clifford gates, undone after them.

    The Pauli gates have no errors of their own: a compiler merges them with their neighbours.
    """
    return isa.with_gates(tuple(_twirled(isa, rng)))


def _twirled(isa: Isa, rng: np.random.Generator) -> Iterator[Instruction]:
    for item in isa.record.instructions:
        after = _after(item, before := int(rng.integers(16))) if _is_pair(item) else None
        if after is None:
            yield item
            continue
        assert isinstance(item, Gate | Unitary)
        yield from _paulis(before, item.qubits)
        yield item
        yield from _paulis(after, item.qubits)


def _is_pair(item: Instruction) -> bool:
    return isinstance(item, Gate | Unitary) and len(item.qubits) == 2


def _after(item: Instruction, before: int) -> int | None:
    """Return the string P' with P' G P = G up to a sign, None if the gate is not Clifford."""
    assert isinstance(item, Gate | Unitary)
    try:
        signs = clifford(item).signs
    except (NotCliffordError, CircuitError):
        return None
    return int(np.flatnonzero(signs[:, before])[0])


def _paulis(string: int, qubits: tuple[int, ...]) -> Iterator[Gate]:
    for place, qubit in enumerate(qubits):
        digit = string >> 2 * (len(qubits) - 1 - place) & 3
        if digit:
            yield Gate(LETTERS[digit], (qubit,), (), noiseless=True)
