"""Restricts a circuit to its active qubits for simulation, and extends the answer to all qubits.

A qubit that nothing acts on stays in |0>: it reads 0 up to its readout error, <Z> = 1, and <X> = <Y> = 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novacron.specs.noise import WrittenNoise
from shared.circuits.active import active_qubits
from shared.circuits.instruction import Barrier, Gate, If, Instruction, Measure, Reset, Unitary, While, blocks
from shared.circuits.limits import LIMITS
from shared.circuits.record import CircuitRecord, touched
from shared.circuits.strikes import struck
from workers.quantum.simulation.circuits.outcomes import FEWER_SHOTS, REPORTED, SHOTS, check_size, texts
from workers.quantum.simulation.circuits.readout import readout
from workers.quantum.simulation.ir.refusal import CircuitError
from workers.quantum.simulation.noise.model import NoiseModel, confusion

Outcomes = Mapping[str, Mapping[str, float]]
"""`counts` and `probabilities`, by outcome string."""
NOTHING = Gate("gphase", (), (0.0,))
"""Replaces removed instructions if rates drift from instruction to instruction."""


@dataclass(frozen=True)
class Idle:
    """A qubit in |0>, measured at the end: its position in the outcome, and its probability of reading 1."""

    place: int
    p: float


class Narrow:
    """A circuit without its idle qubits.

    Attributes:
        record: the simulated circuit.
        noise: its noise model, None for none.

    Args:
        record: the original circuit.
        noise: a canonical noise model, None for none.
    """

    def __init__(self, record: CircuitRecord, noise: WrittenNoise | None) -> None:
        ends = readout(record)
        self._width, self._n_qubits = ends.width, record.n_qubits
        self._measures = ends.measured == "classical bits"
        active = set(active_qubits(record.to_json(), noise))
        final = dict(zip(ends.places, ends.qubits, strict=True))
        idle = {place: qubit for place, qubit in final.items() if qubit not in active}
        kept = _without(record.instructions, idle) if self._measures else record.instructions
        if self._measures and not replace(record, instructions=kept).measures():
            # A record without any measurement would be measured on all its qubits.
            place, qubit = next(iter(idle.items()))
            active.add(qubit)
            del idle[place]
            kept = _without(record.instructions, idle)
        twins = _twins(kept, active, noise)
        self.active = tuple(sorted(active | set(twins.values()))) or tuple(range(min(1, record.n_qubits)))
        self._idle = [Idle(place, _reads_1(noise, qubit)) for place, qubit in idle.items()]
        index = {qubit: position for position, qubit in enumerate(self.active)}
        index |= {qubit: index[twin] for qubit, twin in twins.items()}
        drifts = noise is not None and noise["drift"] is not None
        body = tuple(_moved(_begun(kept, noise), index, set(self.active), drifts))
        self.record = replace(record, n_qubits=len(self.active), instructions=body)
        self.noise = None if noise is None else NoiseModel(noise, self.active, record.n_qubits)

    def observable(self, terms: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
        """Restrict a sum of Pauli strings to the active qubits, keeping its expectation value.

        Raises:
            CircuitError: its number of qubits differs from the circuit's.
        """
        if (width := len(terms[0][0])) != self._n_qubits:
            raise CircuitError(f"an observable acts on {width} qubits, the circuit has {self._n_qubits}")
        idle = sorted(set(range(width)) - set(self.active))
        found = [
            ("".join(string[qubit] for qubit in self.active), coefficient)
            for string, coefficient in terms
            if not any(string[qubit] in "XY" for qubit in idle)
        ]
        return found or [("I" * len(self.active), 0.0)]

    def widened(self, value: Outcomes, seed: int) -> Outcomes:
        """Extend a simulator's `counts` and `probabilities` to all qubits.

        Raises:
            OutcomeLimitError: readout errors of idle qubits make more outcomes than can be listed.
        """
        if not self._idle:
            return value
        whole = {**value}
        if "counts" in value:
            rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, len(self._idle)])))
            rows, times = self._rows(value["counts"], np.int64)
            for one in self._idle:
                ones = rng.binomial(times, one.p)
                rows, times = _split(rows, times, ones, one.place, 1)
                check_size(len(rows), self._width, FEWER_SHOTS)
            whole["counts"] = _listed(rows, times)
        if "probabilities" in value:
            rows, chances = self._rows(value["probabilities"], np.float64)
            for one in self._idle:
                rows, chances = _split(rows, chances, chances * one.p, one.place, REPORTED)
                check_size(len(rows), self._width, SHOTS)
            whole["probabilities"] = _listed(rows, chances)
        return whole

    def _rows(self, outcomes: Mapping[str, float], kind: type) -> tuple[NDArray[np.uint8], NDArray[Any]]:
        """Return outcomes uint8[n, width] with idle positions at 0, and their counts or probabilities."""
        n = len(outcomes)
        given = np.frombuffer("".join(outcomes).encode(), dtype=np.uint8).reshape(n, -1)
        rows = np.zeros((n, self._width), dtype=np.uint8)
        places = np.arange(self._width) if self._measures else np.array(self.active, dtype=np.intp)
        rows[:, places] = given - ord("0") if len(places) else 0
        rows[:, [one.place for one in self._idle]] = 0
        return rows, np.array(list(outcomes.values()), dtype=kind)


class Unreduced:
    """A circuit for a device, which reads idle qubits with its own errors; the counterpart of `Narrow`.

    Attributes:
        record: the circuit.
        noise: None, the noise is the device's.
    """

    noise: NoiseModel | None = None

    def __init__(self, record: CircuitRecord) -> None:
        self.record = record

    def observable(self, terms: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
        """Return the sum as it is."""
        return list(terms)

    def widened(self, value: Outcomes, seed: int) -> Outcomes:
        """Return the outcomes as they are."""
        return value


def _without(instructions: Sequence[Instruction], idle: Mapping[int, int]) -> tuple[Instruction, ...]:
    """Return the instructions without the last measurement of each of these bits."""
    left, kept = dict(idle), []
    for item in reversed(instructions):
        if isinstance(item, Measure) and item.bit is not None and left.get(item.bit) == item.qubit:
            del left[item.bit]
        else:
            kept.append(item)
    return tuple(reversed(kept))


def _begun(instructions: Iterable[Instruction], noise: WrittenNoise | None) -> Iterator[Instruction]:
    """Yield the instructions, replacing noiseless resets of qubits in |0>."""
    used: set[int] = set()
    for item in instructions:
        if isinstance(item, Reset) and item.qubit not in used and not _strikes_reset(noise, item.qubit):
            yield NOTHING
            continue
        used |= touched([item])[0]
        yield item


def _strikes_reset(noise: WrittenNoise | None, qubit: int) -> bool:
    faults = noise["errors"] if noise else ()
    return any(struck(fault, ("reset", (qubit,)), LIMITS.qubits) for fault in faults)


def _twins(
    instructions: Sequence[Instruction], active: set[int], noise: WrittenNoise | None
) -> dict[int, int]:
    """Return idle qubits measured before the end, each with an equivalent qubit measured in its place."""
    first: dict[bytes, int] = {}
    twins: dict[int, int] = {}
    for qubit in dict.fromkeys(_measured(instructions)):
        if qubit not in active:
            matrix = confusion(noise["readout"], qubit) if noise else None
            twins[qubit] = first.setdefault(b"" if matrix is None else matrix.tobytes(), qubit)
    return twins


def _measured(instructions: Sequence[Instruction]) -> Iterator[int]:
    for item in instructions:
        if isinstance(item, Measure):
            yield item.qubit
        for block in blocks(item):
            yield from _measured(block)


def _moved(
    instructions: Iterable[Instruction], index: Mapping[int, int], active: set[int], drifts: bool
) -> Iterator[Instruction]:
    """Yield the instructions on the renumbered qubits, without those that keep a qubit in |0>."""
    for item in instructions:
        match item:
            case _ if item is NOTHING:
                yield from [NOTHING] * drifts
            case Measure():
                yield replace(item, qubit=index[item.qubit])
            case Reset() if item.qubit in active:
                yield replace(item, qubit=index[item.qubit])
            case Gate() | Unitary() if active.issuperset(item.qubits):
                yield replace(item, qubits=tuple(index[qubit] for qubit in item.qubits))
            case Reset() | Gate() | Unitary():
                yield from [NOTHING] * drifts
            case Barrier():
                yield Barrier(tuple(index[qubit] for qubit in item.qubits if qubit in active))
            case While():
                yield replace(item, body=tuple(_moved(item.body, index, active, drifts)))
            case If():
                then, rest = (tuple(_moved(b, index, active, drifts)) for b in (item.then, item.otherwise))
                yield replace(item, then=then, otherwise=rest)
            case _:
                yield item


def _reads_1(noise: WrittenNoise | None, qubit: int) -> float:
    matrix = confusion(noise["readout"], qubit) if noise else None
    return 0.0 if matrix is None else float(matrix[0, 1])


def _split(
    rows: NDArray[np.uint8], weights: NDArray[Any], ones: NDArray[Any], place: int, least: float
) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Split outcomes by the value at a position; those of weight below `least` are dropped."""
    up = rows[ones >= least]
    up[:, place] = 1
    rest = weights - ones
    return (
        np.concatenate([rows[rest >= least], up]),
        np.concatenate([rest[rest >= least], ones[ones >= least]]),
    )


def _listed(rows: NDArray[np.uint8], weights: NDArray[Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    for text, weight in zip(texts(rows), weights.tolist(), strict=True):
        found[text] = found.get(text, 0) + weight
    return dict(sorted(found.items()))
