"""Random faults of all components under mixed load."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from scheduler.embedded.child import Child
from shared.tasks import TaskSpec
from testing.faults.database import kill_postgres
from testing.faults.functions import notes
from testing.faults.rig import Rig, Scheduler, signal_all
from testing.faults.workers import Figures

WORKERS = (("cpu-sim", 2), ("cpu-sim", 2), ("crypto", 1))
WAVE = 400
"""Tasks submitted between two faults."""


class Chaos:
    """A stack that is repeatedly broken at random, and repaired."""

    def __init__(self, rig: Rig, draw: random.Random) -> None:
        self._rig = rig
        self._draw = draw
        self._schedulers: list[Scheduler] = [rig.scheduler(), rig.scheduler()]
        self._workers = [rig.worker(queue, slots=slots) for queue, slots in WORKERS]
        self.seen: dict[str, int] = {}
        self._faults: list[Callable[[], None]] = [
            self.worker_killed, self.worker_killed, self.worker_stopped, self.scheduler_killed,
            self.redis_killed, self.redis_flushed, self.postgres_killed, self.postgres_killed,
            self.connections_cut,
        ]  # fmt: skip

    def strike(self) -> None:
        """Inject one fault, and repair it as a supervisor would."""
        fault = self._draw.choice(self._faults)
        self.seen[fault.__name__] = self.seen.get(fault.__name__, 0) + 1
        fault()

    def worker_killed(self) -> None:
        """Send SIGKILL to a worker with all its children, or to one child only."""
        place = self._draw.randrange(len(WORKERS))
        worker = self._workers[place]
        if self._draw.random() < 0.5:
            children = self._children(worker)
            if children:
                self._draw.choice(children).kill()
            return
        worker.kill()
        queue, slots = WORKERS[place]
        self._workers[place] = self._rig.worker(queue, slots=slots)

    @staticmethod
    def _children(worker: Child) -> list[psutil.Process]:
        return list(psutil.Process(worker.pid).children())

    def worker_stopped(self) -> None:
        """Send SIGSTOP for longer than the lease, then SIGCONT."""
        worker = self._draw.choice(self._workers)
        signal_all(worker, signal.SIGSTOP)
        time.sleep(self._rig.lease_s + 1.5)
        signal_all(worker, signal.SIGCONT)

    def scheduler_killed(self) -> None:
        """Send SIGKILL to one of two schedulers."""
        place = self._draw.randrange(len(self._schedulers))
        self._schedulers[place].child.kill()
        self._schedulers[place] = self._rig.scheduler()

    def redis_killed(self) -> None:
        """Send SIGKILL to Redis, which restarts empty."""
        self._rig.redis.kill()
        time.sleep(self._draw.uniform(0, 2))
        self._rig.ensure()

    def redis_flushed(self) -> None:
        """Flush Redis."""
        self._rig.flush()

    def postgres_killed(self) -> None:
        """Send SIGKILL to the server and its backends."""
        kill_postgres(self._rig)
        time.sleep(self._draw.uniform(0, 0.5))
        self._rig.ensure()

    def connections_cut(self) -> None:
        """Terminate every other connection to PostgreSQL as an administrator."""
        self._rig.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def graph(draw: random.Random, count: int) -> list[TaskSpec]:
    """Return a random graph of calls on two queues, all before the last."""
    tasks: list[TaskSpec] = []
    used: set[int] = set()
    for number in range(count - 1):
        wanted = min(number, draw.choice((0, 0, 1, 1, 2, 3)))
        after = tuple(sorted(draw.sample(range(max(0, number - 12), number), min(wanted, number, 12))))
        used.update(after)
        queue = "crypto" if draw.random() < 0.15 else "cpu-sim"
        cost_s = draw.choice((0.0005, 0.002, 0.02))
        tasks.append(TaskSpec("classical", queue, {"index": number}, after, cost_s))
    loose = tuple(sorted(set(range(count - 1)) - used))
    return [*tasks, TaskSpec("classical", "cpu-sim", {"index": count - 1}, loose, 0.001)]


def chaos(rig: Rig, seed: int, tasks: int, faults: int) -> Figures:
    """Run random graphs under random faults; count tasks lost, run twice, or run out of order."""
    draw = random.Random(seed)
    disorder = Chaos(rig, draw)
    path = rig.traces()
    submitted = 0
    for _ in range(faults):
        while submitted < tasks and rig.value(OPEN) < WAVE:
            submitted += _submit(rig, draw, path)
        time.sleep(draw.uniform(0, 0.5))
        disorder.strike()
    while submitted < tasks:
        submitted += _submit(rig, draw, path)
    rig.finish(120 + 10 * rig.lease_s + tasks / 20)
    broken = rig.broken()
    states = dict(rig.rows("SELECT state::text, count(*) FROM jobs GROUP BY 1"))
    return {
        "seed": seed, "tasks": submitted, "faults": sum(disorder.seen.values()),
        "lost": sum(states.values()) - states.get("completed", 0),
        "results_missing": rig.value(MISSING),
        "effects_twice": len(broken.get("a task completes once", ())),
        "order_violations": len(broken.get("a task starts after every task before it completed", ())),
        "invariants_broken": len(broken), "calls": len(notes(path, "began")),
    }  # fmt: skip


MISSING = (
    "SELECT count(*) FROM tasks WHERE state = 'completed' AND NOT final"
    " AND id NOT IN (SELECT task_id FROM results)"
)
OPEN = "SELECT count(*) FROM tasks WHERE state IN ('blocked', 'ready', 'queued', 'running')"


def _submit(rig: Rig, draw: random.Random, path: Path) -> int:
    count = draw.randint(2, 60)
    rig.submit(
        graph(draw, count), function="fault_trace", map=[{}] * count, priority=draw.randint(-3, 3),
        arguments={"path": str(path), "seconds": draw.choice((0, 0.02, 0.1))},
    )  # fmt: skip
    return count
