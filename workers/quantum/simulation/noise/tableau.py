"""Noisy circuits as Stim circuits, and expectation values by back-propagating strings through them.

Channels are replaced by their Pauli twirls. Source: Gidney, Quantum 5, 497 (2021); twirling: Geller and Zhou,
Phys. Rev. A 88, 012314 (2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import stim

from shared.circuits.instruction import Gate, Measure, Reset, Store, Unitary
from workers.quantum.simulation.circuits.clifford import clifford
from workers.quantum.simulation.ir.program import Float
from workers.quantum.simulation.ir.refusal import CircuitError
from workers.quantum.simulation.ir.transfer import transfer
from workers.quantum.simulation.noise.channel import Channel
from workers.quantum.simulation.noise.circuit import Choice, Repeat, Step
from workers.quantum.simulation.noise.model import NoiseModel, Struck
from workers.quantum.simulation.noise.readout_error import FAITHFUL, flips


class FeedbackError(CircuitError):
    """A conditional that a Stim circuit cannot represent."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"a condition {why}; the stabilizer simulator takes Pauli gates without noise, conditioned on "
            "one bit; use backend: trajectories"
        )


class Lowering:
    """Builds a Stim circuit.

    Attributes:
        circuit: The circuit built so far.
        records: The measurement stored in each classical bit, None if it was not measured.
        twirled: Whether some channel was replaced by its twirl.
        flips: For each record, misread probabilities of 0 and 1 yet to be applied.

    Args:
        n_bits: Number of classical bits.
        model: The noise model; its readout errors are appended if a condition depends on the bit, else left
            in `flips`.
        steps: The steps to append.
    """

    def __init__(self, n_bits: int, model: NoiseModel | None, steps: Sequence[Step]) -> None:
        self.circuit = stim.Circuit()
        self.records: list[int | None] = [None] * n_bits
        self.twirled = False
        self._model = model
        self.flips: list[tuple[float, float]] = []
        self._read = {bit for step in steps if isinstance(step, Choice) for bit in step.bits}
        self.write(steps)

    def write(self, steps: Sequence[Step]) -> None:
        """Append more steps."""
        for step in steps:
            if isinstance(step, Gate | Unitary):
                self._gate(step)
            elif isinstance(step, Struck):
                self._channel(step.channel, step.qubits)
            elif isinstance(step, Reset):
                self.circuit.append("R", [step.qubit])
            elif isinstance(step, Measure):
                self._measure(step)
            elif isinstance(step, Choice):
                self._choice(step)
            else:
                raise FeedbackError("depends on what the circuit computes")

    def measure(self, qubit: int) -> int:
        """Append a measurement whose readout error is left to the caller; return its record number."""
        self.circuit.append("M", [qubit])
        self.flips.append(flips(self._model, qubit))
        return len(self.flips) - 1

    def _gate(self, step: Gate | Unitary) -> None:
        if step.qubits:
            for name, places in clifford(step).gates:
                self.circuit.append(name, [step.qubits[place] for place in places])

    def _measure(self, step: Measure) -> None:
        if step.bit is None or step.bit not in self._read:
            record = self.measure(step.qubit)
            if step.bit is not None:
                self.records[step.bit] = record
            return
        up, down = flips(self._model, step.qubit)
        if up != down:
            raise FeedbackError("reads a bit that is misread unevenly")
        self.circuit.append("M", [step.qubit], up)
        self.flips.append(FAITHFUL)
        self.records[step.bit] = len(self.flips) - 1

    def _channel(self, channel: Channel, qubits: tuple[int, ...]) -> None:
        self.twirled |= channel.paulis is None
        strings = ["".join(letters) for letters in product("IXYZ", repeat=len(qubits))][1:]
        chances = [channel.twirled.get(string, 0.0) for string in strings]
        if len(qubits) <= 2:
            self.circuit.append(f"PAULI_CHANNEL_{len(qubits)}", list(qubits), chances)
            return
        name, left = "CORRELATED_ERROR", 1.0
        for string, chance in zip(strings, chances, strict=True):
            if chance > 0:
                targets = [stim.target_pauli(q, p) for q, p in zip(qubits, string, strict=True) if p != "I"]
                self.circuit.append(name, targets, min(1.0, chance / left))
                name, left = "ELSE_CORRELATED_ERROR", left - chance

    def _choice(self, step: Choice) -> None:
        known = [self.records[bit] for bit in step.bits]
        wanted = [step.value >> place & 1 for place in range(len(step.bits))]
        if any(record is None and value for record, value in zip(known, wanted, strict=True)):
            return self.write(step.otherwise)
        measured = [(r, v) for r, v in zip(known, wanted, strict=True) if r is not None]
        if not measured:
            return self.write(step.then)
        if len(measured) > 1:
            raise FeedbackError("depends on several measured bits")
        (record, value) = measured[0]
        target = stim.target_rec(record - len(self.flips))
        for block, applies in ((step.then, value), (step.otherwise, 1 - value)):
            for qubit, letter in _paulis(block):
                self.circuit.append(f"C{letter}", [target, qubit])
                if not applies:
                    self.circuit.append(letter, [qubit])
        return None


def _paulis(block: Sequence[Step]) -> list[tuple[int, str]]:
    """Return the Pauli letters that a block applies, with their qubits.

    Raises:
        FeedbackError: It contains another operation.
    """
    found: list[tuple[int, str]] = []
    for step in block:
        string = clifford(step).pauli if isinstance(step, Gate | Unitary) and step.qubits else None
        if string is None or not isinstance(step, Gate | Unitary):
            raise FeedbackError("guards more than Pauli gates")
        found += [(q, letter) for q, letter in zip(step.qubits, string, strict=True) if letter != "I"]
    return found


def expectation(string: str, steps: Sequence[Step]) -> float:
    """Return the exact expectation value of a Pauli string after the steps, from |0...0>.

    The string is propagated back to the start: gates permute strings, Pauli channels scale them.

    Raises:
        FeedbackError: A condition on measured bits.
    """
    letters = ["IXYZ".index(letter) for letter in string]
    value = 1.0
    for step in reversed(steps):
        if isinstance(step, Choice | Repeat):
            raise FeedbackError("comes before the observables' expectation values")
        if isinstance(step, Store):
            continue
        if isinstance(step, Measure | Reset):
            value *= letters[step.qubit] in (0, 3)
            letters[step.qubit] = 0 if isinstance(step, Reset) else letters[step.qubit]
        elif any(letters[qubit] for qubit in step.qubits):
            value *= _carried(step, letters)
        if value == 0.0:
            return 0.0
    return value if all(letter in (0, 3) for letter in letters) else 0.0


def _carried(step: Gate | Unitary | Struck, letters: list[int]) -> float:
    """Propagate a string back through one step, in place; return its factor."""
    index = 0
    for qubit in step.qubits:
        index = 4 * index + letters[qubit]
    if isinstance(step, Struck):
        return float(_shrinking(step.channel)[index])
    other, sign = clifford(step).before(index)
    for qubit in reversed(step.qubits):
        letters[qubit] = other & 3
        other >>= 2
    return sign


def _shrinking(channel: Channel) -> Float:
    """Return the factor of each Pauli string under a channel's twirl: the diagonal of the transfer matrix."""
    return np.asarray(np.diag(transfer(channel.kraus)), dtype=np.float64)
