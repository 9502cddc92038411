"""Circuit records run exactly or by sampling: outcomes, expectation values, final states.

Outcome strings: character i is classical bit i, registers in declaration order, bit 0 of each leftmost.
A circuit without any measurement is read out as if all its qubits were measured at the end: character i is
then qubit i.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from shared.circuit.instruction import Barrier, Instruction, Measure
from shared.circuit.record import CircuitRecord, touched
from workers import memory
from workers.simulation.branching import Branches, Follower, Split, exact, sampled
from workers.simulation.outcomes import MAX_OUTCOMES, REPORTED, OutcomeLimitError, draw, marginal, strings
from workers.simulation.pauli import PauliSum
from workers.simulation.program import Complex

MAX_BRANCHES = 4096
MAX_QUBITS = 30
BYTES_PER_AMPLITUDE = 16
COPIES = 3


class CircuitError(ValueError):
    """A circuit that cannot be simulated as asked."""


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Readout:
    """Which measurements end the circuit, so that they are read off the state instead of being followed.

    Attributes:
        instructions: All that comes before.
        qubits: The qubits measured at the end.
        places: The position in the outcome string that each goes to.
        width: Length of the outcome string.
        measured: "classical bits", or "all qubits" where the circuit measures nothing.
    """

    instructions: tuple[Instruction, ...]
    qubits: tuple[int, ...]
    places: tuple[int, ...]
    width: int
    measured: str


def readout(record: CircuitRecord) -> Readout:
    """Split a circuit into what must be followed and what is read out at the end."""
    if not record.measures():
        every = tuple(range(record.n_qubits))
        return Readout(record.instructions, every, every, record.n_qubits, "all qubits")
    busy: set[int] = set()
    used: set[int] = set()
    followed: list[Instruction] = []
    final: list[Measure] = []
    for item in reversed(record.instructions):
        if isinstance(item, Measure) and item.qubit not in busy and item.bit not in used:
            final.append(item)
            used.add(item.bit)
            busy.add(item.qubit)
            continue
        qubits, bits = touched([item])
        if not isinstance(item, Barrier):
            busy |= qubits
            used |= bits
        followed.append(item)
    final.reverse()
    qubits_read, places = tuple(m.qubit for m in final), tuple(m.bit for m in final)
    return Readout(tuple(reversed(followed)), qubits_read, places, record.n_bits, "classical bits")


def probabilities(record: CircuitRecord, checkpoint: Callable[[], None] = _nothing) -> dict[str, float]:
    """Exact probabilities of the outcomes above 1e-14, by outcome string ascending.

    Raises:
        ValueError: Too many qubits, measurement histories or outcomes, or a free parameter.
        ResourceExhaustedError: Too little memory is free.
    """
    ends, branches = _follow(record, exact, 1.0, checkpoint)
    found: defaultdict[str, float] = defaultdict(float)
    for state, weight, bits in zip(branches.states, branches.weights, _frames(branches, ends), strict=True):
        chances = float(weight) * marginal(state, ends.qubits)
        indices = np.flatnonzero(chances > REPORTED)
        if len(indices) + len(found) > MAX_OUTCOMES:
            raise OutcomeLimitError(
                f"there are more than {MAX_OUTCOMES} outcomes to list; ask for shots instead"
            )
        for outcome, chance in zip(
            strings(indices, bits, ends.places), chances[indices].tolist(), strict=True
        ):
            found[outcome] += chance
    total = sum(found.values())
    return {outcome: found[outcome] / total for outcome in sorted(found)}


def counts(
    record: CircuitRecord, shots: int, seed: int, checkpoint: Callable[[], None] = _nothing
) -> dict[str, int]:
    """How often each outcome comes in `shots` runs, by outcome string ascending; a seed fixes all.

    Raises:
        ValueError: Too many qubits or measurement histories, or a free parameter.
        ResourceExhaustedError: Too little memory is free.
    """
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed])))
    ends, branches = _follow(record, sampled(rng), float(shots), checkpoint)
    found: defaultdict[str, int] = defaultdict(int)
    for state, weight, bits in zip(branches.states, branches.weights, _frames(branches, ends), strict=True):
        indices, times = draw(marginal(state, ends.qubits), int(weight), rng)
        for outcome, number in zip(strings(indices, bits, ends.places), times.tolist(), strict=True):
            found[outcome] += number
    return {outcome: found[outcome] for outcome in sorted(found)}


def expectations(
    record: CircuitRecord, observables: Mapping[str, PauliSum], checkpoint: Callable[[], None] = _nothing
) -> dict[str, float]:
    """Expectation values at the end of the circuit, averaged over measurement histories.

    Measurements that end the circuit are left out: the value is that of the state they would measure.

    Raises:
        ValueError: An observable of another number of qubits, or as for `probabilities`.
        ResourceExhaustedError: Too little memory is free.
    """
    for name, observable in observables.items():
        if observable.n_qubits != record.n_qubits:
            raise CircuitError(
                f"observable {name!r} acts on {observable.n_qubits} qubits, the circuit has {record.n_qubits}"
            )
    _, branches = _follow(record, exact, 1.0, checkpoint)
    total = float(branches.weights.sum())
    return {name: _average(observable, branches) / total for name, observable in observables.items()}


def _average(observable: PauliSum, branches: Branches) -> float:
    values = [observable.expectation(state) for state in branches.states]
    return sum(float(weight) * value for weight, value in zip(branches.weights, values, strict=True))


def state_vector(record: CircuitRecord) -> Complex:
    """The final state of a circuit of gates only, complex128[2^n], qubit 0 the most significant index bit.

    Raises:
        CircuitError: The circuit measures, resets or branches; too many qubits; a free parameter.
        ResourceExhaustedError: Too little memory is free.
    """
    if not record.is_unitary():
        raise CircuitError(
            "the circuit has measurements, resets or conditions, so it has no single final state"
        )
    _, branches = _follow(record, exact, 1.0, _nothing)
    state: Complex = branches.states[0]
    return state


def memory_bytes(record: CircuitRecord) -> int:
    """Bytes that running the circuit takes at least."""
    return COPIES * BYTES_PER_AMPLITUDE << record.n_qubits


def _follow(
    record: CircuitRecord, split: Split, weight: float, checkpoint: Callable[[], None]
) -> tuple[Readout, Branches]:
    if record.n_qubits > MAX_QUBITS:
        raise CircuitError(
            f"the circuit has {record.n_qubits} qubits; this simulator takes up to {MAX_QUBITS}"
        )
    if record.parameters:
        raise CircuitError(f"the circuit's parameters {', '.join(record.parameters)} have no values")
    memory.check(memory_bytes(record))
    room = memory.available() // memory_bytes(record)
    ends = readout(record)
    follower = Follower(record.n_qubits, split, max(1, min(MAX_BRANCHES, room)), checkpoint)
    start = Branches.start(record.n_qubits, record.n_bits, weight)
    return ends, follower.run(ends.instructions, start)


def _frames(branches: Branches, ends: Readout) -> Sequence[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    if ends.measured == "classical bits":
        return list(branches.bits)
    return [np.zeros(ends.width, dtype=np.uint8)] * len(branches.bits)
