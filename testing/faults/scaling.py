"""Workers added and removed under load, and a worker removed in the middle of a variational loop.

Workers are stopped as Kubernetes stops a pod: SIGTERM, the worker drains, SIGKILL after the grace period.
"""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Sequence
from typing import Any

from scheduler.embedded.child import Child
from testing.faults.client import Client
from testing.faults.loops import AGAIN, ATTEMPTED, EVALUATIONS, FORGOTTEN, VQE, stable
from testing.faults.rig import START_S, Rig, signal_all
from testing.faults.workers import Figures

GRACE_S = 60.0
"""`terminationGracePeriodSeconds` of the chart's worker pods."""
SHORT: dict[str, Any] = {
    "kind": "hybrid_vqe", "hamiltonian": {"model": "tfim", "n_qubits": 6, "J": 1.0, "h": 0.9},
    "ansatz": {"name": "hardware_efficient", "layers": 2}, "granularity": "fused", "cache": False,
}  # fmt: skip
N_SEEDS = 10
"""Loops of one seed must all end with the same bits, whichever workers ran them."""
HOLDER = """
SELECT split_part(claimed_by, ':', 2)::int FROM tasks WHERE operation = 'optimize' AND state = 'running'
"""
CONTINUED = "SELECT started_at FROM tasks WHERE operation = 'optimize' AND attempt > 1 AND started_at > %s"
RESCUED = "SELECT count(*) FROM events WHERE type = 'task' AND body->>'cause' LIKE 'worker was lost%%'"
GIVEN_BACK = "SELECT count(*) FROM events WHERE type = 'task' AND body->>'cause' = 'worker shut down'"


def scaled(rig: Rig, jobs: int, most: int, iterations: int, schedulers: int = 2) -> Figures:
    """Scale 1 -> `most` -> 1 workers while jobs run: a third are loops, the others calls that do nothing.

    A third of the jobs is submitted to one worker, a third when all workers are there, and the last third
    while they are removed: each when it runs a loop.
    """
    first, *_ = [rig.scheduler() for _ in range(schedulers)]
    client = Client(first.url, rig.token)
    specs = [_spec(number, iterations) for number in range(jobs)]
    rig.execute(*ATTEMPTED)
    try:
        workers = [rig.worker(slots=1)]
        begin = time.monotonic()
        _submit(client, specs[: jobs // 3])
        workers += _more(rig, most - 1)
        full, left = time.monotonic() - begin, rig.unfinished()
        _submit(client, specs[jobs // 3 : 2 * jobs // 3])
        exits, busy, rest = [], 0, specs[2 * jobs // 3 :]
        for number, worker in enumerate(reversed(workers[1:])):
            _submit(client, rest[number :: most - 1])
            busy += _busy(rig, worker)
            exits.append(_remove(worker))
        at_one = rig.unfinished()
        rig.finish(10 * START_S)
        states = dict(rig.rows("SELECT state::text, count(*) FROM jobs GROUP BY 1"))
        return {
            "jobs": jobs, "most": most, "accepted": len(client.accepted),
            "lost": len(client.accepted) - states.get("completed", 0), "different": _different(rig),
            "evaluations": rig.value(EVALUATIONS), "computed_again": rig.value(AGAIN),
            "removed": len(exits), "removed_amid_a_loop": busy, "given_back": rig.value(GIVEN_BACK),
            "rescued": rig.value(RESCUED), "killed": sum(not clean for clean, _ in exits),
            "slowest_exit_s": max(took for _, took in exits), "all_there_s": full,
            "unfinished_when_all_were_there": left, "unfinished_at_one": at_one,
            "took_s": time.monotonic() - begin,
        }  # fmt: skip
    finally:
        rig.execute(*FORGOTTEN)


def _spec(number: int, iterations: int) -> dict[str, Any] | None:
    """Every third job is a loop; None stands for a call that does nothing."""
    if number % 3:
        return None
    optimizer = {"name": "adam", "max_iterations": iterations}
    return SHORT | {"seed": number // 3 % N_SEEDS, "optimizer": optimizer}


def _submit(client: Client, specs: Sequence[dict[str, Any] | None]) -> None:
    for spec in specs:
        client.submit(spec)


def _busy(rig: Rig, worker: Child) -> bool:
    """Wait until a worker runs a loop; returns False where all jobs ended without."""
    rig.until(lambda: _runs_loop(rig, worker) or not rig.unfinished(), "it is busy", every_s=0.005)
    return _runs_loop(rig, worker)


def _runs_loop(rig: Rig, worker: Child) -> bool:
    return (worker.pid,) in rig.rows(HOLDER)


def _more(rig: Rig, count: int) -> list[Child]:
    """Start workers at once, as an autoscaler does."""
    children = [rig.start_worker(slots=1) for _ in range(count)]
    for child in children:
        rig.await_worker(child)
    return children


def _remove(worker: Child) -> tuple[bool, float]:
    """Stop a worker as a pod is; returns whether it ended by itself, and after how many seconds."""
    begin = time.monotonic()
    worker.signal(signal.SIGTERM)
    clean = worker.wait(GRACE_S)
    if not clean:
        worker.kill()
    return clean, time.monotonic() - begin


def _different(rig: Rig) -> int:
    """Loops whose results differ from those of other loops with the same seed."""
    seen: dict[int, set[str]] = {}
    for seed, result in rig.rows("SELECT (spec->>'seed')::int, result FROM jobs WHERE kind = 'hybrid_vqe'"):
        seen.setdefault(seed, set()).add(json.dumps(stable(result), sort_keys=True))
    return sum(len(results) - 1 for results in seen.values())


def removed(rig: Rig, number: int, trials: int, iterations: int) -> Figures:
    """Signal the worker that runs a loop; measure when another one goes on, and compare the bits."""
    spec = VQE | {
        "granularity": "fused", "starts": 1, "optimizer": {"name": "adam", "max_iterations": iterations},
    }  # fmt: skip
    client = Client(rig.scheduler().url, rig.token)
    rig.execute(*ATTEMPTED)
    try:
        workers = [rig.worker(slots=1) for _ in range(2)]
        expected = _result(rig, client, spec)
        total = rig.value(EVALUATIONS)
        continued: list[float] = []
        exits, different = [], 0
        while len(continued) < trials:
            before = rig.value(EVALUATIONS)
            job = client.submit(spec)
            assert job is not None
            _grown(rig, before + total / 10)
            place, took, exit_s = _interrupt(rig, workers, number)
            rig.finish(rig.lease_s + START_S)
            found = stable(client.call("GET", f"/api/quantum/jobs/{job['job_id']}")["result"])
            different += sum(expected[key] != found.get(key) for key in expected)
            if took is not None:
                continued.append(took)
                exits.append(exit_s)
            if len(continued) < trials:
                workers[place] = rig.worker(slots=1)
        return {
            "trials": trials, "lease_s": rig.lease_s, "continued_s": max(continued),
            "slowest_exit_s": max(exits), "evaluations": total, "different": different,
            "computed_again": rig.value(AGAIN), "unfinished": rig.unfinished(),
        }  # fmt: skip
    finally:
        rig.execute(*FORGOTTEN)


def _interrupt(rig: Rig, workers: list[Child], number: int) -> tuple[int, float | None, float]:
    """Signal the worker that runs the loop.

    Returns:
        Its index, the seconds until the loop continues on another worker (None where it had ended before the
        signal), and the seconds until the signalled worker has exited.
    """
    holders = rig.rows(HOLDER)
    place = next((k for k, worker in enumerate(workers) if (worker.pid,) in holders), 0)
    at, begin = rig.value("SELECT clock_timestamp()"), time.monotonic()
    if number == signal.SIGKILL:
        signal_all(workers[place], number)
    ended: list[float] = []
    stopping = threading.Thread(target=lambda: ended.append(_remove(workers[place])[1]))
    stopping.start()
    rig.until(
        lambda: rig.rows(CONTINUED, at) or not rig.unfinished(), "another continues",
        rig.lease_s + START_S, every_s=0.005,
    )  # fmt: skip
    took = time.monotonic() - begin if rig.rows(CONTINUED, at) else None
    stopping.join()
    return place, took, ended[0]


def _grown(rig: Rig, beyond: float) -> None:
    rig.until(lambda: rig.value(EVALUATIONS) > beyond, "it is in the middle of its loop", every_s=0.005)


def _result(rig: Rig, client: Client, spec: dict[str, Any]) -> dict[str, Any]:
    job = client.submit(spec)
    assert job is not None
    rig.finish()
    return stable(client.call("GET", f"/api/quantum/jobs/{job['job_id']}")["result"])
