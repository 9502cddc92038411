"""What the leader reads from rows for its page: once in five seconds, on a connection of its own."""

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
from shared.db.observation import Observed, Told
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
"""Events get their numbers before they are committed: those given out this long ago are all there."""
WINDOW_S = 300.0
"""Over which the error rate of a backend is told."""
STARTS = METRICS["novacron_submit_to_start_seconds"]
OF_LEADER = {name for name, metric in METRICS.items() if metric.teller == "leader"}
NOT_ITS_FAULT = (FailureClass.USER, FailureClass.DEPENDENCY, FailureClass.TIMEOUT)
"""Failures that say nothing of the backend of a job."""
RESULTS = ("hit", "joined", "miss", "off")


class Observer(threading.Thread):
    """Reads and tells for as long as this scheduler leads; a scheduler that does not shows none of it.

    Args:
        settings: of the process.
        leading: whether this scheduler leads now.
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
        """Stop after the look under way, if it was started."""
        self._stopping.set()
        if self.is_alive():
            self.join(timeout=5)

    def run(self) -> None:
        """Look, again on a new connection after every error."""
        while not self._stopping.is_set():
            try:
                with session.connect(self._url, name="novacron-metrics", durable=False) as connection:
                    while not self._stopping.is_set():
                        self._look(connection)
                        self._pause(connection)
            except errors.Error as error:
                TALLY.put("novacron_database_up", 0.0)
                log.info("looking again: %s", error)
                self._stopping.wait(EVERY_S)

    def _pause(self, connection: session.Connection) -> None:
        """Until the next look; a scheduler that begins to lead looks at once, and counts from then on."""
        self._wait(EVERY_S - LAG_S)
        if self._history is not None:
            self._history.until = events.newest(connection)
            self._wait(LAG_S)

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._stopping.wait(LEADER_S):
            if self._leading() and self._history is None:
                return

    def _look(self, connection: session.Connection) -> None:
        if not self._leading():
            self._history = None
            TALLY.forget(OF_LEADER)
            connection.execute("SELECT")
        else:
            seen = observation.observe(connection, QUEUES)
            self._history = self._history or History(events.newest(connection))
            self._history.tell(connection)
            _show(seen, self._served())
        TALLY.put("novacron_database_up", 1.0)


def _free(folder: str) -> float | None:
    """The share of a file system that is free; None where it cannot be told."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return usage.free / usage.total


def _show(seen: Observed, api_s: float | None) -> None:
    """Put what was read into the gauges, all of a gauge at a time: what is gone is gone from the page."""
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
    crews = {crew.queue: crew for crew in seen.crews}
    TALLY.replace(
        "novacron_workers",
        {
            (queue, state): getattr(crews[queue], state) if queue in crews else 0
            for queue in QUEUES
            for state in ("live", "draining", "lost")
        },
    )
    TALLY.replace(
        "novacron_worker_slots", {(queue,): crews[queue].slots if queue in crews else 0 for queue in QUEUES}
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
        {(row.name,): crews[row.queue].up_s if row.queue in crews else 0.0 for row in usable},
    )
    TALLY.replace(
        "quantum_backend_queue_length",
        {(row.name,): waiting[row.queue] + seen.at_providers.get(row.name, 0) for row in usable},
    )


class History:
    """What happened to jobs since this scheduler leads.

    Attributes:
        until: number of an event; it and those before it are all there.

    Args:
        newest: number of the newest event: what comes after it is told.
    """

    def __init__(self, newest: int) -> None:
        self.until = self._told = newest
        self._ended: deque[tuple[float, Counter[str], Counter[str]]] = deque()
        for kind in SPECS:
            for status in ENDED:
                TALLY.add("novacron_jobs_total", 0.0, kind, status.value)
        for result in RESULTS:
            TALLY.add("novacron_cache_total", 0.0, result)

    def tell(self, connection: session.Connection) -> None:
        """Count what has happened since the last look, but for the last moment."""
        found: list[Told] = []
        if self.until > self._told:
            found = observation.told(connection, self._told, self.until, STARTS.buckets)
            self._told = self.until
        for one in found:
            _count(one)
        self._rate(time.monotonic(), found)

    def _rate(self, now: float, found: Iterable[Told]) -> None:
        """The share of each backend's jobs that failed by no fault of theirs."""
        ended: Counter[str] = Counter()
        failed: Counter[str] = Counter()
        for one in found:
            if one.backend and one.what in ("completed", "failed"):
                ended[one.backend] += one.n
                failed[one.backend] += one.n if one.failure and one.failure not in NOT_ITS_FAULT else 0
        self._ended.append((now, ended, failed))
        while self._ended[0][0] < now - WINDOW_S:
            self._ended.popleft()
        all_ended = sum((one for _, one, _ in self._ended), Counter[str]())
        all_failed = sum((one for _, _, one in self._ended), Counter[str]())
        rates: dict[Labels, float] = {
            (backend,): all_failed[backend] / n for backend, n in all_ended.items() if n
        }
        TALLY.replace("quantum_backend_error_rate", rates)


def _count(one: Told) -> None:
    if one.what == "accepted":
        TALLY.add("novacron_cache_total", one.n, one.of)
    elif one.what == "started":
        kept = [0.0] * (len(STARTS.buckets) + 1) + [one.seconds]
        kept[one.bucket] = one.n
        TALLY.merge([(STARTS.name, (one.of,), kept)])
    else:
        TALLY.add("novacron_jobs_total", one.n, one.of, one.what)
