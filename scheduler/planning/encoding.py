"""Which circuits can be encoded in the rotated surface code, and what their runs cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from novacron.errors import BadInput
from novacron.specs.error_correction import ErrorCorrection
from novacron.specs.noise import Noise
from scheduler.planning.simulator import Demand
from shared.circuits.clifford import first_non_clifford
from shared.circuits.strikes import Operation
from shared.circuits.written import WrittenInstruction

MOST_QUBITS = 2
MOST_DETECTORS = 100_000
STEPS = {"h": 1, "cx": 2, "cz": 4}
"""Steps of d rounds of syndrome extraction that a gate takes; the preparation takes one."""
BARE = "leave error_correction out"
FREE = ("id", "x", "y", "z", "swap", "gphase")
"""Gates without any."""
GATES = ", ".join(sorted((*STEPS, *FREE[:-1])))
PHASES = ("s", "sdg", "sx", "sxdg")
"""Quarter turns, which have no transversal form."""
PHYSICAL: tuple[Operation, ...] = (("reset", (0,)), ("h", (0,)), ("cx", (0, 1)), ("measure", (0,)))
"""Operations of encoded circuits."""
DETECTOR_S = 3e-8
"""Seconds to sample and decode one detector, with noise near the threshold."""
BUILD_S = 2e-4
"""Seconds to build one detector of the circuit, its error model and the decoder."""

DETECTOR_BYTES = 10_000
"""Memory of the error model and the decoder for one detector."""


@dataclass(frozen=True)
class Size:
    """Size of an encoded circuit, estimated from above.

    Attributes:
        n_qubits: physical qubits.
        n_detectors: detectors.
    """

    n_qubits: int
    n_detectors: int

    @property
    def build_s(self) -> float:
        """Seconds to build it."""
        return self.n_detectors * BUILD_S

    @property
    def memory_bytes(self) -> int:
        """Memory of its error model and decoder."""
        return self.n_detectors * DETECTOR_BYTES

    @property
    def shot_s(self) -> float:
        """Seconds for one shot."""
        return self.n_detectors * DETECTOR_S


def size(demand: Demand) -> Size:
    """Return the size of a job's encoded circuit."""
    asked = _asked(demand)
    names = [item["gate"] for item in demand.record["instructions"] if "gate" in item]
    steps = 1 + sum(STEPS.get(name, 0) for name in names)
    joined = any(STEPS.get(name, 0) > 1 for name in names)
    n_data = (2 * asked.distance + 1) ** 2 if joined else (demand.spec.n_qubits or 1) * asked.distance**2
    return Size(2 * n_data, n_data * (steps * asked.distance + 1))


def check(demand: Demand) -> None:
    """Refuse a circuit that cannot be encoded.

    Raises:
        BadInput: names the field, the value, the rule and what to do.
    """
    n_qubits = demand.spec.n_qubits or 0
    if not 1 <= n_qubits <= MOST_QUBITS:
        rule = f"has {n_qubits} qubits; encoded circuits have 1 or {MOST_QUBITS}"
        raise BadInput(rule, field="circuit", hint=f"use fewer qubits, or {BARE}")
    _check_instructions(demand)
    if demand.spec.noise is not None:
        _check_noise(demand.spec.noise)
    if (n := size(demand).n_detectors) > MOST_DETECTORS:
        rule = f"gives this circuit about {n:,} detectors, more than {MOST_DETECTORS:,}"
        hint = "lower it, or use a circuit of fewer gates"
        value = _asked(demand).distance
        raise BadInput(rule, field="error_correction.distance", value=value, hint=hint)


def _asked(demand: Demand) -> ErrorCorrection:
    asked = demand.spec.error_correction
    assert asked is not None
    return asked


def _check_instructions(demand: Demand) -> None:
    """Refuse gates without an encoded form, and whatever is neither a gate nor at the start or the end."""
    begun: set[int] = set()
    measured: set[int] = set()
    for index, item in enumerate(demand.record["instructions"]):
        place = f"instructions[{index}]"
        if "barrier" in item or item.get("gate") == "id":
            continue
        if "gate" in item:
            _check_gate(item, place)
            begun.update(item["qubits"])
            if again := measured.intersection(item["qubits"]):
                raise _mid_circuit(f"{item['gate']} at {place} acts on a measured qubit, {min(again)}")
        elif "measure" in item:
            if item["measure"] in measured:
                raise _mid_circuit(f"qubit {item['measure']} is measured again at {place}")
            measured.add(item["measure"])
        elif "reset" in item:
            if item["reset"] in begun | measured:
                raise _mid_circuit(f"qubit {item['reset']} is reset at {place}, after other operations")
        else:
            raise _mid_circuit(f"{place} depends on measured bits")


def _check_gate(item: WrittenInstruction, place: str) -> None:
    name, found = item["gate"], first_non_clifford([item])
    if name in STEPS or name in FREE:
        return
    if found is not None:
        why = "is not a Clifford gate" if found.certain else "may not be a Clifford gate"
    elif name in PHASES:
        why = "is a quarter turn, which patches of the rotated surface code have no transversal gate for"
    else:
        why = "has no encoded form"
    shown = found.gate if found else name
    raise BadInput(f"{shown} at {place} {why}", field="circuit", value=shown, hint=f"use {GATES}, or {BARE}")


def _mid_circuit(what: str) -> BadInput:
    rule = f"{what}; in encoded circuits resets are only at the beginning, measurements at the end"
    return BadInput(rule, field="circuit", hint=f"move them, or {BARE}")


def _check_noise(noise: Noise) -> None:
    """Refuse a model of particular qubits or instructions: those of patches have no numbers in a circuit."""
    if noise.drift is not None:
        rule = "drifts with the instructions of the circuit; with error_correction all rates are constant"
        raise BadInput(rule, field="noise.drift", hint=f"leave it out, or {BARE}")
    for field in _numbered(noise):
        rule = "refers to particular qubits; with error_correction the model is that of all physical qubits"
        raise BadInput(rule, field=f"noise.{field}", hint=f"leave it out, or {BARE}")


def _numbered(noise: Noise) -> Iterator[str]:
    if noise.calibration is not None:
        yield "calibration"
    for position, error in enumerate(noise.errors):
        for key in ("qubits", "gate_qubits", "pairs"):
            if getattr(error, key, None):
                yield f"errors[{position}].{key}"
    for position, entry in enumerate(noise.readout):
        if entry.qubits is not None:
            yield f"readout[{position}].qubits"
