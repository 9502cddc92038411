"""What may attach to the course of tasks in a worker: claim, perform, record, and what keeps them from it."""

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
    """One attempt of one task in this worker.

    Attributes:
        claim: the task.
        queue: the worker's.
        worker: its name.
        read_job: reads the job, once a process.
        receipt: what hooks add to the receipt of the job's result; only its final task's is kept.
    """

    claim: Claim
    queue: str
    worker: str
    read_job: Callable[[str], WorkOrder]
    receipt: dict[str, Json] = field(default_factory=dict)

    @property
    def job(self) -> WorkOrder:
        """The job it belongs to."""
        return self.read_job(self.claim.job_id)

    def add_to_receipt(self, facts: JsonObject) -> None:
        """Add facts to the receipt.

        Raises:
            ValueError: a number in them is not finite.
            TypeError: they are not JSON. Either way the receipt stays as it was.
        """
        json.dumps(facts, allow_nan=False)
        self.receipt |= facts


class TaskHook:
    """The points of a worker; called in the thread that runs the tasks, so they have to be quick.

    They are never interrupted. A process may end between any two of them, so what must not be lost, like a
    job in a provider's queue, stands in rows and is looked after by them; hooks tell, rows decide.
    """

    def before_claim(self, messages: Sequence[tuple[int, int]]) -> None:
        """A message came: pairs of task id and attempt."""

    def after_claim(self, held: Sequence[Claim]) -> None:
        """These tasks are this worker's: of a message, or freed by what it recorded."""

    def before_perform(self, attempt: Attempt) -> None:
        """The attempt begins: its job is read, its memory looked for, its operation run."""

    def after_perform(self, attempt: Attempt, outcome: Outcome | None) -> None:
        """The attempt ended with this outcome, None where it raised; once for each `before_perform`."""

    def before_record(self, attempt: Attempt) -> None:
        """The operation is done, what it came to is made ready: the last chance to add to the receipt."""

    def before_write(self, finished: Sequence[Claim]) -> None:
        """The results of these tasks are about to be written."""

    def after_record(self, finished: Sequence[Claim], freed: Freed) -> None:
        """Finished tasks were recorded; `freed.accepted` has the ids of those whose result counted."""

    def on_retry(self, attempt: Attempt, failure: Failure, error: Exception, delay_s: float) -> None:
        """The task failed with this exception, kept as this failure, and is tried again after a delay."""

    def on_failure(self, attempt: Attempt, failure: Failure, error: Exception) -> None:
        """The task failed for good with this exception, and its job with it."""

    def on_cancel(self, attempt: Attempt) -> None:
        """The task was stopped: its job was cancelled or timed out, or the lease was lost."""
