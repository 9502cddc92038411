"""Planning `cryptographic`."""

from __future__ import annotations

from novacron.specs import Crypto
from scheduler.kinds.base import Work
from shared.tasks import TaskSpec


def plan(spec: Crypto, queue: str, memory_bytes: int) -> Work:
    """One task."""
    task = TaskSpec("crypto", queue, {}, (), 0.01, memory_bytes, f"{spec.operation} {spec.algorithm}")
    return Work(
        [task], "single", "an operation is one task", f"crypto/{spec.operation}/{spec.algorithm}", 0.01
    )
