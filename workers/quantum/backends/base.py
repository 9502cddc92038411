"""The seam between jobs and whatever runs circuits: prepare a batch, run its units, merge what they came to.

Simulators, devices of a provider, and what stands between a batch and them (narrowing, mitigation,
compilation) meet in `Backend`, in the shape of Qiskit's primitives (V2) and PennyLane's device API. States
are complex128[2^n] with qubit 0 as the most significant bit of the index.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, cast

from shared.quantum.wants import Want
from workers.quantum.backends import executed
from workers.quantum.backends.batch import Batch, Result, Streams
from workers.quantum.simulation.ir.refusal import UnsupportedError


def _nothing() -> None:
    """Outside a task nothing asks to stop."""


def _unheard(_: str) -> None:
    """Outside a task nobody is told."""


@dataclass(frozen=True, slots=True)
class Control:
    """What a run may ask of the task that it is part of.

    Attributes:
        checkpoint: called between steps; raises where the work should stop.
        warn: told what a reader of the answer should know.
        tag: the same in every attempt of a task, so that a provider's job is found again.
    """

    checkpoint: Callable[[], None] = _nothing
    warn: Callable[[str], None] = _unheard
    tag: str = ""


ALONE = Control()
"""A run outside any task."""


@dataclass(frozen=True, slots=True)
class Queued:
    """The provider has the work in its queue: ask again later, no worker waits meanwhile.

    Attributes:
        provider_job: the provider's id of it.
        retry_after_s: when to ask again.
    """

    provider_job: str
    retry_after_s: float


class UnknownJobError(LookupError):
    """A provider has forgotten a job, or never had it."""


Share: TypeAlias = Sequence[tuple[int, Any]]
"""What some units came to: parts by the question that they belong to, JSON but for arrays."""


class Prepared(Protocol):
    """The circuits of a batch, as a backend has made them ready."""

    def n_units(self, batch: Batch) -> int:
        """Units of work of a batch of these circuits, at whatever points."""
        ...


class Runnable(Prepared, Protocol):
    """Circuits that are run here."""

    def run(self, batch: Batch, units: range | None, control: Control) -> Share:
        """What some units come to, all by default."""
        ...

    def merge(self, batch: Batch, shares: Sequence[Share], control: Control) -> Result:
        """The answers, from shares that make up all units, in order."""
        ...


@dataclass(frozen=True, eq=False)
class Plan:
    """A batch made ready; nothing has run yet.

    Attributes:
        batch: what is asked.
        prepared: its circuits, as the backend has made them ready.
        memory_bytes: most that a run takes; nothing of that size is allocated yet.
    """

    batch: Batch
    prepared: Prepared
    memory_bytes: int = 0

    @property
    def n_units(self) -> int:
        """Units of work: each may run anywhere, in any order."""
        return self.prepared.n_units(self.batch)

    def at(self, *points: Any) -> Plan:
        """The same at other points, one array for each pub; nothing is compiled again."""
        pubs = tuple(pub.at(there) for pub, there in zip(self.batch.pubs, points, strict=True))
        return Plan(self.batch.asking(pubs, self.batch.streams), self.prepared, self.memory_bytes)

    def drawing(self, streams: Streams) -> Plan:
        """The same with other random streams."""
        return Plan(self.batch.asking(self.batch.pubs, streams), self.prepared, self.memory_bytes)


class Backend(Protocol):
    """One device, or one way of simulating."""

    name: str

    def prepare(self, batch: Batch) -> Plan:
        """Check a batch and get ready for it; nothing runs.

        Raises:
            LimitError: Too many qubits.
            MemoryLimitError: More memory wanted than there is; raised before any of it is allocated.
            UnsupportedError: The batch asks for what the backend has not.
            ValueError: Shapes that do not fit.
        """
        ...

    def run(self, plan: Plan, units: range | None = None, control: Control = ALONE) -> Share | Queued:
        """Run some units, all by default; or hand them to a provider, unless it has work of that tag."""
        ...

    def merge(self, plan: Plan, shares: Sequence[Share], control: Control = ALONE) -> Result:
        """The answers, from shares that make up all units, in order; the same bits however many there are."""
        ...

    def poll(self, plan: Plan, queued: Queued, control: Control = ALONE) -> Share | Queued:
        """What `run` would return by now.

        Raises:
            UnknownJobError: The provider knows no such job.
        """
        ...

    def find(self, tag: str) -> Sequence[str]:
        """The provider's ids of work with a tag that is waiting, runs or has succeeded, the oldest first."""
        ...

    def cancel(self, provider_job: str) -> None:
        """Take work back from the provider; work that has ended is left alone.

        Raises:
            UnknownJobError: The provider knows no such job.
        """
        ...

    def close(self) -> None:
        """End what is kept open, such as a session."""
        ...


class Local:
    """What backends share whose work is done when `run` returns."""

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
        """There is nothing to ask for.

        Raises:
            UnknownJobError: Always.
        """
        raise UnknownJobError(f"{self.name} has no queue, and no job {queued.provider_job!r} in it")

    def find(self, tag: str) -> Sequence[str]:
        """Nothing waits."""
        return ()

    def cancel(self, provider_job: str) -> None:
        """Work that runs here is stopped by its task."""

    def close(self) -> None:
        """Nothing is kept open."""


def refuse(name: str, asked: Iterable[Want], had: Container[Want]) -> None:
    """Refuse what a backend has not.

    Raises:
        UnsupportedError: Names what is missing.
    """
    if missing := sorted(want for want in asked if want not in had):
        raise UnsupportedError(f"{name} gives no {', '.join(missing)}")
