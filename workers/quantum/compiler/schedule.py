"""Start times of a compiled circuit's instructions, with the durations of the device's calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapreplace
from typing import Any

from shared.circuits.instruction import Barrier, Gate, If, Instruction, Measure, Reset, Store, While, blocks
from shared.circuits.record import touched
from shared.quantum.devices import Device
from workers.quantum.compiler.compiled import Method

DECOUPLING = ("x", "u")
"""Gates that give the X of the shortest decoupling sequence, X-X (Viola and Lloyd, PRA 58, 2733)."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Time in which a qubit waits between two of its instructions.

    Attributes:
        qubit: device qubit.
        start_s: beginning.
        duration_s: length.
    """

    qubit: int
    start_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class Schedule:
    """A circuit in time.

    Attributes:
        method: `asap` or `alap`.
        starts_s: start of each instruction, in order.
        durations_s: duration of each.
        duration_s: end of the last one.
        gaps: times in which a qubit waits after its first and before its last instruction.
        slots: the gaps that are long enough for dynamical decoupling.
    """

    method: Method
    starts_s: tuple[float, ...]
    durations_s: tuple[float, ...]
    duration_s: float
    gaps: tuple[Gap, ...]
    slots: tuple[Gap, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the schedule as part of a job's result; a gap or a slot is (qubit, start, duration)."""
        return {
            "method": self.method, "duration_s": self.duration_s, "starts_s": list(self.starts_s),
            "gaps": [[gap.qubit, gap.start_s, gap.duration_s] for gap in self.gaps],
            "decoupling_slots": [[slot.qubit, slot.start_s, slot.duration_s] for slot in self.slots],
        }  # fmt: skip


def schedule(instructions: Sequence[Instruction], device: Device, method: Method = "alap") -> Schedule:
    """Start every instruction as soon, or as late, as its qubits, bits and the device's limits permit.

    Instructions of a limited name start in the order of the circuit; each branch of a conditional is limited
    by itself.

    Args:
        instructions: of the compiled circuit.
        device: with the durations; a gate without an entry takes no time.
        method: `asap` or `alap`.
    """
    items = list(instructions)
    took = [duration_s(item, device) for item in items]
    order = range(len(items)) if method == "asap" else range(len(items) - 1, -1, -1)
    free: dict[tuple[str, int], float] = {}
    lanes = {limit.instruction: [0.0] * limit.maximum for limit in device.max_parallel}
    starts = [0.0] * len(items)
    for k in order:
        wires, lane = _wires(items[k]), lanes.get(_name(items[k]), [0.0])
        starts[k] = max((lane[0], *(free.get(wire, 0.0) for wire in wires)))
        free.update(dict.fromkeys(wires, starts[k] + took[k]))
        heapreplace(lane, starts[k] + took[k])
    total = max(free.values(), default=0.0)
    if method == "alap":
        starts = [total - start - length for start, length in zip(starts, took, strict=True)]
    gaps = tuple(_gaps(items, starts, took))
    slots = tuple(gap for gap in gaps if _decoupled(gap, device))
    return Schedule(method, tuple(starts), tuple(took), total, gaps, slots)


def duration_s(item: Instruction, device: Device) -> float:
    """Return the duration of an instruction in seconds; a conditional takes its longer branch."""
    match item:
        case Gate():
            known = device.figures.get((item.name, frozenset(item.qubits)))
            return known.duration_s if known else 0.0
        case Measure():
            return device.qubits[item.qubit].readout_s or 0.0
        case Reset():
            known = device.figures.get(("reset", frozenset((item.qubit,))))
            return known.duration_s if known else 0.0
        case If() | While():
            return max(schedule(block, device).duration_s for block in blocks(item))
        case _:
            return 0.0


def _name(item: Instruction) -> str:
    match item:
        case Gate():
            return item.name
        case Measure():
            return "measure"
        case Reset():
            return "reset"
        case _:
            return ""


def _decoupled(gap: Gap, device: Device) -> bool:
    """Return whether two X gates fit into a gap."""
    entries = (device.figures.get((name, frozenset((gap.qubit,)))) for name in DECOUPLING)
    return any(known is not None and 2 * known.duration_s <= gap.duration_s for known in entries)


def _wires(item: Instruction) -> list[tuple[str, int]]:
    qubits, bits = touched([item])
    return [("qubit", qubit) for qubit in qubits] + [("bit", bit) for bit in bits]


def _gaps(items: Sequence[Instruction], starts: Sequence[float], took: Sequence[float]) -> list[Gap]:
    ended: dict[int, float] = {}
    gaps = []
    for k in sorted(range(len(items)), key=lambda k: (starts[k], k)):
        if isinstance(items[k], Barrier | Store):
            continue
        for qubit in touched([items[k]])[0]:
            if qubit in ended and starts[k] > ended[qubit]:
                gaps.append(Gap(qubit, ended[qubit], starts[k] - ended[qubit]))
            ended[qubit] = starts[k] + took[k]
    return gaps
