"""The interface between jobs and backends: prepare a batch, run its units, merge their results.

Simulators, a provider's devices, and the steps between a batch and them (narrowing, mitigation, compilation)
implement `Backend`, modelled on Qiskit's primitives (V2) and PennyLane's device API. States are
complex128[2^n] with qubit 0 as the most significant bit of the index.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, cast

from novacron.json_types import JsonObject
from shared.quantum.wants import Want
from workers.quantum.backends import executed
from workers.quantum.backends.batch import Batch, Result, Streams
from workers.quantum.providers.base import Price, UnknownJobError
from workers.quantum.simulation.ir.refusal import UnsupportedError


def _nothing() -> None:
    """Do nothing: outside a task nothing requests a stop."""


def _unheard(_: str) -> None:
    """Do nothing: outside a task there is no recipient."""


@dataclass(frozen=True, slots=True)
class Control:
    """Callbacks from a run to its task.

    Attributes:
        checkpoint: called between steps; raises if the work should stop.
        warn: receives warnings for the reader of the answer.
        tag: the same in every attempt of a task, so that a provider's job is found again.
        is_new: whether nothing can have been submitted under the tag yet.
        max_qpu_s: seconds of a device after which a provider ends the work; None for no limit.
    """

    checkpoint: Callable[[], None] = _nothing
    warn: Callable[[str], None] = _unheard
    tag: str = ""
    is_new: bool = False
    max_qpu_s: float | None = None


ALONE = Control()
"""A run outside any task."""


@dataclass(frozen=True, slots=True)
class Queued:
    """The work is in the provider's queue: poll again later, no worker waits meanwhile.

    Attributes:
        provider_job: the provider's id of it.
        retry_after_s: seconds until the next poll; None leaves it to the task, which waits ever longer.
        notes: JSON that was known at the submission, and is needed for the result.
    """

    provider_job: str
    retry_after_s: float | None
    notes: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quote:
    """What a plan would use of a provider's device.

    Attributes:
        n_circuits: number of circuits with all parameters bound.
        shots: shots of each.
        qpu_s: expected seconds of the device.
        usd: expected price, None if unknown.
        notes: JSON for the result: calibration, and what the compiler did.
    """

    n_circuits: int
    shots: int
    qpu_s: float
    usd: float | None
    notes: JsonObject


Share: TypeAlias = Sequence[tuple[int, Any]]
"""Results of some units: parts by question number, JSON except for arrays."""


class Prepared(Protocol):
    """The circuits of a batch, prepared by a backend."""

    def n_units(self, batch: Batch) -> int:
        """Return the number of units of work of a batch of these circuits, at any points."""
        ...


class Runnable(Prepared, Protocol):
    """Circuits that run in this process."""

    def run(self, batch: Batch, units: range | None, control: Control) -> Share:
        """Run some units, by default all."""
        ...

    def merge(self, batch: Batch, shares: Sequence[Share], control: Control) -> Result:
        """Merge shares that cover all units, in order, into the answers."""
        ...


@dataclass(frozen=True, eq=False)
class Plan:
    """A prepared batch that has not run yet.

    Attributes:
        batch: the batch.
        prepared: its circuits, as prepared by the backend.
        memory_bytes: peak memory of a run; not allocated yet.
    """

    batch: Batch
    prepared: Prepared
    memory_bytes: int = 0

    @property
    def n_units(self) -> int:
        """Number of units of work; each may run anywhere, in any order."""
        return self.prepared.n_units(self.batch)

    def at(self, *points: Any) -> Plan:
        """Return the plan at other points, one array per pub, without recompiling."""
        pubs = tuple(pub.at(there) for pub, there in zip(self.batch.pubs, points, strict=True))
        return Plan(self.batch.asking(pubs, self.batch.streams), self.prepared, self.memory_bytes)

    def drawing(self, streams: Streams) -> Plan:
        """Return the plan with other random streams."""
        return Plan(self.batch.asking(self.batch.pubs, streams), self.prepared, self.memory_bytes)


class Backend(Protocol):
    """A device, or a simulation method."""

    name: str

    def prepare(self, batch: Batch) -> Plan:
        """Check and prepare a batch without running it.

        Raises:
            LimitError: Too many qubits.
            MemoryLimitError: More memory needed than available; raised before any of it is allocated.
            UnsupportedError: The batch requests something the backend does not support.
            ValueError: Mismatched shapes.
        """
        ...

    def run(self, plan: Plan, units: range | None = None, control: Control = ALONE) -> Share | Queued:
        """Run some units, by default all; or submit them to a provider unless it has work of that tag."""
        ...

    def merge(self, plan: Plan, shares: Sequence[Share], control: Control = ALONE) -> Result:
        """Merge shares that cover all units, in order; bitwise identical for any number of shares."""
        ...

    def poll(self, plan: Plan, queued: Queued, control: Control = ALONE) -> Share | Queued:
        """Return what `run` would return now.

        Raises:
            UnknownJobError: The provider knows no such job.
        """
        ...

    def quote(self, plan: Plan) -> Quote | None:
        """Compile a plan, and return what it would use of a device; None if nothing is charged.

        Raises:
            UserError: the device does not accept it.
            PassingError: the provider is temporarily unavailable.
        """
        ...

    def charge(self, provider_job: str) -> Price | None:
        """Return what the provider charged for work that has ended; None if it has not said so.

        Raises:
            UnknownJobError: The provider knows no such job.
        """
        ...

    def find(self, tag: str) -> Sequence[str]:
        """Return the provider's ids of waiting, running or succeeded work with a tag, the oldest first."""
        ...

    def cancel(self, provider_job: str) -> None:
        """Cancel work at the provider; work that has ended is left unchanged.

        Raises:
            UnknownJobError: The provider knows no such job.
        """
        ...

    def close(self) -> None:
        """Close open resources, such as a session."""
        ...


class Local:
    """Base class of backends whose work is done when `run` returns."""

    name: str

    def run(self, plan: Plan, units: range | None = None, control: Control = ALONE) -> Share:
        """See `Backend.run`."""
        if not executed.counted():
            return cast(Runnable, plan.prepared).run(plan.batch, units, control)
        begun_s = time.perf_counter()
        share = cast(Runnable, plan.prepared).run(plan.batch, units, control)
        part = 1.0 if units is None else len(units) / plan.n_units
        executed.count(self.name, plan.batch.pubs, part, time.perf_counter() - begun_s)
        return share

    def merge(self, plan: Plan, shares: Sequence[Share], control: Control = ALONE) -> Result:
        """See `Backend.merge`."""
        return cast(Runnable, plan.prepared).merge(plan.batch, shares, control)

    def poll(self, plan: Plan, queued: Queued, control: Control = ALONE) -> Share | Queued:
        """Raise an error: there is nothing to poll.

        Raises:
            UnknownJobError: Always.
        """
        raise UnknownJobError(f"{self.name} has no queue, and no job {queued.provider_job!r} in it")

    def quote(self, plan: Plan) -> Quote | None:
        """Return None: local work is not charged."""
        return None

    def charge(self, provider_job: str) -> Price | None:
        """Return None: local work is not charged."""
        return None

    def find(self, tag: str) -> Sequence[str]:
        """Return nothing: no work is waiting."""
        return ()

    def cancel(self, provider_job: str) -> None:
        """Do nothing: local work is stopped by its task."""

    def close(self) -> None:
        """Do nothing: no resource is open."""


def refuse(name: str, asked: Iterable[Want], had: Container[Want]) -> None:
    """Reject unsupported requests.

    Raises:
        UnsupportedError: Names what is missing.
    """
    if missing := sorted(want for want in asked if want not in had):
        raise UnsupportedError(f"{name} gives no {', '.join(missing)}")
