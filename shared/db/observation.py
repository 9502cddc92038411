"""Queries behind the leader's gauges: load of queues, state of workers, and counts of job transitions.

Each query uses partial indexes of unfinished rows or a range of events, so its cost does not grow with
history.
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
TRANSITIONS = statement("observation.transitions")


class QueueLoad(NamedTuple):
    """Load of a queue, from the function `queue_load`.

    Attributes:
        queue: its name.
        ready: tasks waiting for capacity.
        delayed: tasks waiting for their start time.
        queued: tasks waiting for a worker.
        running: running tasks.
        oldest_s: age of the oldest ready or queued task, 0 without any.
        seconds: expected run time of ready, queued and running tasks, divided by the slots of live workers.
    """

    queue: str
    ready: int
    delayed: int
    queued: int
    running: int
    oldest_s: float
    seconds: float


class QueueWorkers(NamedTuple):
    """The workers of a queue.

    Attributes:
        queue: its name.
        live: workers with recent heartbeats that accept tasks.
        draining: workers with recent heartbeats that accept no more tasks.
        lost: workers without recent heartbeats.
        slots: processes of the live ones.
        up_s: uptime of the oldest live one, 0 without any.
    """

    queue: str
    live: int
    draining: int
    lost: int
    slots: int
    up_s: float


class Transitions(NamedTuple):
    """A number of jobs with the same transition and labels.

    Attributes:
        what: `accepted`, `started`, or the final state.
        of: the cache outcome, the priority band, or the kind, in this order.
        backend: backend of ended jobs, empty if there is none.
        failure: failure class of failed jobs.
        bucket: queue time bucket of started jobs.
        n: number of jobs.
        seconds: total queue time of started jobs, from acceptance.
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
    """One observation of all gauges.

    Attributes:
        queues: load of each queue.
        workers: workers of each queue that has any.
        at_providers: backend -> jobs in its provider's queue.
        steps: state -> steps of running migrations.
        journal_rows: approximate number.
        certificate_s: seconds until the next certificate expires, None without any.
    """

    queues: list[QueueLoad]
    workers: list[QueueWorkers]
    at_providers: dict[str, int]
    steps: dict[str, int]
    journal_rows: int
    certificate_s: float | None


def queues(connection: Connection, names: Iterable[str]) -> list[QueueLoad]:
    """Return the load of these queues."""
    return [QueueLoad(*row) for row in connection.execute(QUEUES, {"queues": list(names)})]


def workers(connection: Connection) -> list[QueueWorkers]:
    """Return the workers of each queue that has any."""
    return [QueueWorkers(*row) for row in connection.execute(WORKERS, {"live": LIVE_S})]


def observe(connection: Connection, names: Iterable[str]) -> Observed:
    """Read everything except job transitions.

    Args:
        connection: any connection.
        names: names of the queues.
    """
    rows, certificate_s = connection.execute(REST).fetchone() or (0, None)
    return Observed(
        queues(connection, names),
        workers(connection),
        dict(connection.execute(AT_PROVIDERS).fetchall()),
        dict(connection.execute(STEPS).fetchall()),
        int(rows),
        certificate_s,
    )


def transitions(connection: Connection, after: int, until: int, bounds: Sequence[float]) -> list[Transitions]:
    """Count job transitions, by event id.

    Args:
        connection: any connection.
        after: the last event id of the previous observation.
        until: the last event id to include.
        bounds: upper bounds of the start buckets, in seconds, ascending.
    """
    arguments = {"after": after, "until": until, "bounds": list(bounds)}
    return [Transitions(*row) for row in connection.execute(TRANSITIONS, arguments)]
