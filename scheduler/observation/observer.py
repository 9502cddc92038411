"""Gauges that the leader computes from the database, every five seconds on a connection of its own."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from functools import partial

from novacron.specs import SPECS
from scheduler.observation.certificates import served
from shared.db import errors, events, observation, session
from shared.db.observation import Observed, Transitions
from shared.metrics.table import METRICS
from shared.metrics.tally import TALLY, Labels
from shared.quantum.backends import BACKENDS
from shared.queues import QUEUES
from shared.settings import Settings
from shared.states import ENDED, FailureClass

log = logging.getLogger("novacron.metrics")

EVERY_S = 5.0
LEADER_S = 0.2
LAG_S = 1.5
"""Delay in seconds: events are numbered before they commit; after this time all lower numbers are visible."""
WINDOW_S = 300.0
"""Window in seconds of a backend's error rate."""
STARTS = METRICS["novacron_submit_to_start_seconds"]
OF_LEADER = {name for name, metric in METRICS.items() if metric.exporter == "leader"}
NOT_OF_BACKEND = (FailureClass.USER, FailureClass.DEPENDENCY, FailureClass.TIMEOUT)
"""Failure classes that are not attributed to the backend."""
RESULTS = ("hit", "joined", "miss", "off")


class Observer(threading.Thread):
    """Thread that updates the gauges while this scheduler is the leader; others export none of them.

    Args:
        settings: settings of the process.
        leading: returns whether this scheduler is the leader.
    """

    def __init__(self, settings: Settings, leading: Callable[[], bool]) -> None:
        super().__init__(name="observer", daemon=True)
        self._url = settings.database_url
        self._leading = leading
        self._stopping = threading.Event()
        self._history: History | None = None
        self._served = served(settings)
        TALLY.live("novacron_leader", lambda: float(leading()))
        if settings.data:
            TALLY.live("novacron_data_free_ratio", partial(_free, settings.data))

    def stop(self) -> None:
        """Stop the thread, if it was started; wait up to 5 s for the update in progress."""
        self._stopping.set()
        if self.is_alive():
            self.join(timeout=5)

    def run(self) -> None:
        """Update periodically; reconnect after a database error."""
        while not self._stopping.is_set():
            try:
                with session.connect(self._url, name="novacron-metrics", durable=False) as connection:
                    while not self._stopping.is_set():
                        self._update(connection)
                        self._pause(connection)
            except errors.Error as error:
                TALLY.put("novacron_database_up", 0.0)
                log.info("retrying: %s", error)
                self._stopping.wait(EVERY_S)

    def _pause(self, connection: session.Connection) -> None:
        """Wait until the next update; return at once when this scheduler becomes the leader."""
        self._wait(EVERY_S - LAG_S)
        if self._history is not None:
            self._history.until = events.newest(connection)
            self._wait(LAG_S)

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._stopping.wait(LEADER_S):
            if self._leading() and self._history is None:
                return

    def _update(self, connection: session.Connection) -> None:
        if not self._leading():
            self._history = None
            TALLY.forget(OF_LEADER)
            connection.execute("SELECT")
        else:
            seen = observation.observe(connection, QUEUES)
            self._history = self._history or History(events.newest(connection))
            self._history.count(connection)
            _show(seen, self._served())
        TALLY.put("novacron_database_up", 1.0)


def _free(folder: str) -> float | None:
    """Return the free fraction of a file system; None if it cannot be determined."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return usage.free / usage.total


def _show(seen: Observed, api_s: float | None) -> None:
    """Set the gauges, replacing all series of each, so that series of removed objects disappear."""
    TALLY.replace(
        "novacron_queue_tasks",
        {
            (load.queue, state): getattr(load, state)
            for load in seen.queues
            for state in ("ready", "delayed", "queued", "running")
        },
    )
    TALLY.replace("novacron_queue_seconds", {(load.queue,): load.seconds for load in seen.queues})
    TALLY.replace("novacron_queue_oldest_seconds", {(load.queue,): load.oldest_s for load in seen.queues})
    workers = {one.queue: one for one in seen.workers}
    TALLY.replace(
        "novacron_workers",
        {
            (queue, state): getattr(workers[queue], state) if queue in workers else 0
            for queue in QUEUES
            for state in ("live", "draining", "lost")
        },
    )
    TALLY.replace(
        "novacron_worker_slots",
        {(queue,): workers[queue].slots if queue in workers else 0 for queue in QUEUES},
    )
    TALLY.replace("novacron_migration_steps", {(state,): n for state, n in seen.steps.items()})
    TALLY.put("novacron_journal_rows", seen.journal_rows)
    ends = {("issued",): seen.certificate_s, ("api",): api_s}
    TALLY.replace(
        "novacron_certificate_expiry_seconds", {use: left for use, left in ends.items() if left is not None}
    )
    waiting = {load.queue: load.ready + load.delayed + load.queued for load in seen.queues}
    usable = [row for row in BACKENDS.values() if not row.missing]
    TALLY.replace(
        "quantum_backend_uptime_seconds",
        {(row.name,): workers[row.queue].up_s if row.queue in workers else 0.0 for row in usable},
    )
    TALLY.replace(
        "quantum_backend_queue_length",
        {(row.name,): waiting[row.queue] + seen.at_providers.get(row.name, 0) for row in usable},
    )


class History:
    """Counts job transitions since this scheduler became the leader.

    Attributes:
        until: id of the last event to count; all events up to it are visible.

    Args:
        newest: id of the newest event; later events are counted.
    """

    def __init__(self, newest: int) -> None:
        self.until = self._counted = newest
        self._ended: deque[tuple[float, Counter[str], Counter[str]]] = deque()
        for kind in SPECS:
            for status in ENDED:
                TALLY.add("novacron_jobs_total", 0.0, kind, status.value)
        for result in RESULTS:
            TALLY.add("novacron_cache_total", 0.0, result)

    def count(self, connection: session.Connection) -> None:
        """Count the transitions since the last call, up to the event `until`."""
        found: list[Transitions] = []
        if self.until > self._counted:
            found = observation.transitions(connection, self._counted, self.until, STARTS.buckets)
            self._counted = self.until
        for one in found:
            _count(one)
        self._rate(time.monotonic(), found)

    def _rate(self, now: float, found: Iterable[Transitions]) -> None:
        """Update the error rate of each backend: the fraction of its jobs that failed because of it."""
        ended: Counter[str] = Counter()
        failed: Counter[str] = Counter()
        for one in found:
            if one.backend and one.what in ("completed", "failed"):
                ended[one.backend] += one.n
                failed[one.backend] += one.n if one.failure and one.failure not in NOT_OF_BACKEND else 0
        self._ended.append((now, ended, failed))
        while self._ended[0][0] < now - WINDOW_S:
            self._ended.popleft()
        all_ended = sum((one for _, one, _ in self._ended), Counter[str]())
        all_failed = sum((one for _, _, one in self._ended), Counter[str]())
        rates: dict[Labels, float] = {
            (backend,): all_failed[backend] / n for backend, n in all_ended.items() if n
        }
        TALLY.replace("quantum_backend_error_rate", rates)


def _count(one: Transitions) -> None:
    if one.what == "accepted":
        TALLY.add("novacron_cache_total", one.n, one.of)
    elif one.what == "started":
        kept = [0.0] * (len(STARTS.buckets) + 1) + [one.seconds]
        kept[one.bucket] = one.n
        TALLY.merge([(STARTS.name, (one.of,), kept)])
    else:
        TALLY.add("novacron_jobs_total", one.n, one.of, one.what)
