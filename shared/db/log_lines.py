"""The last log lines of each job: a ring of slots, so that the table itself bounds their number.

A job's lines are numbered from 1 in the order of writing, under a lock of the job: a reader that has seen a
number has missed none before it except those that the ring has dropped.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shared.db.session import Connection
from shared.db.statements import statement

MOST = 200
"""Number of lines kept per job; a table constraint rejects further slots."""
SETTLED_S = 5.0
"""Seconds after a job's end when its last lines are complete: the leader logs up to three seconds later."""
LOCK_SPACE = 0x4E4C
"""First key of the advisory locks under which lines are numbered."""

LOCK = statement("log_lines.lock")
KEEP = statement("log_lines.keep")
READ = statement("log_lines.read")
SETTLED = statement("log_lines.settled")


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines of a job, oldest first.

    Attributes:
        lines: each with its `number`.
        ended: whether the job has ended and no line follows.
    """

    lines: list[dict[str, Any]]
    ended: bool


def keep(connection: Connection, lines: Iterable[tuple[str, str]]) -> None:
    """Store lines, in their order; the last `MOST` of each job are kept.

    Args:
        connection: outside a transaction.
        lines: id of a job, and the line's members as a JSON object; lines of unknown jobs are skipped.
    """
    of_jobs: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=MOST))
    for job_id, body in lines:
        of_jobs[job_id].append(body)
    rows = [(job, place, body) for job, bodies in of_jobs.items() for place, body in enumerate(bodies, 1)]
    jobs, places, bodies = (list(column) for column in zip(*rows, strict=True))
    asked = {"jobs": jobs, "places": places, "bodies": bodies, "most": MOST, "space": LOCK_SPACE}
    with connection.transaction():
        connection.execute(LOCK, asked)
        connection.execute(KEEP, asked)


def read(connection: Connection, job_id: str, *, after: int = 0, limit: int = MOST) -> Page:
    """Return lines of the job with numbers above `after`."""
    asked = {"job": job_id, "after": after, "limit": limit, "settled": SETTLED_S}
    # Queried before the lines: lines written in between are then among those read.
    row = connection.execute(SETTLED, asked).fetchone()
    lines = [{"number": number, **body} for number, body in connection.execute(READ, asked)]
    return Page(lines, bool(row and row[0]) and len(lines) < limit)
