"""Where the errors of a noise model occur: after which operations, and on which qubits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Fault = Mapping[str, Any]
"""An error of a canonical noise model, `novacron.specs.channel.AnyError` as JSON."""
Operation = tuple[str, tuple[int, ...]]
"""Name of a gate, `unitary`, `reset`, `measure` or `noiseless`, and the qubits it acts on."""


UNSTRUCK = frozenset({"measure", "noiseless"})
"""Names of operations that no error follows: measurements, and flips beside a negative control."""


class Place(NamedTuple):
    """Qubits on which an error acts jointly, with a probability if the place has its own."""

    qubits: tuple[int, ...]
    p: float | None = None


def struck(fault: Fault, operation: Operation, n_qubits: int) -> list[Place]:
    """Return the places where an error acts after an operation, in order.

    No error follows global phases, which act on no qubit, or operations in `UNSTRUCK`.

    Args:
        fault: the error.
        operation: the operation it may follow.
        n_qubits: number of qubits of the circuit; entries for higher qubits are ignored.
    """
    name, qubits = operation
    if name in UNSTRUCK or not qubits or not _follows(fault, name, qubits):
        return []
    allowed = None if fault["qubits"] is None else set(fault["qubits"])
    found = _disturbed(fault, qubits, n_qubits) if fault["name"] == "crosstalk" else _acted(fault, qubits)
    return [place for place in found if allowed is None or allowed.issuperset(place.qubits)]


def width(fault: Fault, n_qubits: int) -> int:
    """Return the number of qubits that one error acts on after a gate on the given number of qubits."""
    match fault["name"]:
        case "depolarizing":
            return 1 if fault["each"] else n_qubits
        case "pauli":
            return len(next(iter(fault["probabilities"])))
        case "kraus":
            return len(fault["operators"][0]).bit_length() - 1
        case "crosstalk":
            return 2
    return 1


def _follows(fault: Fault, name: str, qubits: tuple[int, ...]) -> bool:
    if fault["gates"] is not None and name not in fault["gates"]:
        return False
    places = fault["gate_qubits"]
    if places is None:
        return True
    if fault.get("ordered"):  # absent in tasks planned before there was this key
        return list(qubits) in map(list, places)
    return sorted(qubits) in map(sorted, places)


def _acted(fault: Fault, qubits: tuple[int, ...]) -> Iterator[Place]:
    """Yield each qubit of the operation, or all of them at once if the error is as wide."""
    size = width(fault, len(qubits))
    if size == 1:
        yield from (Place((qubit,)) for qubit in qubits)
    elif size == len(qubits):
        yield Place(qubits)


def _disturbed(fault: Fault, qubits: tuple[int, ...], n_qubits: int) -> Iterator[Place]:
    for i, j, p in fault["pairs"]:
        if i in qubits and j not in qubits and j < n_qubits:
            yield Place((i, j), p)
