"""Schedulers killed or stopped at critical moments, and two at once."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import psutil

from testing.faults.doomed import MOMENTS
from testing.faults.functions import notes
from testing.faults.rig import START_S, Rig
from testing.faults.workers import Figures

LOOPS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'novacron-loop'"
LEADER = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"


def killed(rig: Rig, trials: int) -> Figures:
    """Kill the scheduler before, while and after it publishes, `trials` times each."""
    rig.worker()
    path = rig.traces()
    n_calls = 0
    for _ in range(trials):
        for moment in MOMENTS:
            rig.calls("fault_trace", 6, path=str(path), cost_s=0.05)
            n_calls += 6
            if not rig.python("doomed", "-m", "testing.faults.doomed", moment, "SIGKILL").wait(START_S):
                raise TimeoutError("the scheduler did not die")
    rig.scheduler()
    took = rig.finish(START_S + 10 * rig.lease_s)
    return {
        "deaths": trials * len(MOMENTS), "tasks": n_calls, "starts": len(notes(path, "began")),
        "not_completed": rig.value("SELECT count(*) FROM jobs WHERE state <> 'completed'"), "drained_s": took,
    }  # fmt: skip


def two(rig: Rig, jobs: int, handovers: int) -> Figures:
    """Run two schedulers and move the lead between them while tasks run: no task may start twice."""
    for _ in range(2):
        rig.scheduler()
    rig.worker()
    path = rig.traces()
    took_over = 0
    for _ in range(handovers):
        for _ in range(jobs):
            rig.calls("fault_trace", 10, path=str(path), cost_s=0.001)
        time.sleep(0.2)
        rig.until(lambda: rig.rows(LEADER), "somebody leads")
        took_over += bool(rig.rows(f"SELECT pg_terminate_backend(pid) FROM ({LEADER}) AS leader"))
    rig.finish()
    seeds = len(notes(path, "began"))
    return {"handovers": took_over, "calls": 10 * jobs * handovers, "starts": seeds}


def stopped(rig: Rig, trials: int) -> Figures:
    """Send SIGSTOP to the leader before, while or after it publishes, and SIGCONT when its work is done."""
    rig.worker()
    path = rig.traces()
    took = [_stopped_once(rig, MOMENTS[trial % len(MOMENTS)], path) for trial in range(trials)]
    return {
        "stops": trials, "takeover_s": max(took), "calls": 6 * trials, "starts": len(notes(path, "began")),
    }  # fmt: skip


def _stopped_once(rig: Rig, moment: str, path: Path) -> float:
    """Return the seconds from the leader's stop until the other leads."""
    leader = rig.python("doomed", "-m", "testing.faults.doomed", moment, "SIGSTOP")
    rig.until(lambda: rig.rows(LEADER), "it leads")
    process, session = psutil.Process(leader.pid), rig.rows(LEADER)
    heir = rig.scheduler()
    rig.calls("fault_trace", 6, path=str(path), cost_s=0.05)
    rig.until(lambda: process.status() == psutil.STATUS_STOPPED, "it is stopped")
    took = rig.until(lambda: rig.rows(LEADER) not in ([], session), "the other leads")
    rig.finish(START_S + 2 * rig.lease_s)
    process.send_signal(signal.SIGCONT)
    rig.until(lambda: rig.value(LOOPS) == 2, "the first waits for the lead again")
    for child in (leader, heir.child):
        child.kill()
    rig.until(lambda: not rig.rows(LEADER), "nobody leads")
    return took
