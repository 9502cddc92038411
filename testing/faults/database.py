"""PostgreSQL killed under load."""

from __future__ import annotations

import random
import threading
import time

from testing.faults.client import Client
from testing.faults.rig import START_S, Rig
from testing.faults.workers import Figures

DONE = "SELECT count(*) FROM jobs WHERE state = 'completed'"


def kill_postgres(rig: Rig) -> None:
    """Send SIGKILL to the server and all its backends."""
    family = rig.postgres_processes()
    rig.postgres.kill()
    for process in family:
        if process.is_running():
            process.kill()


def _resumed(rig: Rig, client: Client) -> float:
    """Return the seconds until jobs are accepted and completed again."""
    begin = time.monotonic()
    before, accepted = rig.value(DONE), len(client.accepted)

    def goes_on() -> bool:
        return rig.value(DONE) > before and len(client.accepted) > accepted

    rig.until(goes_on, "jobs are accepted and completed again")
    return time.monotonic() - begin


def killed(rig: Rig, trials: int, seed: int) -> Figures:
    """Kill PostgreSQL repeatedly while jobs are submitted and run."""
    draw = random.Random(seed)
    client = Client(rig.scheduler().url, rig.token)
    rig.worker()
    stop = threading.Event()

    def keep_submitting() -> None:
        while not stop.is_set():
            client.submit()
            stop.wait(0.02)

    submitting = threading.Thread(target=keep_submitting, daemon=True)
    submitting.start()
    resumed = []
    try:
        for _ in range(trials):
            time.sleep(draw.uniform(0.3, 1.0))
            kill_postgres(rig)
            rig.ensure()
            resumed.append(_resumed(rig, client))
    finally:
        stop.set()
        submitting.join()
    rig.finish(START_S + 5 * rig.lease_s)
    known = {row[0] for row in rig.rows("SELECT id FROM jobs")}
    return {
        "trials": trials, "accepted": len(client.accepted), "refused": client.refused,
        "lost": len(set(client.accepted) - known), "resumed": len(resumed), "resumed_s": max(resumed),
        "resumed_median_s": sorted(resumed)[len(resumed) // 2],
        "not_completed": rig.value("SELECT count(*) FROM jobs WHERE state <> 'completed'"),
    }  # fmt: skip
