"""What an operation may see and touch while it runs."""

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
    """One evaluation of a variational loop, as the journal keeps it.

    Attributes:
        position: 0-based index of the evaluation within its loop.
        point: the parameters, shape (P,).
        value: the objective there.
        gradient: shape (P,), or None where only the value was asked for.
        variance: of the value where it was sampled and can be told, else None.
        excess: what the objective adds to its constant there, None for the value itself. A constant of 1e6
            would take six digits off a difference of two values; it is answered to optimizers without it.
    """

    position: int
    point: NDArray[np.float64]
    value: float
    gradient: NDArray[np.float64] | None = None
    variance: float | None = None
    excess: float | None = None

    @property
    def above_constant(self) -> float:
        """The value without the objective's constant, to the last bit."""
        return self.value if self.excess is None else self.excess


class Journal(Protocol):
    """The evaluations of one loop, in order; appending is asynchronous and idempotent."""

    def entries(self) -> list[Entry]:
        """All entries recorded so far, by position."""

    def append(self, entry: Entry) -> None:
        """Record one evaluation; returns at once, written within a fraction of a second."""

    def flush(self) -> None:
        """Return when all that was appended is durable."""


class Inputs(Sequence[Any]):
    """Results of the tasks before this one, read when first looked at: many operations never do."""

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
    """Outside a worker there are no events."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a task comes from, for operations whose effects are rows.

    Attributes:
        job_id: its job.
        task_id: the same in every attempt, so that an effect keyed by it happens once.
        attempt: which attempt this is.
        tenant_id: whose job it is.
        submitted_by: name of the token the job came with.
        database: the worker's connection, in autocommit; what is written through it is durable.
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
        spec: the job's spec, with the backend that was chosen in place of `auto`.
        payload: the task's own arguments.
        inputs: results of the tasks it came after, in order.
        seed: the job's seed.
        queue: the queue it runs on, for tasks it may expand into.
        journal: loop index -> its journal.
        checkpoint: call it between units of work; raises Stopped when the task should stop.
        warn: tell something about the result that a user should know: an event, and part of the result.
        origin: the rows behind the task.
        note: tell something about the job's course: an event that leaves the result as it is.
        device: name of the backend's device that the job was placed on, empty where it stands for none.
        calibration: id of the calibration that the job was placed for, None where none is known.
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
    device: str = ""
    calibration: str | None = None
