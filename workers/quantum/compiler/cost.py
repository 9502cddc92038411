"""Figures of a circuit, and the estimated probability that a compiled one succeeds on its device."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import log, log1p

from novacron.json_types import JsonObject
from shared.circuits.instruction import Gate, If, Instruction, Measure, Unitary, While, blocks
from shared.circuits.record import CircuitRecord, touched
from shared.quantum.devices import Device
from workers.quantum.compiler.schedule import Gap

CERTAIN_FAILURE = -1e9
"""Log of the success of a gate that always fails; finite, so that the other gates still count."""


def two_qubit_count(record: CircuitRecord) -> int:
    """Return the number of gates on two or more qubits, including those in both branches of conditionals."""
    return sum(
        isinstance(item, Gate | Unitary) and len(item.qubits) > 1 for item in _flat(record.instructions)
    )


def two_qubit_depth(record: CircuitRecord) -> int:
    """Return the length of the longest chain of dependent gates on two or more qubits."""
    level: dict[int, int] = {}
    for item in _flat(record.instructions):
        if isinstance(item, Gate | Unitary) and len(item.qubits) > 1:
            reached = 1 + max(level.get(qubit, 0) for qubit in item.qubits)
            level.update(dict.fromkeys(item.qubits, reached))
    return max(level.values(), default=0)


def figures(record: CircuitRecord) -> JsonObject:
    """Return depth, gate counts, two-qubit count and depth of any circuit."""
    counts = record.gate_counts()
    n_gates = sum(count for name, count in counts.items() if name not in ("measure", "reset", "gphase"))
    return {
        "n_qubits": len(touched(record.instructions)[0]),
        "depth": record.depth(),
        "gate_count": n_gates,
        "counts": dict(counts),
        "two_qubit_count": two_qubit_count(record),
        "two_qubit_depth": two_qubit_depth(record),
    }


def log_success(record: CircuitRecord, device: Device, gaps: Iterable[Gap]) -> float:
    """Return the log of the probability that no gate fails, no qubit decays while idle, no readout errs.

    Errors are taken as independent: a gate fails with its measured error, a waiting qubit with the average
    infidelity of its relaxation, a readout with the mean of its two error probabilities.

    Args:
        record: the compiled circuit.
        device: the device.
        gaps: times in which qubits wait.

    Source: Murali et al., ASPLOS 2019, arXiv:1901.11054, section 4 (without idle decay).
    """
    total = 0.0
    for item in _flat(record.instructions):
        if isinstance(item, Gate):
            known = device.figures.get((item.name, frozenset(item.qubits)))
            total += _log_kept(known.error if known else 0.0)
        elif isinstance(item, Measure):
            total += _log_kept(readout_error(device, item.qubit))
    for gap in gaps:
        total += log((2 * device.qubits[gap.qubit].kept(gap.duration_s) + 1) / 3)
    return total


def readout_error(device: Device, site: int) -> float:
    """Return the mean probability that a qubit is read wrongly."""
    figures = device.qubits[site]
    return (figures.p1_given_0 + figures.p0_given_1) / 2


def _log_kept(error: float) -> float:
    return log1p(-error) if error < 1 else CERTAIN_FAILURE


def _flat(instructions: Iterable[Instruction]) -> Iterator[Gate | Unitary | Measure]:
    for item in instructions:
        if isinstance(item, If | While):
            for block in blocks(item):
                yield from _flat(block)
        elif isinstance(item, Gate | Unitary | Measure):
            yield item
