"""The nodes of a job's graph, as planners and operations write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """One task to be: what to do, where, and after which tasks of the same list.

    Attributes:
        operation: name in `workers.operations.OPERATIONS`.
        queue: name in `shared.queues.QUEUES`.
        payload: small JSON arguments; what all tasks of a job share is in the job's spec.
        after: indices of tasks earlier in the same list; their results are the task's inputs, in this order.
        cost_s: expected run time in seconds; decides chunking, inlining and how much waits on the broker.
        memory_bytes: expected peak memory, 0 where it does not matter.
        name: what people see in `explain` and in events.
    """

    operation: str
    queue: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    after: tuple[int, ...] = ()
    cost_s: float = 0.01
    memory_bytes: int = 0
    name: str = ""

    @property
    def label(self) -> str:
        """The name shown to people: the given one, else the operation."""
        return self.name or self.operation
