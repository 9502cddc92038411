"""Task contexts of operations, without a worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from novacron.specs import Spec, parse_spec
from workers.runtime.context import Context, Journal, Origin


def context(
    job: Spec | Mapping[str, Any],
    payload: Mapping[str, Any] | None = None,
    inputs: Sequence[Any] = (),
    *,
    queue: str = "cpu-sim",
    journal: Callable[[int], Journal] | None = None,
    checkpoint: Callable[[], None] = lambda: None,
    warn: Callable[[str], None] = lambda message: None,
    origin: Origin | None = None,
) -> Context[Any]:
    """Return the context of a job's task.

    Args:
        job: its spec, or the same as plain data, circuits parsed as the scheduler stores them.
        payload: the task's own arguments.
        inputs: results of its parent tasks.
        queue: its queue.
        journal: journal of each of its loops; None if it has none.
        checkpoint: see `Context`.
        warn: see `Context`.
        origin: the rows behind it; none by default.

    Raises:
        BadInput: the job is invalid.
    """
    spec = job if isinstance(job, Spec) else parse_spec(job, stored=True)
    return Context(
        spec=spec, payload=payload or {}, inputs=inputs, seed=spec.seed, queue=queue,
        journal=journal or _no_journal, checkpoint=checkpoint, warn=warn, origin=origin or Origin(),
    )  # fmt: skip


def _no_journal(loop: int) -> Journal:
    raise LookupError("a task without loops has no journal")
