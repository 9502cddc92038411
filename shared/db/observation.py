"""What the leader tells of rows: what queues have to do, who works, and what happened to jobs, as numbers.

Each of these is read from indexes that hold what has not ended, or from a range of events: none grows with history.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shared.db.dispatch import LIVE_S
from shared.db.session import Connection
from shared.db.statements import statement

QUEUES = statement("observation.queues")
WORKERS = statement("observation.workers")
AT_PROVIDERS = statement("observation.at_providers")
STEPS = statement("observation.steps")
REST = statement("observation.rest")
TOLD = statement("observation.told")


class QueueLoad(NamedTuple):
    """What a queue has to do, from the function `queue_load`.

    Attributes:
        queue: its name.
        ready: tasks that wait for room.
        delayed: those that wait for their time.
        queued: those that wait for a worker.
        running: those that run.
        oldest_s: how long the one that has waited longest has been ready or queued, 0 without any.
        seconds: expected run time of those that are ready, queued or run, over the slots of live workers.
    """

    queue: str
    ready: int
    delayed: int
    queued: int
    running: int
    oldest_s: float
    seconds: float


class Crew(NamedTuple):
    """The workers of a queue.

    Attributes:
        queue: its name.
        live: those heard of that take tasks.
        draining: those heard of that take no more.
        lost: those not heard of.
        slots: processes of the live ones.
        up_s: since when the oldest live one is there, 0 without any.
    """

    queue: str
    live: int
    draining: int
    lost: int
    slots: int
    up_s: float


class Told(NamedTuple):
    """So many jobs to which the same happened.

    Attributes:
        what: `accepted`, `started`, or how they ended.
        of: what the cache came to; the band of the priority; the kind.
        backend: of those that ended, empty where there is none.
        failure: class of the failure of those that failed.
        bucket: of those that started, by the time that took.
        n: how many.
        seconds: of those that started, from acceptance, all together.
    """

    what: str
    of: str
    backend: str
    failure: str | None
    bucket: int
    n: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Observed:
    """All that is read at a time.

    Attributes:
        queues: each with what it has to do.
        crews: of queues that have any worker.
        at_providers: backend -> jobs in its provider's queue.
        steps: state -> steps of migrations under way.
        journal_rows: about how many.
        certificate_s: until the next certificate ends, None without any.
    """

    queues: list[QueueLoad]
    crews: list[Crew]
    at_providers: dict[str, int]
    steps: dict[str, int]
    journal_rows: int
    certificate_s: float | None


def queues(connection: Connection, names: Iterable[str]) -> list[QueueLoad]:
    """What these queues have to do."""
    return [QueueLoad(*row) for row in connection.execute(QUEUES, {"queues": list(names)})]


def observe(connection: Connection, names: Iterable[str]) -> Observed:
    """Read everything but what happened to jobs.

    Args:
        connection: any connection.
        names: of the queues.
    """
    rows, certificate_s = connection.execute(REST).fetchone() or (0, None)
    return Observed(
        queues(connection, names),
        [Crew(*row) for row in connection.execute(WORKERS, {"live": LIVE_S})],
        dict(connection.execute(AT_PROVIDERS).fetchall()),
        dict(connection.execute(STEPS).fetchall()),
        int(rows),
        certificate_s,
    )


def told(connection: Connection, after: int, until: int, bounds: Sequence[float]) -> list[Told]:
    """What happened to jobs, by the numbers of their events.

    Args:
        connection: any connection.
        after: the last number that was looked at before.
        until: the last number to look at.
        bounds: of the buckets of starts, in seconds, rising.
    """
    arguments = {"after": after, "until": until, "bounds": list(bounds)}
    return [Told(*row) for row in connection.execute(TOLD, arguments)]
