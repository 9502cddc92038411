"""Schedulers killed at the worst moments, and two at once."""

from __future__ import annotations

import time

from benchmarks.faults.doomed import MOMENTS
from benchmarks.faults.functions import notes
from benchmarks.faults.rig import Rig
from benchmarks.faults.workers import Figures

LEADER = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"


def killed(rig: Rig, trials: int) -> Figures:
    """Kill the scheduler before, amid and after it publishes, `trials` times each."""
    rig.worker()
    path = rig.traces()
    n_calls = 0
    for _ in range(trials):
        for moment in MOMENTS:
            rig.calls("fault_trace", 6, path=str(path), cost_s=0.05)
            n_calls += 6
            if not rig.python("doomed", "-m", "benchmarks.faults.doomed", moment).wait(60):
                raise TimeoutError("the scheduler did not die")
    rig.scheduler()
    took = rig.finish(60 + 10 * rig.lease_s)
    return {
        "deaths": trials * len(MOMENTS), "tasks": n_calls, "starts": len(notes(path, "began")),
        "not_completed": rig.value("SELECT count(*) FROM jobs WHERE state <> 'completed'"), "drained_s": took,
    }  # fmt: skip


def two(rig: Rig, jobs: int, handovers: int) -> Figures:
    """Two schedulers, the lead taken from one to the other while tasks run: none may start twice."""
    for _ in range(2):
        rig.scheduler()
    rig.worker()
    path = rig.traces()
    took_over = 0
    for _ in range(handovers):
        for _ in range(jobs):
            rig.calls("fault_trace", 10, path=str(path), cost_s=0.001)
        time.sleep(0.2)
        rig.until(lambda: rig.rows(LEADER), "somebody leads", 10)
        took_over += bool(rig.rows(f"SELECT pg_terminate_backend(pid) FROM ({LEADER}) AS leader"))
    rig.finish(120)
    seeds = len(notes(path, "began"))
    return {"handovers": took_over, "calls": 10 * jobs * handovers, "starts": seeds}
