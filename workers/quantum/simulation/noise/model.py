"""A job's noise model: the channels after each instruction, and readout errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from novacron.specs.noise import WrittenNoise, WrittenReadout
from shared.circuits.instruction import Gate, Reset, Unitary
from shared.circuits.strikes import Fault, Operation, Place, struck
from workers.quantum.simulation.ir.program import Float
from workers.quantum.simulation.noise import channel as channels
from workers.quantum.simulation.noise.channel import Channel


@dataclass(frozen=True, eq=False)
class Struck:
    """A channel acting on qubits, the channel's first qubit first."""

    channel: Channel
    qubits: tuple[int, ...]


class NoiseModel:
    """A canonical noise model (`novacron.specs.noise.Noise` as JSON) on a circuit.

    Args:
        model: The model.
        qubits: The model's numbers of the simulated circuit's qubits, in order.
        n_qubits: Qubits of the original circuit; entries of the model for higher qubits are ignored.
    """

    def __init__(self, model: WrittenNoise, qubits: Sequence[int], n_qubits: int | None = None) -> None:
        self.drift = model["drift"]
        self._faults: Sequence[Fault] = model["errors"]
        self._names = tuple(qubits)
        self._places = {name: place for place, name in enumerate(qubits)}
        self._n_qubits = len(qubits) if n_qubits is None else n_qubits
        self._struck: dict[Operation, list[tuple[Fault, Place]]] = {}
        self._made: dict[tuple[int, int, float], list[Channel]] = {}
        self._readout = model["readout"]
        self._confusions: dict[int, Float | None] = {}

    def readout(self, qubit: int) -> Float | None:
        """Return the confusion matrix float64[state, reading] of a qubit, None without readout error."""
        if qubit not in self._confusions:
            self._confusions[qubit] = confusion(self._readout, self._names[qubit])
        return self._confusions[qubit]

    def after(self, item: Gate | Unitary | Reset, factor: float) -> Iterator[Struck]:
        """Yield the channels after an instruction, in order.

        Args:
            item: The instruction.
            factor: Factor of its rates.
        """
        for fault, place in self._places_after(_operation(item)):
            qubits = tuple(self._places[name] for name in place.qubits)
            for channel in self._channels(fault, place, factor):
                yield Struck(channel, qubits)

    def _places_after(self, operation: Operation) -> list[tuple[Fault, Place]]:
        name, qubits = operation
        if operation not in self._struck:
            named = (name, tuple(self._names[qubit] for qubit in qubits))
            found = [(f, place) for f in self._faults for place in struck(f, named, self._n_qubits)]
            self._struck[operation] = found
        return self._struck[operation]

    def _channels(self, fault: Fault, place: Place, factor: float) -> list[Channel]:
        if place.p is not None:
            return [channels.pauli_channel({fault["pauli"]: min(1.0, factor * place.p)})]
        width = len(place.qubits)
        key = (id(fault), width, factor)
        if key not in self._made:
            if self.drift is not None:
                self._made.clear()
            self._made[key] = BUILDERS[fault["name"]](fault, width, factor)
        return self._made[key]


def confusion(readout: Sequence[WrittenReadout], qubit: int) -> Float | None:
    """Return the confusion matrix in a canonical `readout`: float64[state, reading]; last entry wins."""
    for entry in reversed(readout):
        if entry["qubits"] is None or qubit in entry["qubits"]:
            return np.array(entry["matrix"], dtype=np.float64)
    return None


def _operation(item: Gate | Unitary | Reset) -> Operation:
    if isinstance(item, Reset):
        return "reset", (item.qubit,)
    if isinstance(item, Gate) and item.noiseless:
        return "noiseless", item.qubits
    return (item.name if isinstance(item, Gate) else "unitary"), item.qubits


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
