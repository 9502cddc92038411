"""Sweeps of thousands of jobs: `python -m benchmarks.sweeps [--jobs N]`.

On one embedded stack: seconds until a sweep is accepted, its table is read and it is cancelled, the latency
of other requests meanwhile, and the jobs that are computed when a sweep grows, fails in part, or comes again.
And examples/lih_curve.yaml: seconds from its submission to its end, first with the integrals and then without
them, and the evaluations of its loops beside those of the same curve without `start_from`. `--only curve`
replaces these figures alone.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.latency import command
from novacron import Client
from novacron.client import SweepJob
from novacron.inputs.jobfile import load

RESULTS = Path(__file__).parent / "results"
REPEATS = 5
NOOP = {"kind": "pure_classical", "function": "noop"}
TFIM = {
    "kind": "hybrid_vqe",
    "hamiltonian": {"model": "tfim", "n_qubits": 4},
    "ansatz": {"name": "hamiltonian_variational", "layers": 2},
}


def timed(measured: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that a call takes, and what it returns."""
    start = time.perf_counter()
    value = measured()
    return time.perf_counter() - start, value


@contextmanager
def others(client: Client) -> Iterator[list[float]]:
    """List the jobs again and again in a thread; yield the seconds of each request."""
    seconds: list[float] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.wait(0.02):
            seconds.append(timed(lambda: client.jobs(limit=20))[0])

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield seconds
    finally:
        stop.set()
        thread.join()


def percentile(seconds: list[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    return sorted(seconds)[min(len(seconds) - 1, int(share * len(seconds)))]


def large(client: Client, jobs: int) -> dict[str, Any]:
    """Submit, list, read and cancel a sweep of that many jobs while others ask."""
    with others(client) as during:
        submit_s, made = timed(lambda: client.sweep({**NOOP, "cache": False}, {"seed": {"range": jobs}}))
        pages = [timed(lambda: client.jobs(limit=50))[0] for _ in range(20)]
        frame_s, rows = timed(lambda: len(made.frame()))
        cancel_s, _ = timed(made.cancel)
    if rows != jobs:
        raise RuntimeError(f"the table has {rows} rows")
    return {
        "jobs": jobs, "submit_s": submit_s, "cancel_s": cancel_s, "frame_s": frame_s,
        "list_page_ms": 1e3 * statistics.median(pages), "others_p99_ms": 1e3 * percentile(during, 0.99),
        "others": len(during),
    }  # fmt: skip


def grown(client: Client) -> dict[str, int]:
    """Return how many jobs are computed by a sweep of 50, by 2 more values, and by the same once more."""
    first = client.sweep({**TFIM, "seed": 1}, {"hamiltonian.h": {"linspace": [0.5, 1.5, 50]}})
    computed = {"first": _computed(first)}
    computed["grown_by_2"] = _computed(first.extend({"hamiltonian.h": [1.6, 1.7]}))
    again = client.sweep({**TFIM, "seed": 1}, {"hamiltonian.h": {"linspace": [0.5, 1.5, 50]}})
    return computed | {"submitted_again": _computed(again)}


def _computed(made: SweepJob) -> int:
    result = made.result()
    return int((result.n_jobs or 0) - (result.n_cached or 0))


def failing(client: Client) -> dict[str, int]:
    """Return how the jobs of a sweep end of which one exceeds its time, and how many a retry computes."""
    job = {"kind": "pure_classical", "function": "sleep", "arguments": {"seconds": 0.0}}
    over = {
        "arguments.seconds": [*(k / 1e4 for k in range(49)), 5.0],
        "timeout_s": [*(60 + k for k in range(49)), 0.5],
    }
    made = client.sweep(job, over, together=[list(over)])
    result = made.result()
    again = made.retry_failed()
    computed = again.n_jobs - int(again.document["n_cached"])
    again.cancel()
    return {"completed": result.n_completed or 0, "failed": result.n_failed or 0, "retried": computed}


def curve(client: Client) -> dict[str, Any]:
    """Return seconds and evaluations of the dissociation curve of LiH, warm and cold."""
    spec = load("examples/lih_curve.yaml").model_dump(mode="json")
    job, over, start = spec["job"], spec["over"], spec["start_from"]
    first_s, _ = timed(lambda: _table(client, {**job, "seed": 1}, over, start))
    seconds, warm = [], []
    for seed in range(2, 2 + REPEATS):
        begin = time.perf_counter()
        warm = _table(client, {**job, "seed": seed}, over, start)
        seconds.append(time.perf_counter() - begin)
    cold = _table(client, {**job, "seed": 2}, over, None)
    warm_n, cold_n = (sum(row["n_evaluations"] for row in found[1:]) for found in (warm, cold))
    return {
        "geometries": len(cold), "with_integrals_s": first_s,
        "without_integrals_s": statistics.median(seconds), "evaluations_warm": warm_n,
        "evaluations_cold": cold_n, "warm_of_cold": warm_n / cold_n,
        "largest_error_mha": max(row["error_mha"] for row in warm),
    }  # fmt: skip


def _table(
    client: Client, job: dict[str, Any], over: dict[str, Any], start: str | None
) -> list[dict[str, Any]]:
    made = client.sweep(job, over, start_from=start)
    made.result()
    return made.rows().flat()


def run(data: Path, jobs: int, only: str | None) -> dict[str, Any]:
    """Return all figures, or some."""
    try:
        command("up", "--data", str(data), "--detach")
        runtime = json.loads((data / "runtime.json").read_text())
        with Client(runtime["url"], runtime["token"]) as client:
            client.sweep(NOOP, {"seed": {"range": 10}}).result()
            measured: dict[str, Callable[[], Any]] = {
                "grown": lambda: grown(client), "failing": lambda: failing(client),
                "large": lambda: large(client, jobs), "curve": lambda: curve(client),
            }  # fmt: skip
            figures = {name: measure() for name, measure in measured.items() if only in (None, name)}
    finally:
        command("down", "--data", str(data))
    return figures


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweeps")
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--only", choices=("grown", "failing", "large", "curve"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = run(Path(folder) / "stack", arguments.jobs, arguments.only)
    about = {"cores": os.cpu_count(), "load": os.getloadavg()[0]}
    figures = {name: found | {"about": about} for name, found in figures.items()}
    path = RESULTS / "sweeps.json"
    text = json.dumps(json.loads(path.read_text()) | figures if arguments.only else figures, indent=1)
    path.write_text(text + "\n")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
