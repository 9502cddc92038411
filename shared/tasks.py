"""The nodes of a job's graph, as planners and operations write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """A task to be created: its operation, its queue, and its parents in the same list.

    Attributes:
        operation: name in `workers.operations.OPERATIONS`.
        queue: name in `shared.queues.QUEUES`.
        payload: small JSON arguments; data shared by all tasks of a job is in the job's spec.
        after: indices of tasks earlier in the same list; their results are the task's inputs, in this order.
        cost_s: expected run time in seconds; controls chunking, inlining and prefetching on the broker.
        memory_bytes: expected peak memory, 0 if negligible.
        name: display name in `explain` and in events.
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
        """The display name: the given one, else the operation."""
        return self.name or self.operation
