"""Selection of the ready tasks to be queued on the broker next.

Strict priority order; within one priority each tenant gets a share in proportion to its weight, counting its
tasks in flight; ties are broken at random, since otherwise the newest of many tenants would starve. No more
tasks are taken per queue than its live workers can start soon.

With many tenants only the first tasks of each are considered (`cap`), and none is taken after the last
considered task of the first tenant that reached its cap (`last`): a task behind it may rank before the
others'. The next round takes those.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.db.session import Connection
from shared.db.statements import statement
from shared.queues import Queue

LIVE_S = 15.0
"""Seconds after its last heartbeat until a worker no longer counts as live."""
PARTS = 4
"""A queue is refilled when 1/PARTS of it is empty: many small refills would produce many small messages."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A task now marked queued, whose message is to be published.

    Attributes:
        task_id: its id.
        attempt: the attempt the message is for.
        queue: target queue.
        cost_s: expected run time.
        failures: attempts that failed or were lost with their worker.
        job_id: its job.
    """

    task_id: int
    attempt: int
    queue: str
    cost_s: float
    failures: int = 0
    job_id: str = ""


@dataclass(frozen=True, slots=True)
class Title:
    """Display name of a task: the kind and id of its job, and its operation."""

    kind: str
    operation: str
    job_id: str


TAKE = statement("dispatch.take")


def take(connection: Connection, queues: Iterable[Queue], *, limit: int = 1000) -> list[Ready]:
    """Ready -> queued, in dispatch order, for the tasks that each queue's live workers can start soon."""
    listed = list(queues)
    arguments = {
        "queues": [queue.name for queue in listed],
        "horizons": [queue.horizon_s for queue in listed],
        "limit": limit,
        "live": LIVE_S,
        "parts": PARTS,
    }
    return [Ready(*row) for row in connection.execute(TAKE, arguments)]


TITLES = """
SELECT t.id, j.kind, t.operation, j.id FROM tasks t JOIN jobs j ON j.id = t.job_id WHERE t.id = ANY(%s)
"""


def titles(connection: Connection, tasks: Sequence[int]) -> dict[int, Title]:
    """Return the display names of these tasks."""
    return {task: Title(*rest) for task, *rest in connection.execute(TITLES, (list(tasks),))}


PUT_BACK = statement("dispatch.put_back")
WAKE_DELAYED = statement("dispatch.wake_delayed")


def put_back(connection: Connection, messages: Iterable[tuple[int, int]], *, cause: str) -> int:
    """Queued -> ready for messages that reached no worker; a copy still in flight is harmless."""
    pairs = list(messages)
    arguments = {"ids": [pair[0] for pair in pairs], "attempts": [pair[1] for pair in pairs], "cause": cause}
    row = connection.execute(PUT_BACK, arguments).fetchone()
    return int(row[0]) if row else 0


def wake_delayed(connection: Connection) -> float | None:
    """Make delayed tasks that are due ready; return the seconds until the next one, None without any."""
    row = connection.execute(WAKE_DELAYED).fetchone()
    return row[0] if row else None
