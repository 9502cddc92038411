"""The journal: evaluations of variational loops, written only by the task that holds the loop."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from shared.db.claims import Claim
from shared.db.session import Connection
from shared.db.statements import statement


@dataclass(frozen=True, slots=True)
class Row:
    """One evaluation as stored: see `workers.runtime.context.Entry`."""

    position: int
    point: list[float]
    value: float
    gradient: list[float] | None
    variance: float | None
    excess: float | None = None


APPEND = statement("journal.append")


def append(connection: Connection, held: Claim, loop: int, rows: Sequence[Row], *, worker: str) -> bool:
    """Record evaluations; return False (and record nothing) if this worker no longer holds the task.

    An existing position is left unchanged: replay is deterministic, so it holds the same numbers.
    """
    body = json.dumps([asdict(row) for row in rows])
    arguments = {"id": held.task_id, "attempt": held.attempt, "worker": worker, "loop": loop, "rows": body}
    return connection.execute(APPEND, arguments).fetchone() is not None


def read(connection: Connection, job_id: str, loop: int) -> list[Row]:
    """Return all evaluations of a loop, by position."""
    rows = connection.execute(
        "SELECT position, point, value, gradient, variance, excess FROM journal WHERE job_id = %s AND loop = %s ORDER BY position",
        (job_id, loop),
    )
    return [Row(*row) for row in rows]
