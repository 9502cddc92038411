"""Validation of a plan's graph before it becomes rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from novacron.answers.explanation import PlannedTasks
from shared.queues import QUEUES
from shared.tasks import TaskSpec


def check(tasks: Sequence[TaskSpec]) -> None:
    """Refuse a graph that could not run to completion.

    Edges point backwards only, so there can be no cycle; every task but the last must have a successor.

    Raises:
        ValueError: the planner has a bug; the message says where.
    """
    if not tasks:
        raise ValueError("a plan needs at least one task")
    used: set[int] = set()
    for number, task in enumerate(tasks):
        if task.queue not in QUEUES:
            raise ValueError(f"task {number} ({task.label}): unknown queue {task.queue!r}")
        if any(not 0 <= parent < number for parent in task.after) or len(set(task.after)) < len(task.after):
            raise ValueError(
                f"task {number} ({task.label}): must come after distinct earlier tasks, not {task.after}"
            )
        used.update(task.after)
    if loose := sorted(set(range(len(tasks) - 1)) - used):
        raise ValueError(
            f"task {loose[0]} ({tasks[loose[0]].label}): nothing comes after it, and it is not the last"
        )


def summary(tasks: Sequence[TaskSpec]) -> list[PlannedTasks]:
    """Return the graph as groups of equal tasks, for `explain`."""
    groups = Counter((task.operation, task.queue) for task in tasks)
    rows: dict[tuple[str, str], PlannedTasks] = {}
    for task in tasks:
        key = (task.operation, task.queue)
        after = sorted({tasks[parent].operation for parent in task.after})
        row = rows.setdefault(key, PlannedTasks(
            name=task.operation, operation=task.operation, queue=task.queue, count=groups[key],
            after=after, cost_s=task.cost_s, memory_bytes=task.memory_bytes,
        ))  # fmt: skip
        row["after"] = sorted({*row["after"], *after})
    return list(rows.values())
