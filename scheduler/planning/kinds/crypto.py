"""Planning `cryptographic`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scheduler.planning.kinds.base import Work
from shared.tasks import TaskSpec

OPERATION_S = 0.01

PLANNERS: dict[str, Callable[[Any, str, int], Work]] = {}
"""Planners of operations with more than one task."""


def plan(spec: Any, queue: str, memory_bytes: int) -> Work:
    """Plan one task, named after the operation, or use the operation's own planner."""
    if spec.operation in PLANNERS:
        return PLANNERS[spec.operation](spec, queue, memory_bytes)
    algorithm = getattr(spec, "algorithm", None)
    label = f"{spec.operation} {algorithm}" if algorithm else spec.operation
    task = TaskSpec(spec.operation, queue, {}, (), OPERATION_S, memory_bytes, label)
    shape = f"crypto/{spec.operation}/{algorithm}" if algorithm else f"crypto/{spec.operation}"
    return Work([task], "single", "an operation is one task", shape, OPERATION_S)
