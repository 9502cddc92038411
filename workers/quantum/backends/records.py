"""Batches of circuit records, on a simulator that follows measurements, resets, conditions and noise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np

from shared.circuits.binding import bound
from shared.circuits.record import CircuitRecord
from shared.quantum.backends import BACKENDS
from shared.quantum.wants import Want
from workers.quantum.backends.asked import Questions
from workers.quantum.backends.base import Control, Plan, refuse
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.simulation.circuits.outcomes import OutcomeLimitError
from workers.quantum.simulation.ir.refusal import CircuitError, LimitError
from workers.quantum.simulation.noise.model import NoiseModel
from workers.runtime import memory

Told = dict[str, Any]
"""Fields of an answer at one point, by name, as JSON; expectation values and their variances by number."""
Terms = Sequence[tuple[str, float]]
OUTCOMES = {Want.COUNTS: "counts", Want.DISTRIBUTION: "distributions"}
ANALYSES = {Want.PURITY: "purities", Want.ENTROPY: "entropies", Want.FIDELITY: "fidelities"}
"""What is told of a state as a whole, and where an answer has it."""


@dataclass(frozen=True)
class Asked:
    """What is asked of one circuit at one point.

    Attributes:
        record: The circuit, without free parameters.
        noise: What goes wrong in it, None for nothing.
        want: What to tell of it.
        shots: Samples; None where nothing is sampled.
        seed: Of the samples.
        observables: Pauli terms by number; character i of a string acts on qubit i.
        control: Of the task.
    """

    record: CircuitRecord
    noise: NoiseModel | None
    want: frozenset[Want]
    shots: int | None
    seed: int
    observables: Mapping[int, Terms]
    control: Control

    @property
    def samples(self) -> int:
        """The number of shots.

        Raises:
            CircuitError: there is none.
        """
        if self.shots is None:
            raise CircuitError("samples take a number of shots")
        return self.shots

    def listed(self, want: Want, outcomes: Callable[[], Mapping[str, float]]) -> Told:
        """The outcomes where they are wanted; left out, with a warning, where they are too many to list.

        Raises:
            OutcomeLimitError: There are too many, and nothing else is asked.
        """
        if want not in self.want:
            return {}
        try:
            return {OUTCOMES[want]: outcomes()}
        except OutcomeLimitError as error:
            if self.want <= OUTCOMES.keys():
                raise
            self.control.warn(f"the outcomes are left out: {error}")
            return {}


class CircuitSimulator(Protocol):
    """What follows circuit records."""

    name: str

    def n_units(self, shots: int | None) -> int:
        """Units of work that a circuit at one point is cut into."""
        ...

    def share(self, asked: Asked, units: range) -> Told:
        """What some units come to.

        Raises:
            ResourceExhaustedError: too little memory is free.
            CircuitError: the circuit cannot be run as asked; the message says what to do.
        """
        ...

    def merged(self, asked: Asked, shares: Sequence[Told]) -> Told:
        """What is told, from shares that make up all units, in order."""
        ...


class Whole:
    """A simulator that does not cut circuits up."""

    def n_units(self, shots: int | None) -> int:
        """One."""
        return 1

    def merged(self, asked: Asked, shares: Sequence[Told]) -> Told:
        """The only share."""
        return shares[0]


@dataclass(frozen=True, eq=False)
class Simulated:
    """Everything that is asked of one circuit; see `workers.quantum.backends.questions.Question`.

    Attributes:
        simulator: what follows the circuit.
        number: of the pub in its batch.
    """

    simulator: CircuitSimulator
    number: int

    def n_units(self, batch: Batch, pub: Pub) -> int:
        """Those of the simulator at each point."""
        return pub.n_points * self.simulator.n_units(batch.shots)

    def run(self, batch: Batch, pub: Pub, units: range, first: int, control: Control) -> list[list[Any]]:
        """[point, what some units at it come to] of each point that the units touch."""
        each, part = self.simulator.n_units(batch.shots), []
        for point in range(units.start // each, (units.stop - 1) // each + 1):
            control.checkpoint()
            mine = range(max(units.start - point * each, 0), min(units.stop - point * each, each))
            part.append([point, self.simulator.share(self._asked(batch, pub, point, control), mine)])
        return part

    def merge(
        self, batch: Batch, pub: Pub, parts: Sequence[list[list[Any]]], control: Control
    ) -> dict[str, Any]:
        """What is told at each point, in arrays of the pub's shapes."""
        shares: list[list[Told]] = [[] for _ in range(pub.n_points)]
        for point, told in (one for part in parts for one in part):
            shares[point].append(told)
        found = [
            self.simulator.merged(self._asked(batch, pub, point, control), mine)
            for point, mine in enumerate(shares)
        ]
        return _arrays(pub, found)

    def _asked(self, batch: Batch, pub: Pub, point: int, control: Control) -> Asked:
        points, observables = pub.pairs if Want.EXPECTATIONS in batch.want else ([], [])
        return Asked(
            bound(cast("CircuitRecord", pub.circuit), pub.rows[point].tolist()),
            batch.noise,
            batch.want,
            batch.shots,
            seed_of(batch.seed, self.number, point),
            {
                number: pub.observables.flat[observable]
                for number, (at, observable) in enumerate(zip(points, observables, strict=True))
                if at == point
            },
            control,
        )


def prepare(simulator: CircuitSimulator, batch: Batch) -> Plan:
    """A batch of circuit records; see `workers.quantum.backends.base.Backend.prepare`."""
    refuse(simulator.name, batch.want, BACKENDS[simulator.name].circuits)
    n_bytes = max((checked(simulator.name, pub) for pub in batch.pubs), default=0)
    return Plan(batch, Questions(batch, lambda number, pub: [Simulated(simulator, number)]), n_bytes)


def checked(name: str, pub: Pub) -> int:
    """Bytes that a run of a circuit takes, of which there are enough.

    Raises:
        LimitError: Too many qubits.
        ResourceExhaustedError: Too little memory is free.
        CircuitError: Some parameters have no values.
    """
    declared, record = BACKENDS[name], cast("CircuitRecord", pub.circuit)
    pub.check()
    if record.n_qubits > declared.max_qubits:
        message = f"the circuit has {record.n_qubits} qubits; {name} takes up to {declared.max_qubits}"
        raise LimitError(message, record.n_qubits, declared.max_qubits)
    if len(record.parameters) != pub.points.shape[-1]:
        raise CircuitError(f"the circuit's parameters {', '.join(record.parameters)} have no values")
    wanted = declared.memory_bytes(record.n_qubits)
    memory.check(wanted)
    return wanted


def seed_of(seed: int, number: int, point: int) -> int:
    """The seed of one circuit at one point: no two of a batch draw alike, the first has the batch's."""
    if not number and not point:
        return seed
    stream = np.random.SeedSequence(seed, spawn_key=(number, point))
    return int(stream.generate_state(1, np.uint32)[0])


def _arrays(pub: Pub, found: Sequence[Told]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name in ("expectations", "variances"):
        values = {int(number): value for one in found for number, value in one.get(name, {}).items()}
        if values:
            told[name] = np.array([values[number] for number in range(pub.size)]).reshape(pub.shape)
    for name in OUTCOMES.values():
        if all(name in one for one in found):
            told[name] = np.empty(pub.n_points, dtype=object)
            told[name][:] = [one[name] for one in found]
            told[name] = told[name].reshape(pub.grid)
    for name in ANALYSES.values():
        if all(name in one for one in found):
            told[name] = np.array([one[name] for one in found], dtype=np.float64).reshape(pub.grid)
    notes: dict[str, Any] = {}
    for one in found:
        notes |= one.get("notes", {})
    return told | {"notes": notes}
