"""Builds workers' objects from parts of jobs, given as plain data and parsed by the spec's own models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from novacron.specs import Spec, parse_spec
from novacron.specs.ansatz import Ansatz
from novacron.specs.hamiltonian import Hamiltonian
from novacron.specs.optimizer import Optimizer
from novacron.specs.problem import Problem
from novacron.specs.record import Record
from novacron.specs.refusal import validated
from novacron.specs.table import Data
from shared.circuits.record import CircuitRecord
from workers.quantum import ansatz as ansaetze
from workers.quantum import hamiltonians
from workers.quantum.classical import bound_circuit
from workers.quantum.hamiltonians.base import Hamiltonian as Known
from workers.quantum.learning import data as samples
from workers.quantum.learning.kernel import Kernel
from workers.quantum.objective import Objective, Vector
from workers.quantum.variational import build
from workers.quantum.variational import replay as replaying
from workers.quantum.variational import system as systems
from workers.quantum.variational.ising import Ising
from workers.quantum.variational.ising import ising as ising_of
from workers.quantum.variational.replay import Live, LoopResult
from workers.runtime.context import Entry

Plain = Mapping[str, Any]


class Part(Record):
    """Parts of jobs, each on its own."""

    hamiltonian: Hamiltonian | None = None
    ansatz: Ansatz | None = None
    optimizer: Optimizer | None = None
    problem: Problem | None = None
    data: Data | None = None


def part(**given: object) -> Any:
    """Return the model of one part of a job.

    Raises:
        BadInput: it breaks a rule.
    """
    ((name, value),) = given.items()
    if isinstance(value, Record):
        return value
    return getattr(validated(Part, {name: value}, context={"stored": True}), name)


def job(given: Plain | Spec) -> Any:
    """Return the model of a job as stored."""
    return given if isinstance(given, Spec) else parse_spec(given, stored=True)


def hamiltonian(given: object) -> Known:
    """See `workers.quantum.hamiltonians.hamiltonian`."""
    return hamiltonians.hamiltonian(part(hamiltonian=given))


def ansatz(given: object, known: Known) -> Any:
    """See `workers.quantum.ansatz.ansatz`."""
    return ansaetze.ansatz(part(ansatz=given), known)


def ising(given: object) -> Ising:
    """See `workers.quantum.variational.ising.ising`."""
    return ising_of(part(problem=given))


def optimizer(given: object) -> Any:
    """Return the options of an optimizer."""
    return part(optimizer=given)


def objective(given: Plain | Spec) -> Any:
    """See `workers.quantum.variational.build.objective`."""
    return build.objective(job(given))


def shared_objective(given: Plain | Spec) -> Any:
    """See `workers.quantum.variational.build.shared_objective`."""
    return build.shared_objective(job(given))


def system(given: Plain | Spec) -> tuple[Known, Any]:
    """See `workers.quantum.variational.system.system`."""
    return systems.system(job(given))


def bound(given: Plain | Spec, values: Sequence[float], operators: Sequence[str] = ()) -> CircuitRecord:
    """See `workers.quantum.classical.bound_circuit.bound`."""
    return bound_circuit.bound(job(given), values, operators)


def load(given: object, fraction: float = 0.3, seed: int = 0) -> samples.Dataset:
    """See `workers.quantum.learning.data.load`."""
    return samples.load(part(data=given), fraction, seed)


def kernel(given: Plain | Spec) -> Kernel:
    """See `workers.quantum.learning.kernel.Kernel.of`."""
    return Kernel.of(job(given))


def replay(
    target: Objective,
    given: object,
    seed: int,
    loop: int,
    journal: Iterable[Entry],
    live: Live,
    start: Vector | None = None,
) -> LoopResult:
    """See `workers.quantum.variational.replay.replay`."""
    return replaying.replay(target, optimizer(given), seed, loop, journal, live, start)
