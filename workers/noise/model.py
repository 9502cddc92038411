"""A job's noise model: which channels strike after an instruction, and how readings err."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from shared.circuit.instruction import Gate, Reset, Unitary
from workers.noise import channel as channels
from workers.noise.channel import Channel
from workers.simulation.program import Float

Fault = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Struck:
    """A channel acting on qubits, the channel's first qubit first."""

    channel: Channel
    qubits: tuple[int, ...]


class NoiseModel:
    """A canonical noise model (`novacron.specs.noise.Noise` as JSON) on a circuit.

    Args:
        model: The model.
        n_qubits: Qubits of the circuit; what the model says of further ones is left out.
    """

    def __init__(self, model: Mapping[str, Any], n_qubits: int) -> None:
        self.drift = model["drift"]
        self._faults: Sequence[Fault] = model["errors"]
        self._n_qubits = n_qubits
        self._by_gate: dict[str, list[Fault]] = {}
        self._made: dict[tuple[int, int, float], list[Channel]] = {}
        self._readout: dict[int, Float] = {}
        for entry in model["readout"]:
            matrix = np.array(entry["matrix"], dtype=np.float64)
            every = range(n_qubits) if entry["qubits"] is None else entry["qubits"]
            self._readout.update(dict.fromkeys(every, matrix))

    def readout(self, qubit: int) -> Float | None:
        """Confusion matrix float64[state, reading] of a qubit, None where it is read without error."""
        return self._readout.get(qubit)

    def after(self, item: Gate | Unitary | Reset, factor: float) -> Iterator[Struck]:
        """What strikes after an instruction, in order.

        Args:
            item: The instruction.
            factor: What its rates are multiplied by.
        """
        name, qubits = _named(item)
        for fault in self._of_gate(name):
            if fault["gate_qubits"] is not None and sorted(qubits) not in map(sorted, fault["gate_qubits"]):
                continue
            if fault["name"] == "crosstalk":
                yield from self._disturbed(fault, qubits, factor)
            else:
                yield from self._struck(fault, qubits, factor)

    def _of_gate(self, name: str) -> list[Fault]:
        if name not in self._by_gate:
            self._by_gate[name] = [f for f in self._faults if f["gates"] is None or name in f["gates"]]
        return self._by_gate[name]

    def _struck(self, fault: Fault, qubits: tuple[int, ...], factor: float) -> Iterator[Struck]:
        width = _width(fault, len(qubits))
        places = [(qubit,) for qubit in qubits] if width == 1 else [qubits] if width == len(qubits) else []
        for place in places:
            if fault["qubits"] is None or set(place) <= set(fault["qubits"]):
                for channel in self._channels(fault, width, factor):
                    yield Struck(channel, place)

    def _channels(self, fault: Fault, width: int, factor: float) -> list[Channel]:
        key = (id(fault), width, factor)
        if key not in self._made:
            if self.drift is not None:
                self._made.clear()
            self._made[key] = BUILDERS[fault["name"]](fault, width, factor)
        return self._made[key]

    def _disturbed(self, fault: Fault, qubits: tuple[int, ...], factor: float) -> Iterator[Struck]:
        allowed = None if fault["qubits"] is None else set(fault["qubits"])
        for i, j, p in fault["pairs"]:
            if i not in qubits or j in qubits or j >= self._n_qubits:
                continue
            if allowed is None or {i, j} <= allowed:
                strings = {fault["pauli"]: min(1.0, factor * p)}
                yield Struck(channels.pauli_channel(strings), (i, j))


def _named(item: Gate | Unitary | Reset) -> tuple[str, tuple[int, ...]]:
    if isinstance(item, Reset):
        return "reset", (item.qubit,)
    return (item.name if isinstance(item, Gate) else "unitary"), item.qubits


def _width(fault: Fault, n_qubits: int) -> int:
    """Qubits that one strike of the fault acts on, after a gate on n qubits."""
    if fault["name"] == "depolarizing" and not fault["each"]:
        return n_qubits
    if fault["name"] == "pauli":
        return len(next(iter(fault["probabilities"])))
    if fault["name"] == "kraus":
        return len(fault["operators"][0]).bit_length() - 1
    return 1


def _pauli(fault: Fault, width: int, factor: float) -> list[Channel]:
    identity = "I" * width
    rates = {key: factor * p for key, p in fault["probabilities"].items() if key != identity}
    excess = max(1.0, sum(rates.values()))
    return [channels.pauli_channel({identity: 0.0} | {key: p / excess for key, p in rates.items()})]


def _kraus(fault: Fault, width: int, factor: float) -> list[Channel]:
    pairs = np.array(fault["operators"], dtype=np.float64)
    return [Channel(pairs[..., 0] + 1j * pairs[..., 1])]


def _damped(fault: Fault, width: int, factor: float) -> list[Channel]:
    return [channels.amplitude_damping(min(1.0, factor * fault["gamma"]), fault["excited_population"])]


def _relaxed(fault: Fault, width: int, factor: float) -> list[Channel]:
    duration_s = factor * fault["duration_s"]
    return channels.thermal_relaxation(fault["t1_s"], fault["t2_s"], duration_s, fault["excited_population"])


BUILDERS: dict[str, Callable[[Fault, int, float], list[Channel]]] = {
    "depolarizing": lambda f, width, factor: [channels.depolarizing(min(1.0, factor * f["p"]), width)],
    "pauli": _pauli,
    "bit_flip": lambda f, width, factor: [channels.pauli_channel({"X": min(1.0, factor * f["p"])})],
    "phase_flip": lambda f, width, factor: [channels.pauli_channel({"Z": min(1.0, factor * f["p"])})],
    "amplitude_damping": _damped,
    "phase_damping": lambda f, width, factor: [channels.phase_damping(min(1.0, factor * f["lam"]))],
    "thermal_relaxation": _relaxed,
    "kraus": _kraus,
}
