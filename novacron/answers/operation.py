"""Operations that a worker performs while the client waits."""

from __future__ import annotations

from typing import Any

from novacron.answers.answer import Answer


class Performed(Answer, shown=("operation",)):
    """The result of an operation that a worker performed.

    Attributes:
        operation: name of the operation.
        receipt: provenance of the result: versions, seed, queue, processor.
        from_cache: whether the result came from the cache.
        wall_time_s: seconds from the start of the first task to the end.
        queue_time_s: seconds from submission to the start of the first task.
        backend: null; operations run no circuits.
        n_evaluations: 0; operations evaluate no objective.
        warnings: caveats of the result.
    """

    operation: str
    receipt: dict[str, Any]
    from_cache: bool
    wall_time_s: float | None
    queue_time_s: float | None
    backend: str | None = None
    n_evaluations: int | None
    warnings: list[str]
