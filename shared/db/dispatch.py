"""From ready to queued: which tasks go on the broker next.

Strict by priority; within one priority each tenant gets a share in proportion to its weight, counting what it
already has in flight; equal claims are settled by lot, or the newest of many tenants would starve. Per queue no
more is taken than its live workers can start soon.

Of many tenants only the first tasks of each are looked at (`cap`), and none is taken after the first tenant's
last one that was (`last`): what lies behind it may come before the others'. The next look takes those.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.db.session import Connection
from shared.db.statements import statement
from shared.queues import Queue

LIVE_S = 15.0
"""A worker not seen for this long no longer counts."""
PARTS = 4
"""A queue is filled up again when this part of it is empty: many small fillings would make many small messages."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A task now marked queued, whose message is to be published.

    Attributes:
        task_id: its id.
        attempt: the attempt the message is for.
        queue: where to.
        cost_s: expected run time.
        failures: attempts that failed or were lost with their worker.
        job_id: whose it is.
    """

    task_id: int
    attempt: int
    queue: str
    cost_s: float
    failures: int = 0
    job_id: str = ""


@dataclass(frozen=True, slots=True)
class Title:
    """What people call a task by: the kind and id of its job, and what it does."""

    kind: str
    operation: str
    job_id: str


TAKE = statement("dispatch.take")


def take(connection: Connection, queues: Iterable[Queue], *, limit: int = 1000) -> list[Ready]:
    """Ready -> queued for as many tasks as the live workers of each queue can start soon, in order of turn."""
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
    """What people call these tasks by."""
    return {task: Title(*rest) for task, *rest in connection.execute(TITLES, (list(tasks),))}


PUT_BACK = statement("dispatch.put_back")
WAKE_DELAYED = statement("dispatch.wake_delayed")


def put_back(connection: Connection, messages: Iterable[tuple[int, int]], *, cause: str) -> int:
    """Queued -> ready for messages that did not reach a worker; a copy still under way does no harm."""
    pairs = list(messages)
    arguments = {"ids": [pair[0] for pair in pairs], "attempts": [pair[1] for pair in pairs], "cause": cause}
    row = connection.execute(PUT_BACK, arguments).fetchone()
    return int(row[0]) if row else 0


def wake_delayed(connection: Connection) -> float | None:
    """Let delayed tasks whose time has come take part; seconds until the next one's, None without any."""
    row = connection.execute(WAKE_DELAYED).fetchone()
    return row[0] if row else None
