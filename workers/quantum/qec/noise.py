"""Noise of circuits made of layers of gates: SI1000, and models in the proportions of a device's calibration.

SI1000 ("superconducting-inspired, 1000 ns cycle") is that of Gidney, Newman, Fowler and Broughton, Quantum 5,
605 (2021), arXiv:2108.10457, table 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cache
from statistics import median

import stim

from novacron.errors import BadInput
from shared.quantum import devices
from shared.quantum.devices import BROKEN, Device

RESETS = {"R": "X_ERROR", "RX": "Z_ERROR", "MR": "X_ERROR"}
"""Gates that reset, and the flip that makes the state a wrong one."""
MEASUREMENTS = frozenset({"M", "MX", "MR"})
PAIRS = frozenset({"CX", "CZ"})
ANNOTATIONS = frozenset({"DETECTOR", "OBSERVABLE_INCLUDE", "QUBIT_COORDS", "SHIFT_COORDS"})
MOST = 0.5
"""Largest probability of a fault that still means something."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Probabilities of faults of a layer's operations: depolarisation in Stim's sense, and flips.

    Attributes:
        two: depolarisation after a two-qubit gate.
        one: depolarisation after a one-qubit gate.
        reset: flip after a reset.
        measure: flip of an outcome.
        idle_two: depolarisation of a qubit that is idle while others have two-qubit gates.
        idle_one: the same for one-qubit gates.
        idle_measure: the same for resets and measurements.
    """

    two: float
    one: float
    reset: float
    measure: float
    idle_two: float
    idle_one: float
    idle_measure: float

    def scaled(self, factor: float) -> Rates:
        """Return all rates times a factor.

        Raises:
            BadInput: one of them becomes more than 1/2.
        """
        made = Rates(*(getattr(self, field.name) * factor for field in fields(self)))
        for field in fields(self):
            if (rate := getattr(made, field.name)) > MOST:
                rule = f"makes {field.name.replace('_', ' ')} faults of probability {rate:.3g}"
                raise BadInput(rule, field="p", value=factor * self.two, hint="lower it")
        return made


SI1000 = Rates(two=1, one=0.1, reset=2, measure=5, idle_two=0.1, idle_one=0.1, idle_measure=2)
UNIFORM = Rates(two=1, one=1, reset=1, measure=1, idle_two=1, idle_one=1, idle_measure=1)
"""In units of p."""


def rates(name: str, p: float) -> Rates:
    """Return the rates of a model at p, which is the depolarisation of a two-qubit gate.

    Args:
        name: `si1000` or `fake:DEVICE`.
        p: its strength.

    Raises:
        BadInput: the device is not known, or p is too large.
    """
    if name == "si1000":
        return SI1000.scaled(p)
    own = of_device(name.partition(":")[2])
    return own.scaled(p / own.two)


@cache
def of_device(name: str) -> Rates:
    """Return the medians of a device's calibration over its usable qubits and pairs.

    A gate of average infidelity e on n qubits is depolarisation of strength e (2^n + 1) / 2^n. Idle qubits
    have the Pauli twirl of their relaxation during the median gate or readout. A reset fails as a readout.

    Raises:
        BadInput: the device is not known.
    """
    device = devices.load(name)
    two_s, one_s = (_median_of(device, n, "duration_s") for n in (2, 1))
    read_s = median(one.readout_s or 0.0 for one in device.qubits)
    readout = median((one.p1_given_0 + one.p0_given_1) / 2 for one in device.qubits)

    def idle(duration_s: float) -> float:
        return median(1 - one.kept(duration_s) for one in device.qubits)

    two, one = _median_of(device, 2, "error") * 5 / 4, _median_of(device, 1, "error") * 3 / 2
    return Rates(two, one, readout, readout, idle(two_s), idle(one_s), idle(read_s))


def _median_of(device: Device, n_qubits: int, figure: str) -> float:
    gates = (one for one in device.gates if len(one.qubits) == n_qubits and one.error < BROKEN)
    used = [one for one in gates if one.gate in device.basis_gates and one.error]
    return float(median(getattr(one, figure) for one in used))


def native(circuit: stim.Circuit) -> stim.Circuit:
    """Return a circuit of CZ, H, R and M, as devices have them, from one of CX, H, RX, MX and these.

    Hadamards of neighbouring layers are merged. A qubit is left as the final MX finds it.
    """
    made = stim.Circuit()
    turned: set[int] = set()

    def turn() -> None:
        if turned:
            made.append("TICK", ())
            made.append("H", sorted(turned))
            made.append("TICK", ())
            turned.clear()

    for part in circuit:
        qubits = [] if isinstance(part, stim.CircuitRepeatBlock) else _qubits(part)
        if isinstance(part, stim.CircuitRepeatBlock):
            turn()
            made.append(stim.CircuitRepeatBlock(part.repeat_count, native(part.body_copy())))
        elif part.name == "H":
            turned.symmetric_difference_update(qubits)
        elif part.name == "CX":
            turned.symmetric_difference_update(qubits[1::2])
            turn()
            made.append("CZ", qubits)
            turned.update(qubits[1::2])
        elif part.name == "RX":
            made.append("R", qubits)
            turned.update(qubits)
        else:
            if part.name == "MX":
                turned.symmetric_difference_update(qubits)
            if part.name not in ANNOTATIONS and turned.intersection(qubits):
                turn()
            made.append("M" if part.name == "MX" else part.name, part.targets_copy(), part.gate_args_copy())
    turn()
    return made


def noisy(circuit: stim.Circuit, model: Rates) -> stim.Circuit:
    """Return a circuit with faults in each of its layers, which TICKs and blocks separate."""
    return _noisy(circuit, model, frozenset(_used(circuit)))


def _noisy(circuit: stim.Circuit, model: Rates, qubits: frozenset[int]) -> stim.Circuit:
    made = stim.Circuit()
    layer: list[stim.CircuitInstruction] = []

    def end() -> None:
        for name, left, rate in _idle(layer, model, qubits):
            made.append(name, left, rate)
        layer.clear()

    for part in circuit:
        if isinstance(part, stim.CircuitRepeatBlock):
            end()
            made.append(stim.CircuitRepeatBlock(part.repeat_count, _noisy(part.body_copy(), model, qubits)))
            continue
        if part.name == "TICK":
            end()
        elif part.name not in ANNOTATIONS:
            layer.append(part)
        flip = [model.measure] if part.name in MEASUREMENTS else part.gate_args_copy()
        made.append(part.name, part.targets_copy(), flip)
        for name, rate in _faults(part.name, model):
            made.append(name, part.targets_copy(), rate)
    end()
    return made


def _faults(gate: str, model: Rates) -> Iterator[tuple[str, float]]:
    """Yield the noise after a gate."""
    if gate == "H":
        yield "DEPOLARIZE1", model.one
    elif gate in PAIRS:
        yield "DEPOLARIZE2", model.two
    elif gate in RESETS:
        yield RESETS[gate], model.reset


def _idle(
    layer: Iterable[stim.CircuitInstruction], model: Rates, qubits: frozenset[int]
) -> Iterator[tuple[str, list[int], float]]:
    """Yield the noise of the qubits that a layer leaves out, none for a layer without operations."""
    gates = {part.name for part in layer}
    if not gates or not (left := sorted(qubits.difference(*(_qubits(part) for part in layer)))):
        return
    rate = model.idle_two if gates & PAIRS else model.idle_one
    yield "DEPOLARIZE1", left, model.idle_measure if gates & (RESETS.keys() | MEASUREMENTS) else rate


def _qubits(part: stim.CircuitInstruction) -> list[int]:
    return [target.value for target in part.targets_copy() if target.is_qubit_target]


def _used(circuit: stim.Circuit) -> Iterator[int]:
    for part in circuit:
        if isinstance(part, stim.CircuitRepeatBlock):
            yield from _used(part.body_copy())
        elif part.name not in ANNOTATIONS:
            yield from _qubits(part)
