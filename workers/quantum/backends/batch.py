"""A backend's input and output: circuits at points, with observables, in one batch.

Shapes broadcast as in NumPy: points of shape P and observables of shape O give values of the broadcast shape
of P and O, as in the PUBs of Qiskit's primitives (V2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

from novacron.json_types import JsonObject
from novacron.specs.base import DEFAULT_LEVEL
from shared.circuits.record import CircuitRecord
from shared.quantum.measurement import shots_for
from shared.quantum.wants import Want
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Complex, Float, Program

if TYPE_CHECKING:
    from workers.quantum.simulation.noise.model import NoiseModel

Circuit: TypeAlias = Program | CircuitRecord
Terms: TypeAlias = Sequence[tuple[str, float]]
Observable: TypeAlias = PauliSum | Terms
Streams: TypeAlias = Callable[[int], np.random.Generator]
"""The random stream of each unit of work, so that results do not depend on which process runs a unit."""


@dataclass(frozen=True, eq=False)
class Pub:
    """One circuit with the points it is run at and the observables that are measured.

    Attributes:
        circuit: a program of a variational loop, or a circuit record with measurements.
        points: float64[*P, n_parameters] in radians; a circuit without parameters has one point of size 0.
        observables: sums of Pauli strings as an object array of shape O; character i of a string acts on
            qubit i.
    """

    circuit: Circuit
    points: Float = field(default_factory=lambda: np.empty(0))
    observables: NDArray[Any] = field(default_factory=lambda: np.empty(0, dtype=object))

    @classmethod
    def of(cls, circuit: Circuit, points: Any = (), observable: Observable | None = None) -> Pub:
        """Return a circuit with one observable, or none."""
        asked = np.empty(() if observable is not None else 0, dtype=object)
        if observable is not None:
            asked[()] = observable
        return cls(circuit, np.asarray(points, dtype=np.float64), asked)

    def at(self, points: Any) -> Pub:
        """Return the same circuit at other points."""
        return Pub(self.circuit, np.asarray(points, dtype=np.float64), self.observables)

    @property
    def grid(self) -> tuple[int, ...]:
        """The shape P."""
        return self.points.shape[:-1]

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Shape of the expectation values: P and O broadcast.

        Raises:
            ValueError: they do not broadcast.
        """
        grid, asked = self.grid, self.observables.shape
        if not self.observables.size:
            return (0,)
        return np.broadcast_shapes(grid, asked) if grid and asked else grid or asked

    def check(self) -> None:
        """Reject points and observables whose shapes do not broadcast.

        Raises:
            ValueError: names the shapes.
        """
        try:
            _ = self.shape
        except ValueError:
            shapes = f"points {self.grid}, observables {self.observables.shape}"
            raise ValueError(f"the shapes do not broadcast: {shapes}") from None

    @property
    def size(self) -> int:
        """Number of expectation values."""
        return prod(self.shape)

    @cached_property
    def pairs(self) -> tuple[list[int], list[int]]:
        """For each expectation value, in flat order: the flat indices of its point and of its observable."""
        if not self.observables.size:
            return [], []
        if self.observables.size == 1:
            return [*range(self.n_points)], [0] * self.n_points
        grid, asked = self.grid, self.observables.shape
        points = np.broadcast_to(np.arange(self.n_points).reshape(grid), self.shape)
        numbers = np.broadcast_to(np.arange(self.observables.size).reshape(asked), self.shape)
        return points.ravel().tolist(), numbers.ravel().tolist()

    @cached_property
    def rows(self) -> Float:
        """All points, float64[n_points, n_parameters]."""
        return self.points.reshape(self.n_points, self.points.shape[-1])

    @property
    def n_points(self) -> int:
        """Number of points."""
        return prod(self.grid)


@dataclass(frozen=True, eq=False)
class Batch:
    """A request to a backend.

    Attributes:
        pubs: the circuits.
        want: the quantities to compute.
        shots: shots of each circuit at each point, or of each setting for an estimate; None if nothing is
            sampled.
        precision: alternative to shots, for estimates: the maximum standard error.
        seed: determines all samples.
        noise: the noise model, None for none.
        streams: random streams by unit; None for those of the seed.
        optimization_level: effort of compilation, 0 to 3; only for devices.
    """

    pubs: tuple[Pub, ...]
    want: frozenset[Want]
    shots: int | None = None
    precision: float | None = None
    seed: int = 0
    noise: NoiseModel | None = None
    streams: Streams | None = None
    optimization_level: int = DEFAULT_LEVEL

    def __post_init__(self) -> None:
        if self.shots is not None and self.precision is not None:
            raise ValueError("shots and precision: give one of the two")

    @property
    def of_programs(self) -> bool:
        """Whether its circuits are programs; otherwise they are circuit records.

        Raises:
            ValueError: they are mixed.
        """
        found = {isinstance(pub.circuit, Program) for pub in self.pubs}
        if len(found) > 1:
            raise ValueError("a batch has programs or circuit records, not both")
        return found.pop() if found else False

    def asking(self, pubs: tuple[Pub, ...], streams: Streams | None) -> Batch:
        """Return the batch with other pubs, drawn from other streams."""
        # Loops of small circuits call this for every sampled value: the constructor would cost much more.
        made = object.__new__(Batch)
        made.__dict__.update(self.__dict__, pubs=pubs, streams=streams)
        return made

    def shots_for(self, groups: Sequence[Iterable[float]] = ()) -> int:
        """Return the shots per setting of an observable with these groups of coefficients, or of a circuit.

        Raises:
            ValueError: neither shots nor a precision are given, or a precision without estimates.
        """
        if self.shots is not None:
            return self.shots
        if self.precision is None or not groups:
            raise ValueError("samples take a number of shots")
        return shots_for(self.precision, groups)

    def stream(self, unit: int) -> np.random.Generator:
        """Return the random stream of a unit."""
        if self.streams is not None:
            return self.streams(unit)
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=(unit,))))


@dataclass(frozen=True, eq=False)
class Answer:
    """A backend's results for one pub; None if not requested, or omitted with a warning.

    Attributes:
        expectations: float64 of the pub's shape.
        variances: variances of the expectation values as estimators, of the same shape, NaN if a single
            sample cannot determine it; None if they are exact.
        gradients: float64[*shape, n_parameters].
        spreads: exact variances of the observables, float64 of the pub's shape.
        states: complex128[*P, 2^n].
        probabilities: probabilities of the basis states, float64[*P, 2^n].
        samples: basis indices, int64[*P, shots].
        counts: outcome string -> count, an object array of shape P.
        distributions: outcome string -> probability, an object array of shape P.
        purities: float64[*P].
        entropies: in bits, float64[*P].
        fidelities: with the pure state of the gates alone, float64[*P].
        notes: remarks on the method, for the receipt.
        compilation: what the compiler did, if the circuit was compiled; JSON.
    """

    expectations: Float | None = None
    variances: Float | None = None
    gradients: Float | None = None
    spreads: Float | None = None
    states: Complex | None = None
    probabilities: Float | None = None
    samples: NDArray[np.int64] | None = None
    counts: NDArray[Any] | None = None
    distributions: NDArray[Any] | None = None
    purities: Float | None = None
    entropies: Float | None = None
    fidelities: Float | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    compilation: JsonObject | None = None


class Fields(TypedDict, total=False):
    """Some fields of an `Answer`, by name."""

    expectations: Float
    variances: Float
    gradients: Float
    spreads: Float
    states: Complex
    probabilities: Float
    samples: NDArray[np.int64]
    counts: NDArray[Any]
    distributions: NDArray[Any]
    purities: Float
    entropies: Float
    fidelities: Float
    notes: Mapping[str, str]
    compilation: JsonObject


Result: TypeAlias = tuple[Answer, ...]
"""One answer for each pub."""
