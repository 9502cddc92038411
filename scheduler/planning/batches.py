"""Placement of batches: circuits at points with observables, whose results are arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

from novacron.arrays import Array
from novacron.errors import BadInput
from novacron.specs import Circuit
from novacron.specs.pub import PubSpec
from scheduler.planning import simulator
from scheduler.planning.simulator import Demand
from shared.circuits.clifford import acts_only_by_gates
from shared.quantum.backends import BACKENDS
from shared.quantum.broadcasting import broadcast

MAX_VALUES = 10_000_000
OF_STATES = {"gradient", "variances", "state"}
"""Results that need the state vector of a circuit of gates alone."""
LISTED_QUBITS = 20
"""Largest number of qubits of whose basis states all amplitudes or probabilities are returned."""
PROGRAM = ("gate", "measure", "barrier")
"""Instructions of a circuit that is compiled as a program."""
AS_PROGRAMS = ("statevector", "gpu")
"""Simulators that compile circuits of gates once for all points."""


@dataclass(frozen=True)
class Piece:
    """One circuit of a batch.

    Attributes:
        demand: what the circuit requires of a simulator.
        pub: the circuit with its points and observables.
        at: field of a job that holds it, for errors.
    """

    demand: Demand
    pub: PubSpec
    at: str

    @cached_property
    def points(self) -> tuple[int, ...]:
        """Shape of its points, without the last dimension, the parameters."""
        return () if self.pub.points is None else Array.from_json(self.pub.points).shape[:-1]

    @property
    def observables(self) -> tuple[int, ...]:
        """Shape of its observables."""
        given = self.pub.observables_shape
        return (len(self.pub.observables or ()),) if given is None else given

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Shape of its expectation values, or of its points if it has no observables.

        Raises:
            BadInput: points and observables do not broadcast.
        """
        if not self.pub.observables:
            return self.points
        found = broadcast(self.points, self.observables)
        if found is None:
            rule = f"points of shape {list(self.points)} and observables of shape {list(self.observables)}"
            hint = "add dimensions of length 1: points of shape (m, 1, n_parameters) meet k observables"
            raise BadInput(f"{rule} do not broadcast", field=f"{self.at}points", hint=hint)
        return found

    @property
    def n_points(self) -> int:
        """Number of its points."""
        return prod(self.points)

    @property
    def unitary(self) -> bool:
        """Whether it is a circuit of gates, with measurements at its end at most."""
        record = self.demand.record
        known = all(any(key in item for key in PROGRAM) for item in record["instructions"])
        return known and not record.get("memory") and acts_only_by_gates(record["instructions"])


def pieces(spec: Circuit) -> list[Piece]:
    """Return the circuits of a batch."""
    pubs = spec.pubs()
    if spec.circuit is not None:
        return [Piece(Demand(spec.alone(pubs[0])), pubs[0], "")]
    return [
        Piece(Demand(spec.alone(pub)), pub, f"circuits[{position}].") for position, pub in enumerate(pubs)
    ]


def compiled(spec: Circuit, piece: Piece, name: str) -> bool:
    """Return whether a simulator runs the circuit compiled, for all points at once."""
    return name in AS_PROGRAMS and spec.noise is None and piece.unitary


def check(spec: Circuit, found: Sequence[Piece]) -> None:
    """Refuse points and observables that fit neither the circuits nor each other.

    Raises:
        BadInput: names the circuit, the shapes and the rule.
    """
    n_values = 0
    for piece in found:
        _check_parameters(piece)
        _check_observables(piece)
        n_values += prod(piece.shape) if "expectations" in spec.wanted else piece.n_points
        if set(spec.wanted) & OF_STATES and (spec.noise is not None or not piece.unitary):
            named = " and ".join(sorted(set(spec.wanted) & OF_STATES))
            rule = f"{named} need circuits of gates alone, without noise, resets or conditions"
            raise BadInput(rule, field=f"{piece.at}circuit", hint="request expectations or counts")
        if {"state", "probabilities"} & set(spec.wanted) and _listed(piece) > LISTED_QUBITS:
            rule = f"lists at most 2^{LISTED_QUBITS} basis states, the circuit has 2^{_listed(piece)}"
            raise BadInput(rule, field="want", value=list(spec.wanted), hint="request counts, with shots")
    if n_values > MAX_VALUES:
        rule = f"gives {n_values:,} values, at most {MAX_VALUES:,} in one job"
        raise BadInput(rule, field="points", hint="submit the points in several jobs")


def _listed(piece: Piece) -> int:
    return piece.demand.spec.n_qubits or 0


def _check_parameters(piece: Piece) -> None:
    names = piece.demand.record.get("parameters") or []
    if piece.pub.points is None:
        if names:
            rule = f"are required: the circuit has the parameters {', '.join(names)}"
            raise BadInput(rule, field=f"{piece.at}points", hint="shape (..., n_parameters)")
        return
    n = Array.from_json(piece.pub.points).shape[-1]
    if n != len(names):
        said = f"has {len(names)} parameters" + (f" ({', '.join(names[:8])})" if names else "")
        raise BadInput(f"have {n} numbers each, the circuit {said}", field=f"{piece.at}points")


def _check_observables(piece: Piece) -> None:
    n_qubits = piece.demand.spec.n_qubits
    for position, observable in enumerate(piece.pub.observables or ()):
        if (width := len(observable.terms[0][0])) != n_qubits:
            rule = f"acts on {width} qubits, the circuit has {n_qubits}"
            raise BadInput(rule, field=f"{piece.at}observables[{position}]", hint="one letter a qubit")


def choose(spec: Circuit, found: Sequence[Piece]) -> tuple[str, str]:
    """Return the simulator that runs all circuits, and the reason.

    Raises:
        BadInput: none does.
    """
    ways = [_choice(spec, piece) for piece in found]
    names = {name for name, _ in ways}
    if len(names) == 1:
        return ways[0]
    for name in simulator.SIMULATORS:
        if all(simulator.obstacle(piece.demand, name) is None for piece in found):
            return name, f"{name}, which runs all {len(found)} circuits"
    needs = ", ".join(sorted(names))
    raise BadInput(f"fit no simulator together: they need {needs}", field="circuits", hint="use several jobs")


def _choice(spec: Circuit, piece: Piece) -> tuple[str, str]:
    if compiled(spec, piece, "statevector") and simulator.obstacle(piece.demand, "statevector") is None:
        return "statevector", f"state vector on CPU, {piece.demand.width}, compiled once for all points"
    return simulator.choose(piece.demand)


def checked(spec: Circuit, found: Sequence[Piece], name: str) -> None:
    """Refuse a simulator that does not run all circuits.

    Raises:
        BadInput: names the circuit, the rule and what to do.
    """
    for piece in found:
        if compiled(spec, piece, name):
            continue
        if set(spec.wanted) & OF_STATES:
            rule = f"{name} gives no {', '.join(sorted(set(spec.wanted) & OF_STATES))}"
            raise BadInput(rule, field="backend", value=spec.backend, hint="use statevector, or auto")
        simulator.check(piece.demand, name)


def widest(found: Sequence[Piece]) -> Piece:
    """Return the circuit that needs most memory."""
    return max(found, key=lambda piece: piece.demand.n_active)


def warnings(found: Sequence[Piece], name: str) -> Iterator[str]:
    """Yield warnings about the results that are known before the run."""
    for piece in found:
        if not BACKENDS[name].programs or not piece.unitary:
            yield from simulator.warnings(piece.demand, name)
