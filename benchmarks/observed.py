"""CPU time of the path of a task with different hooks attached: dispatch, claim, perform and record.

All ways run alternately in one thread of one process, on one database, so that they differ in their hooks
alone: tasks per second of whole stacks differ by a tenth between equal ones. What hooks add is compared with
the time of that thread, and with all that a task takes, PostgreSQL and Redis included, which is what bounds
the tasks per second of a machine.
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.orchestration.novacron import SPEC, fan
from benchmarks.servers import Servers
from scheduler.dispatch.hooks import DispatchHook
from scheduler.dispatch.loop import standard as standard_of_leader
from scheduler.dispatch.outbox import Dispatcher
from shared.broker.publisher import Message, Publisher
from shared.db import jobs, session, tokens, workers
from shared.db.dispatch import Ready
from shared.hooks import together
from shared.metrics.tally import TALLY
from shared.settings import Settings
from workers.runtime.execute import Executor, standard
from workers.runtime.hooks import TaskHook

QUEUE = "cpu-sim"
WORKER = "benchmark"
SLOTS = 2
WIDTH = 1000


@dataclass(frozen=True)
class Way:
    """One way to observe tasks.

    Attributes:
        of_leader: hooks of the dispatcher, beside the standard ones.
        of_worker: hooks of the tasks, beside the standard ones.
        counted: whether metrics are recorded.
        traceparent: returns the parent of a job's spans, None for none.
        threads: ids of the threads that work for it in the background.
    """

    of_leader: Sequence[DispatchHook] = ()
    of_worker: Sequence[TaskHook] = ()
    counted: bool = False
    traceparent: Callable[[], str | None] = lambda: None
    threads: Collection[int] = ()


@dataclass
class Published(DispatchHook):
    """Collects the messages that were published."""

    messages: list[Message] = field(default_factory=list)

    def after_publish(self, ready: Sequence[Ready], messages: Sequence[Message]) -> None:
        """Collect them."""
        self.messages += messages


class Walk:
    """A dispatcher and an executor that run the tasks of one way.

    Args:
        running: the servers.
        url: of the database.
        way: the way.
    """

    def __init__(self, running: Servers, url: str, way: Way) -> None:
        settings = Settings(database_url=url, redis_url=running.redis_database(0))
        self._way, self._published, self._pids = way, Published(), running.pids
        self._connection = session.connect(url, name="benchmark")
        tokens.create(self._connection, name="benchmark", role="admin", tenant="benchmark")
        row = self._connection.execute("SELECT id FROM tenants WHERE name = 'benchmark'").fetchone()
        self._tenant_id = int(row[0]) if row else 0
        TALLY.on = way.counted
        hooks = together(DispatchHook, (*standard_of_leader(), self._published, *way.of_leader))
        self._dispatcher = Dispatcher(Publisher(settings.redis_url, settings.key_prefix), hooks=hooks)
        self._executor = Executor(
            settings, queue=QUEUE, worker=WORKER, slots=SLOTS, attached=(*standard(QUEUE), *way.of_worker)
        )

    def turn(self) -> tuple[float, float]:
        """Return microseconds of CPU time per task of a fan-out: of this thread, and of the servers."""
        workers.announce(self._connection, WORKER, queue=QUEUE, host="", pid=os.getpid(), slots=SLOTS)
        job = jobs.NewJob(self._tenant_id, SPEC, traceparent=self._way.traceparent())
        jobs.insert(self._connection, job, jobs.Plan(fan(WIDTH), {}))
        TALLY.on = self._way.counted
        gc.collect()
        served_s, begun_s = self._served_s(), time.thread_time()
        while self._dispatcher.run_once(self._connection):
            for message in self._published.messages:
                self._executor.execute(message.tasks)
            self._published.messages.clear()
        own_s = time.thread_time() - begun_s
        return 1e6 * own_s / (WIDTH + 1), 1e6 * (self._served_s() - served_s) / (WIDTH + 1)

    def _served_s(self) -> float:
        """Return CPU seconds of the servers so far; each connection has a process of PostgreSQL's."""
        first = [psutil.Process(pid) for pid in self._pids]
        return sum(_processor_s(one.pid) for each in first for one in (each, *each.children()))

    def background_s(self) -> float:
        """Return CPU seconds of the threads of this way so far."""
        return sum(map(_processor_s, self._way.threads))


def _processor_s(thread: int) -> float:
    """Return CPU seconds of a thread, or of a process of one thread, to the nanosecond; 0 where it has ended.

    Source: Linux, Documentation/scheduler/sched-stats.rst, /proc/<pid>/schedstat.
    """
    with suppress(OSError):
        return int(Path(f"/proc/{thread}/schedstat").read_text().split()[0]) / 1e9
    return 0.0


def started(start: Callable[[], object]) -> list[int]:
    """Return the ids of the threads that a call starts."""
    before = set(threading.enumerate())
    start()
    return [one.native_id for one in threading.enumerate() if one not in before and one.native_id]


def compared(running: Servers, url: str, ways: Mapping[str, Way], rounds: int) -> dict[str, object]:
    """Run all ways alternately, the first of them also a second time, which shows the error of the figures.

    Returns:
        By way the median microseconds of CPU time per task, of its background threads apart, and the
        quartiles, over the rounds, of its ratio to the first way: for the time of this thread, and (`of_all`)
        for that and the servers' together, whose median is the same for all ways.
    """
    first = next(iter(ways))
    walks = {name: Walk(running, url, way) for name, way in {**ways, f"{first}_again": ways[first]}.items()}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in walks}
    for walk in walks.values():
        walk.turn()
    before_s = {name: walk.background_s() for name, walk in walks.items()}
    for number in range(rounds):
        order = [*walks]
        for name in order[number % len(order) :] + order[: number % len(order)]:
            taken[name].append(walks[name].turn())
    served_us = statistics.median(served for turns in taken.values() for _, served in turns)
    found: dict[str, object] = {}
    for name, walk in walks.items():
        aside_us = 1e6 * (walk.background_s() - before_s[name]) / rounds / (WIDTH + 1)
        own = [us for us, _ in taken[name]]
        pairs = [(us + aside_us, other) for us, (other, _) in zip(own, taken[first], strict=True)]
        both = [(us + served_us, other + served_us) for us, other in pairs]
        found[name] = {
            "us_a_task": statistics.median(own), "background_us_a_task": aside_us,
            f"over_{first}": _quartiles(pairs), f"over_{first}_of_all": _quartiles(both),
        }  # fmt: skip
    return {"servers_us_a_task": served_us, **found}


def _quartiles(pairs: Iterable[tuple[float, float]]) -> list[float]:
    return statistics.quantiles((one / other for one, other in pairs), n=4)


def publish(summary: Mapping[str, object], path: Path) -> None:
    """Print a summary with the conditions, and store it."""
    text = json.dumps({**summary, "load": os.getloadavg()[0], "cores": os.cpu_count()}, indent=1) + "\n"
    sys.stdout.write(text)
    path.write_text(text)
