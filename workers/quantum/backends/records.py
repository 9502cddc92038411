"""Batches of circuit records, on a simulator that handles measurements, resets, conditionals and noise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypedDict, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from shared.circuits.binding import bound
from shared.circuits.record import CircuitRecord
from shared.quantum.backends import BACKENDS
from shared.quantum.wants import Want
from workers.quantum.backends.asked import Questions
from workers.quantum.backends.base import Control, Plan, refuse
from workers.quantum.backends.batch import Batch, Fields, Pub
from workers.quantum.simulation.circuits.outcomes import OutcomeLimitError
from workers.quantum.simulation.ir.program import Float
from workers.quantum.simulation.ir.refusal import CircuitError, LimitError
from workers.quantum.simulation.noise.model import NoiseModel
from workers.runtime import memory

Terms = Sequence[tuple[str, float]]
Listed = TypeVar("Listed", bound=Mapping[str, float])
OUTCOMES = frozenset({Want.COUNTS, Want.DISTRIBUTION})
ANALYSES = frozenset({Want.PURITY, Want.ENTROPY, Want.FIDELITY})
"""Quantities of the state as a whole."""


class Told(TypedDict, total=False):
    """Results of a circuit at one point, as JSON.

    Attributes:
        counts: outcome string -> count; in a share of trajectories None if there are too many.
        distributions: outcome string -> probability.
        means: number, mean and spread of each observable, by block of trajectories; only in a share of these.
        expectations: by number of the observable.
        variances: variances of the expectation values.
        purities: purity of the state.
        entropies: entropy of the state, in bits.
        fidelities: fidelity of the state with that of the gates alone.
        notes: remarks on the method, for the receipt.
    """

    counts: Mapping[str, int] | None
    distributions: Mapping[str, float]
    means: Sequence[Sequence[Sequence[float]]]
    expectations: Mapping[int, float]
    variances: Mapping[int, float]
    purities: float
    entropies: float
    fidelities: float
    notes: Mapping[str, str]


@dataclass(frozen=True)
class Asked:
    """A request for one circuit at one point.

    Attributes:
        record: The circuit, without free parameters.
        noise: Its noise model, None for none.
        want: The quantities to compute.
        shots: Number of samples; None if nothing is sampled.
        seed: Seed of the samples.
        observables: Pauli terms by number; character i of a string acts on qubit i.
        control: Control of the task.
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
            CircuitError: it is missing.
        """
        if self.shots is None:
            raise CircuitError("samples take a number of shots")
        return self.shots

    def counted(self, counts: Callable[[], Mapping[str, int]]) -> Told:
        """Return the counts if requested; see `_listed`."""
        found = self._listed(Want.COUNTS, counts)
        return {} if found is None else {"counts": found}

    def distributed(self, probabilities: Callable[[], Mapping[str, float]]) -> Told:
        """Return the outcome probabilities if requested; see `_listed`."""
        found = self._listed(Want.DISTRIBUTION, probabilities)
        return {} if found is None else {"distributions": found}

    def _listed(self, want: Want, outcomes: Callable[[], Listed]) -> Listed | None:
        """Return the outcomes if requested; omitted, with a warning, if there are too many to list.

        Raises:
            OutcomeLimitError: There are too many, and nothing else was requested.
        """
        if want not in self.want:
            return None
        try:
            return outcomes()
        except OutcomeLimitError as error:
            if self.want <= OUTCOMES:
                raise
            self.control.warn(f"the outcomes are left out: {error}")
            return None


class CircuitSimulator(Protocol):
    """A simulator of circuit records."""

    name: str

    def n_units(self, shots: int | None) -> int:
        """Return the number of units of work of a circuit at one point."""
        ...

    def share(self, asked: Asked, units: range) -> Told:
        """Return the results of some units.

        Raises:
            ResourceExhaustedError: too little memory is free.
            CircuitError: the circuit cannot be run as requested; the message says what to do.
        """
        ...

    def merged(self, asked: Asked, shares: Sequence[Told]) -> Told:
        """Merge shares that cover all units, in order."""
        ...


class Whole:
    """Base class of simulators that do not split circuits."""

    def n_units(self, shots: int | None) -> int:
        """Return one."""
        return 1

    def merged(self, asked: Asked, shares: Sequence[Told]) -> Told:
        """Return the only share."""
        return shares[0]


@dataclass(frozen=True, eq=False)
class Simulated:
    """All quantities of one circuit; see `workers.quantum.backends.questions.Question`.

    Attributes:
        simulator: the simulator.
        number: number of the pub in its batch.
    """

    simulator: CircuitSimulator
    number: int

    def n_units(self, batch: Batch, pub: Pub) -> int:
        """Return the simulator's units at each point."""
        return pub.n_points * self.simulator.n_units(batch.shots)

    def run(self, batch: Batch, pub: Pub, units: range, first: int, control: Control) -> list[list[Any]]:
        """Return [point, results of some units at it] of each point that the units cover."""
        each, part = self.simulator.n_units(batch.shots), []
        for point in range(units.start // each, (units.stop - 1) // each + 1):
            control.checkpoint()
            mine = range(max(units.start - point * each, 0), min(units.stop - point * each, each))
            part.append([point, self.simulator.share(self._asked(batch, pub, point, control), mine)])
        return part

    def merge(self, batch: Batch, pub: Pub, parts: Sequence[list[list[Any]]], control: Control) -> Fields:
        """Return the results at each point, in arrays of the pub's shapes."""
        shares: list[list[Told]] = [[] for _ in range(pub.n_points)]
        for point, result in (one for part in parts for one in part):
            shares[point].append(result)
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
    """Prepare a batch of circuit records; see `workers.quantum.backends.base.Backend.prepare`."""
    refuse(simulator.name, batch.want, BACKENDS[simulator.name].circuits)
    n_bytes = max((checked(simulator.name, pub) for pub in batch.pubs), default=0)
    return Plan(batch, Questions(batch, lambda number, pub: [Simulated(simulator, number)]), n_bytes)


def checked(name: str, pub: Pub) -> int:
    """Return the peak memory of a circuit's run in bytes, after checking that it is available.

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
    """Return a distinct seed for each circuit and point of a batch; the first has the batch's."""
    if not number and not point:
        return seed
    stream = np.random.SeedSequence(seed, spawn_key=(number, point))
    return int(stream.generate_state(1, np.uint32)[0])


def _arrays(pub: Pub, found: Sequence[Told]) -> Fields:
    fields: Fields = {}
    if values := _by_number(one.get("expectations", {}) for one in found):
        fields["expectations"] = _shaped(pub, values)
    if values := _by_number(one.get("variances", {}) for one in found):
        fields["variances"] = _shaped(pub, values)
    if all("counts" in one for one in found):
        fields["counts"] = _listings(pub, [one["counts"] for one in found])
    if all("distributions" in one for one in found):
        fields["distributions"] = _listings(pub, [one["distributions"] for one in found])
    if all("purities" in one for one in found):
        fields["purities"] = np.array([one["purities"] for one in found], dtype=np.float64).reshape(pub.grid)
    if all("entropies" in one for one in found):
        fields["entropies"] = np.array([one["entropies"] for one in found], dtype=np.float64).reshape(
            pub.grid
        )
    if all("fidelities" in one for one in found):
        fields["fidelities"] = np.array([one["fidelities"] for one in found], dtype=np.float64).reshape(
            pub.grid
        )
    notes: dict[str, str] = {}
    for one in found:
        notes |= one.get("notes", {})
    fields["notes"] = notes
    return fields


def _by_number(found: Iterable[Mapping[int, float]]) -> dict[int, float]:
    """Merge the values of all points; JSON has turned the numbers of other tasks' keys into strings."""
    return {int(number): value for one in found for number, value in one.items()}


def _shaped(pub: Pub, values: Mapping[int, float]) -> Float:
    return np.array([values[number] for number in range(pub.size)]).reshape(pub.shape)


def _listings(pub: Pub, listed: Sequence[Mapping[str, float] | None]) -> NDArray[Any]:
    """Return the outcomes at each point, an object array of the shape of the points."""
    made = np.empty(pub.n_points, dtype=object)
    made[:] = listed
    return made.reshape(pub.grid)
