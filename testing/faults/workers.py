"""Faults of workers: killed, stopped, slow, poisoned, terminated."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from scheduler.embedded.child import Child
from shared.tasks import TaskSpec
from testing.faults.functions import notes
from testing.faults.rig import START_S, Rig, signal_all

Figures = dict[str, float]
RUNNING = "SELECT count(*) FROM tasks WHERE state = 'running'"
UNFINISHED = "SELECT count(*) FROM tasks WHERE operation <> 'gather' AND finished_at IS NULL"
HELD_BY = "SELECT id FROM tasks WHERE state = 'running' AND claimed_by LIKE '%%:' || %s || ':%%'"
STARTED_AGAIN = """
SELECT extract(epoch FROM max(started_at) - %s)::float8 FROM tasks
WHERE id = ANY(%s) AND attempt > 1 AND started_at > %s
HAVING count(*) = cardinality(%s)
"""
LATE_P99 = """
SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM t.started_at - j.created_at))::float8
FROM tasks t JOIN jobs j ON j.id = t.job_id WHERE t.queue = %s
"""


def killed(rig: Rig, trials: int) -> Figures:
    """Kill a worker and all its children while they run tasks; measure how late these start again."""
    rig.scheduler()
    rig.worker()
    late = [_killed_once(rig) for _ in range(trials)]
    return {
        "trials": trials, "late_s": max(late), "lease_s": rig.lease_s, "unfinished": rig.unfinished(),
        "attempts": rig.value("SELECT max(attempt) FROM tasks"),
    }  # fmt: skip


def _killed_once(rig: Rig) -> float:
    victim = rig.worker()
    held = _busy(rig, victim, 1, seconds=2 * rig.lease_s, cost_s=0.05)
    spare = rig.worker()  # with free slots: the figure must not include the wait for a slot
    at = rig.value("SELECT clock_timestamp()")
    victim.kill()
    rig.finish()
    spare.kill()
    return float(rig.value(STARTED_AGAIN, at, held, at, held))


def _busy(rig: Rig, worker: Child, count: int, *, seconds: float, cost_s: float) -> list[int]:
    """Give workers calls of so many seconds until this one runs so many at once; return its tasks."""
    path, offered = str(rig.traces()), max(4, 2 * count)

    def held() -> list[int]:
        if rig.value(UNFINISHED) < offered:
            rig.calls("fault_trace", offered, path=path, seconds=seconds, cost_s=cost_s)
        return [row[0] for row in rig.rows(HELD_BY, worker.pid)]

    rig.until(lambda: len(held()) >= count, "the worker is busy")
    return held()


def stopped(rig: Rig, wanted: int, slots: int) -> Figures:
    """Stop a worker for longer than its leases, let another run its tasks, then resume it."""
    rig.scheduler()
    late = accepted = 0
    while late < wanted:
        held, completed = _stopped_once(rig, slots)
        late, accepted = late + held, accepted + completed
    twice = len(rig.broken().get("a task completes once", ()))
    return {"late": late, "accepted_late": accepted, "twice": twice, "unfinished": rig.unfinished()}


def _stopped_once(rig: Rig, slots: int) -> tuple[int, int]:
    """Return the number of late results, and how many of these were accepted."""
    sleeper = rig.worker(slots=slots)
    _busy(rig, sleeper, slots, seconds=1.5, cost_s=0.1)
    signal_all(sleeper, signal.SIGSTOP)
    held = [row[0] for row in rig.rows(HELD_BY, sleeper.pid)]
    other = rig.worker(slots=slots)
    try:
        rig.finish()
    finally:
        signal_all(sleeper, signal.SIGCONT)
    time.sleep(1.5)
    by_other = "SELECT count(*) FROM tasks WHERE id = ANY(%s) AND claimed_by LIKE '%%:' || %s || ':%%'"
    counted = len(held) - int(rig.value(by_other, held, other.pid))
    for child in (sleeper, other):
        child.kill()
    return len(held), counted


def slow(rig: Rig, leases: float) -> Figures:
    """Run a healthy task for several leases; count its starts."""
    rig.scheduler()
    rig.worker()
    path = rig.traces()
    rig.calls("fault_trace", 1, path=str(path), seconds=leases * rig.lease_s)
    rig.finish(leases * rig.lease_s + START_S)
    with rig.broker() as client:
        kept = sum(int(client.exists(key)) for key in ("unacked", "unacked_index"))
    return {"starts": len(notes(path, "began")), "redeliverable": kept}


def poisoned(rig: Rig, neighbours: int) -> Figures:
    """Run a task that kills its worker, in one message with neighbours of another job."""
    rig.scheduler()
    worker = rig.worker()
    rig.calls("fault_trace", 8, path=str(rig.traces()))
    rig.finish()
    undisturbed = _neighbours(rig, neighbours)
    paused(rig, worker)
    path, good = rig.traces(), rig.traces()
    few = {"path": str(good), "victim": -1}
    around = [TaskSpec("classical", "cpu-sim", {"index": k}, cost_s=0.001) for k in range(6)]
    jobs = [
        rig.submit(around, function="fault_die", arguments=few, map=[{}] * 6),
        rig.submit(
            [TaskSpec("classical", "cpu-sim", {"index": 0}, cost_s=0.001)],
            function="fault_die", arguments={"path": str(path), "victim": 0}, map=[{}],
        ),
        rig.submit(around, function="fault_die", arguments=few, map=[{}] * 6),
    ]  # fmt: skip
    rig.until(lambda: rig.value("SELECT count(*) FROM tasks WHERE state = 'queued'") == 13, "all are queued")
    signal_all(worker, signal.SIGCONT)
    disturbed = _neighbours(rig, neighbours)
    rig.finish(6 * rig.lease_s + START_S)
    states = dict(rig.rows("SELECT id, state::text FROM jobs WHERE id = ANY(%s)", jobs))
    return {
        "attempts": len(notes(path, "began")),
        "quarantined": float(states[jobs[1]] == "failed"),
        "neighbours_failed": sum(states[job] != "completed" for job in (jobs[0], jobs[2])),
        "slower": disturbed / undisturbed - 1,
    }


def _neighbours(rig: Rig, count: int) -> float:
    job = rig.calls("fault_trace", count, path=str(rig.traces()), seconds=0.1, cost_s=0.1)
    ended = "SELECT state = 'completed' FROM jobs WHERE id = %s"
    return rig.until(lambda: rig.value(ended, job), "the neighbours are through")


def paused(rig: Rig, worker: Child) -> None:
    """Stop a worker between tasks; it still counts as live for a while."""
    rig.until(lambda: not rig.value(RUNNING), "nothing runs")
    signal_all(worker, signal.SIGSTOP)


def terminated(rig: Rig) -> Figures:
    """Send SIGTERM while one task has checkpoints and another has none."""
    rig.scheduler()
    worker = rig.worker(slots=2)
    paths = rig.traces(), rig.traces()
    rig.calls("fault_trace", 1, path=str(paths[0]), seconds=10 * START_S)
    deaf = rig.calls("fault_deaf", 1, path=str(paths[1]), seconds=10 * START_S)
    rig.until(lambda: all(notes(path, "began") for path in paths), "both run")
    begin = time.monotonic()
    worker.signal(signal.SIGTERM)
    rig.until(lambda: rig.value(RUNNING) == 1, "the first is given back")
    first = time.monotonic() - begin
    left = rig.rows("SELECT job_id FROM tasks WHERE state = 'running'")
    rig.until(lambda: rig.value(RUNNING) == 0, "the second is given back")
    released = time.monotonic() - begin
    gone = worker.wait(START_S)
    figures = {
        "released_checking_s": first,
        "released_deaf_s": released,
        "exit_s": time.monotonic() - begin,
        "exited": float(gone),
        "checking_first": float(left in ([], [(deaf,)])),
        "failures": float(rig.value("SELECT sum(failures) FROM tasks")),
    }
    for (job,) in rig.rows("SELECT id FROM jobs WHERE finished_at IS NULL"):
        cancel(rig, job)
    return figures


def cancel(rig: Rig, job: str) -> None:
    """Cancel a job, as the API does."""
    from shared.db import jobs

    rig.again(lambda connection: jobs.cancel(connection, job))


def cancelled(rig: Rig, count: int) -> Figures:
    """Cancel tasks on the broker of a stopped worker, and running tasks, with and without checkpoints."""
    rig.scheduler()
    worker = rig.worker(slots=1)
    paused(rig, worker)
    path = rig.traces()
    job = rig.calls("fault_trace", count, path=str(path), cost_s=0.001)
    rig.until(lambda: rig.value("SELECT count(*) FROM tasks WHERE state = 'queued'"), "some are queued")
    cancel(rig, job)
    signal_all(worker, signal.SIGCONT)
    checking, deaf = (_stop_running(rig, function) for function in ("fault_trace", "fault_deaf"))
    return {
        "ran_after_cancel": len(notes(path, "began")),
        "stopped": rig.value("SELECT count(*) FROM jobs WHERE state = 'cancelled'") - 1,
        "stopped_checking_s": checking,
        "stopped_deaf_s": deaf,
    }


def _stop_running(rig: Rig, function: str) -> float:
    """Return the seconds from the cancellation until the only slot is free for another task."""
    path, next_path = rig.traces(), rig.traces()
    job = rig.calls(function, 1, path=str(path), seconds=10 * START_S)
    rig.until(lambda: notes(path, "began"), "it runs")
    cancel(rig, job)
    rig.calls("fault_trace", 1, path=str(next_path))
    return rig.until(lambda: notes(next_path, "began"), "the slot is free")


def delayed(rig: Rig, count: int) -> Figures:
    """Check that tasks waiting for their start time do not load the worker."""
    rig.scheduler()
    worker = rig.worker()
    rig.calls("fault_trace", 8, path=str(rig.traces()))
    rig.finish()

    def rss() -> float:
        family = [psutil.Process(worker.pid), *psutil.Process(worker.pid).children()]
        return sum(float(process.memory_info().rss) for process in family) / 2**20

    before = _settled(rss)
    job = rig.submit([TaskSpec("noop", "crypto", cost_s=0.001) for _ in range(count)])
    rig.rows(
        "UPDATE tasks SET queue = 'cpu-sim', not_before = clock_timestamp() + interval '1 hour' RETURNING 1"
    )
    path: Path = rig.traces()
    rig.calls("fault_trace", 8, path=str(path))
    took = rig.until(lambda: len(notes(path, "ended")) == 8, "others pass by")
    figures = {"delayed": count, "grown_mb": _settled(rss) - before, "others_s": took}
    cancel(rig, job)
    return figures


def _settled(measure: Callable[[], float]) -> float:
    """Return a measurement once it is stable: workers import ahead of their work."""
    last, since = measure(), time.monotonic()
    while time.monotonic() - since < 3:
        time.sleep(0.2)
        if abs((now := measure()) - last) > 1:
            last, since = now, time.monotonic()
    return last


def isolated(rig: Rig, short: int) -> Figures:
    """Run hour-long work on one queue; measure how late tasks of another start."""
    rig.scheduler()
    rig.worker("qpu-ibm", slots=1)
    rig.worker("cpu-sim", slots=2)
    hours = rig.calls("fault_trace", 50, queue="qpu-ibm", cost_s=3600, path=str(rig.traces()), seconds=3600)
    rig.until(lambda: rig.value(RUNNING) == 1, "the first hour began")
    path = str(rig.traces())
    for _ in range(short):
        rig.calls("fault_trace", 1, queue="cpu-sim", cost_s=0.01, path=path)
        time.sleep(0.02)
    rig.until(lambda: rig.unfinished() == 1, "the short ones are through")
    p99 = rig.value(LATE_P99, "cpu-sim")
    overtaken = rig.value("SELECT count(*) FROM tasks WHERE queue = 'cpu-sim' AND state = 'completed'")
    begun = rig.value("SELECT count(*) FROM tasks WHERE queue = 'qpu-ibm' AND started_at IS NOT NULL")
    cancel(rig, hours)
    return {"start_p99_s": float(p99), "overtaken": overtaken, "hours_begun": begun}
