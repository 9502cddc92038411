"""The interface of a running operation to its task."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from novacron.specs import Spec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from shared.db.session import Connection

S = TypeVar("S", bound=Spec, covariant=True)


@dataclass(frozen=True, slots=True)
class Entry:
    """One evaluation of a variational loop, as stored in the journal.

    Attributes:
        position: 0-based index of the evaluation within its loop.
        point: the parameters, shape (P,).
        value: the objective there.
        gradient: shape (P,), or None if only the value was requested.
        variance: variance of the value if it was sampled and is known, else None.
        excess: the value above the objective's constant, None for the value itself. A constant of 1e6 would
            cost six digits in a difference of two values; optimizers get the value without it.
    """

    position: int
    point: NDArray[np.float64]
    value: float
    gradient: NDArray[np.float64] | None = None
    variance: float | None = None
    excess: float | None = None

    @property
    def above_constant(self) -> float:
        """The value without the objective's constant, at full precision."""
        return self.value if self.excess is None else self.excess


class Journal(Protocol):
    """The evaluations of one loop, in order; appending is asynchronous and idempotent."""

    def entries(self) -> list[Entry]:
        """Return all entries recorded so far, by position."""

    def append(self, entry: Entry) -> None:
        """Record one evaluation; returns at once, written within a fraction of a second."""

    def flush(self) -> None:
        """Return when all appended entries are durable."""


class Inputs(Sequence[Any]):
    """Results of the parent tasks, read on first access: many operations need none."""

    def __init__(self, read: Callable[[], list[Any]]) -> None:
        self._read = read

    @cached_property
    def _values(self) -> list[Any]:
        return self._read()

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: Any) -> Any:
        return self._values[index]


def _nowhere() -> Connection:
    raise LookupError("this operation was called outside a worker: there is no database")


def _unheard(_: str) -> None:
    """Do nothing: outside a worker there are no events."""


def _untold(_: str, __: dict[str, Any]) -> None:
    """Do nothing, as `_unheard`."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The rows behind a task, for operations that write rows.

    Attributes:
        job_id: its job.
        task_id: the same in every attempt, so that an effect keyed by it happens once.
        attempt: number of this attempt.
        tenant_id: tenant of the job.
        submitted_by: name of the token the job came with.
        database: the worker's connection, in autocommit; its writes are durable.
    """

    job_id: str = ""
    task_id: int = 0
    tenant_id: int = 0
    submitted_by: str = ""
    database: Callable[[], Connection] = _nowhere
    attempt: int = 1


@dataclass(frozen=True)
class Context(Generic[S]):
    """One attempt of one task of a job of kind S.

    Attributes:
        spec: the job's spec, with `auto` replaced by the selected backend.
        payload: the task's own arguments.
        inputs: results of its parent tasks, in order.
        seed: the job's seed.
        queue: its queue, for tasks it may expand into.
        journal: loop index -> its journal.
        checkpoint: to be called between units of work; raises Stopped if the task should stop.
        warn: emits a warning about the result: an event, and part of the result.
        origin: the rows behind the task.
        note: emits a note about the job's progress: an event that does not affect the result.
        tell: emits an event of a kind with a body, which does not affect the result either.
        device: name of the device that the job was placed on, empty if the backend represents none.
        calibration: id of the calibration that the job was placed for, None if unknown.
    """

    spec: S
    payload: Mapping[str, Any]
    inputs: Sequence[Any]
    seed: int
    queue: str
    journal: Callable[[int], Journal]
    checkpoint: Callable[[], None]
    warn: Callable[[str], None]
    origin: Origin = Origin()
    note: Callable[[str], None] = _unheard
    tell: Callable[[str, dict[str, Any]], None] = _untold
    device: str = ""
    calibration: str | None = None
