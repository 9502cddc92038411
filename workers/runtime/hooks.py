"""Hooks of a worker: claiming, performing and recording tasks, and their failures."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from novacron.json_types import Json, JsonObject
from shared.db.claims import Claim
from shared.db.completion import Freed
from shared.db.jobs import WorkOrder
from shared.failures import Failure
from workers.runtime.outcome import Outcome


@dataclass(slots=True)
class Attempt:
    """One attempt of a task in this worker.

    Attributes:
        claim: the claimed task.
        queue: queue of the worker.
        worker: name of the worker.
        read_job: returns the job, which is read once per process.
        receipt: additions of hooks to the receipt of the job's result; only those of its final task are kept.
        begun_ns: start, by `time.monotonic_ns`; 0 before it, and where no hook has `after_attempts`.
        ended_ns: end, by the same clock.
        outcome: what the operation returned; None if it raised.
    """

    claim: Claim
    queue: str
    worker: str
    read_job: Callable[[str], WorkOrder]
    receipt: dict[str, Json] = field(default_factory=dict)
    begun_ns: int = 0
    ended_ns: int = 0
    outcome: Outcome | None = None

    @property
    def job(self) -> WorkOrder:
        """The job of the task."""
        return self.read_job(self.claim.job_id)

    def add_to_receipt(self, facts: JsonObject) -> None:
        """Add facts to the receipt.

        Raises:
            ValueError: a number in them is not finite.
            TypeError: they are not JSON. In either case the receipt is unchanged.
        """
        json.dumps(facts, allow_nan=False)
        self.receipt |= facts


class TaskHook:
    """Base class with all hooks of a worker; called in the thread that runs the tasks, so they must be quick.

    Hooks are never interrupted. A process may end between any two of them, so state that must not be lost,
    such as a job in a provider's queue, belongs in the database and not in hooks.
    """

    def before_claim(self, messages: Sequence[tuple[int, int]]) -> None:
        """Called when a message arrives: pairs of task id and attempt."""

    def after_claim(self, held: Sequence[Claim]) -> None:
        """Called when tasks are claimed: of a message, or freed by results this worker recorded."""

    def before_job(self, attempt: Attempt) -> None:
        """Called before the first of consecutive attempts of one job, `before_perform`."""

    def before_perform(self, attempt: Attempt) -> None:
        """Called before an attempt: before its job is read, its memory checked and its operation run."""

    def after_perform(self, attempt: Attempt, outcome: Outcome | None) -> None:
        """Called after an attempt, once per `before_perform`; the outcome is None if it raised."""

    def before_record(self, attempt: Attempt) -> None:
        """Called before the outcome of an operation is prepared: the last chance to add to the receipt."""

    def after_attempts(self, attempts: Sequence[Attempt]) -> None:
        """Called after consecutive attempts, before their results are written.

        A hook that needs no more than their times and outcomes costs less here than in two calls a task.
        """

    def before_write(self, finished: Sequence[Claim]) -> None:
        """Called before the results of these tasks are written."""

    def after_record(self, finished: Sequence[Claim], freed: Freed) -> None:
        """Called after finished tasks were recorded; `freed.accepted` has the ids of accepted results."""

    def on_retry(self, attempt: Attempt, failure: Failure, error: Exception, delay_s: float) -> None:
        """Called when a task failed with this exception, recorded as this failure, and will be retried."""

    def on_failure(self, attempt: Attempt, failure: Failure, error: Exception) -> None:
        """Called when a task, and so its job, failed permanently with this exception."""

    def on_cancel(self, attempt: Attempt) -> None:
        """Called when a task was stopped: its job was cancelled or timed out, or its lease was lost."""
