"""A Clifford circuit of one or two qubits as one annotated Stim circuit on encoded qubits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

import stim

from novacron.specs.noise import WrittenNoise
from shared.circuits.instruction import Barrier, Gate, Instruction, Reset
from shared.circuits.record import CircuitRecord
from workers.quantum.qec import distance
from workers.quantum.qec.encoded.logical import Patches
from workers.quantum.qec.encoded.machine import ZERO, Parity
from workers.quantum.simulation.circuits.readout import Readout, readout
from workers.quantum.simulation.ir.refusal import CircuitError


@dataclass(frozen=True, slots=True)
class Certain:
    """A sum modulo 2 of logical outcomes that the circuit determines, an observable of the encoded circuit.

    Attributes:
        measured: positions of the outcomes in `Encoded.outcomes`, ascending.
        value: the sum.
    """

    measured: tuple[int, ...]
    value: int


@dataclass(frozen=True)
class Encoded:
    """An encoded circuit.

    Attributes:
        circuit: the physical circuit, annotated with detectors and one observable for each of `certain`.
        ends: which qubits are measured, and the places of their outcomes.
        outcomes: for each measured qubit, the records whose sum is its outcome before decoding.
        certain: a basis of the sums of outcomes that the circuit determines. All other sums are uniformly
            random, whatever errors occur.
        n_qubits: physical qubits.
        rounds: rounds of syndrome extraction.
        approximations: how the noise model was simplified, in words.
    """

    circuit: stim.Circuit
    ends: Readout
    outcomes: tuple[Parity, ...]
    certain: tuple[Certain, ...]
    n_qubits: int
    rounds: int
    approximations: tuple[str, ...]

    def ideal(self) -> dict[str, float]:
        """Return the probabilities of the outcomes without errors."""
        places = self.ends.places
        allowed = [
            bits
            for bits in product((0, 1), repeat=len(places))
            if all(sum(bits[at] for at in one.measured) % 2 == one.value for one in self.certain)
        ]
        found = {}
        for bits in allowed:
            outcome = ["0"] * self.ends.width
            for place, bit in zip(places, bits, strict=True):
                outcome[place] = str(bit)
            found["".join(outcome)] = 1 / len(allowed)
        return found

    @cached_property
    def model(self) -> stim.DetectorErrorModel:
        """The circuit's detector error model, decomposed into edges."""
        return self.circuit.detector_error_model(decompose_errors=True, approximate_disjoint_errors=True)

    def distance(self) -> int | None:
        """Search the fewest faults that make a certain sum wrong undetected; see `distance.of`.

        None without certain sums, or without such faults in the noise model.
        """
        return distance.of(self.circuit, self.model) if self.certain else None


def encode(record: CircuitRecord, distance: int, noise: WrittenNoise | None = None) -> Encoded:
    """Encode a circuit in the rotated surface code.

    Args:
        record: a circuit of 1 or 2 qubits: x, y, z, h, cx, cz, swap and terminal measurements.
        distance: code distance, odd.
        noise: the model of the physical gates `reset`, `h`, `cx` and of the readout.

    Raises:
        CircuitError: another instruction.
    """
    ends = readout(record)
    patches = Patches(record.n_qubits, distance, noise)
    for item in ends.instructions:
        _apply(patches, item)
    machine, every = patches.machine, patches.measure()
    outcomes = tuple(every[qubit] for qubit in ends.qubits)
    certain = _certain(ends)
    for number, one in enumerate(certain):
        parity: Parity = ZERO
        for position in one.measured:
            parity ^= outcomes[position]
        machine.observe(number, parity)
    said = ["channels Pauli-twirled"] * machine.twirled + ["readout errors averaged"] * machine.uneven
    return Encoded(machine.circuit, ends, outcomes, certain, machine.n_qubits, machine.rounds, tuple(said))


def _apply(patches: Patches, item: Instruction) -> None:
    match item:
        case Barrier() | Reset() | Gate(name="id" | "gphase"):
            pass
        case Gate(name="x" | "z" as name, qubits=(qubit,)):
            patches.pauli("X" if name == "x" else "Z", qubit)
        case Gate(name="y", qubits=(qubit,)):
            patches.pauli("X", qubit)
            patches.pauli("Z", qubit)
        case Gate(name="h", qubits=(qubit,)):
            patches.h(qubit)
        case Gate(name="cx", qubits=(control, target)):
            patches.cx(control, target)
        case Gate(name="cz", qubits=(first, second)):
            patches.h(second)
            patches.cx(first, second)
            patches.h(second)
        case Gate(name="swap", qubits=(first, second)):
            patches.swap(first, second)
        case _:
            raise CircuitError(f"{item} has no encoded form")


def _certain(ends: Readout) -> tuple[Certain, ...]:
    """Return a basis of the sums of the final outcomes that are certain, by simulating the bare circuit."""
    state = stim.TableauSimulator()
    for item in ends.instructions:
        if isinstance(item, Gate) and item.name not in ("id", "gphase"):
            state.do(stim.CircuitInstruction(item.name.upper(), item.qubits))
    n = len(ends.qubits)
    found: list[Certain] = []
    for measured in _subsets(n):
        letters = {ends.qubits[position]: "Z" for position in measured}
        value = state.peek_observable_expectation(stim.PauliString(letters))
        if value and not any(set(one.measured) <= set(measured) for one in found):
            found.append(Certain(measured, int(value < 0)))
    return tuple(found)


def _subsets(n: int) -> Sequence[tuple[int, ...]]:
    return [part for size in range(1, n + 1) for part in combinations(range(n), size)]
