"""Latencies besides the computation itself: `python -m benchmarks.latency [--repeats N]`.

Medians on one embedded stack: `up` on a prepared folder, submit to start, a cache hit, H2 from the command
line, and a DAG of 100,000 tasks with the memory of the processes that handle it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from novacron import Client

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
NOVACRON = [sys.executable, "-m", "novacron.cli"]


def command(*words: str, environment: dict[str, str] | None = None) -> float:
    """Return the seconds a command takes from process start to end."""
    start = time.perf_counter()
    env = {**os.environ, **(environment or {})}
    subprocess.run([*NOVACRON, *words], check=True, stdout=subprocess.DEVNULL, env=env, cwd=ROOT)
    return time.perf_counter() - start


def median(repeats: int, measure: Callable[[int], float]) -> float:
    """Return the median of some runs, each called with its number."""
    return statistics.median(measure(number) for number in range(repeats))


def noop(seed: int, calls: int | None = None) -> dict[str, Any]:
    """Return a job that does nothing, once or many times."""
    job: dict[str, Any] = {"kind": "pure_classical", "function": "noop", "seed": seed, "cache": calls is None}
    return job | ({"map": [{}] * calls} if calls else {})


def submit_to_start(client: Client, number: int) -> float:
    """Return the seconds from the acceptance of a job to its first task's start, by the database's clock."""
    return float(client.submit(noop(number + 1000)).wait().document["queue_time_s"])


def cache_hit(client: Client) -> float:
    """Return the seconds from submission to result of a job served from the cache."""
    start = time.perf_counter()
    job = client.submit(noop(1000))
    seconds = time.perf_counter() - start
    if not job.wait().document["from_cache"]:
        raise RuntimeError("the job was not served from the cache")
    return seconds


def large(client: Client, tasks: int, pids: list[int]) -> dict[str, float]:
    """Run a fan-out of that many tasks: seconds, tasks per second, and memory growth of the processes."""
    before = [psutil.Process(pid).memory_info().rss for pid in pids]
    start = time.perf_counter()
    job = client.submit(noop(0, tasks))
    accepted = time.perf_counter() - start
    peak = list(before)
    while not job.refresh().document["finished_at"]:
        now = [psutil.Process(pid).memory_info().rss for pid in pids]
        peak = [max(pair) for pair in zip(peak, now, strict=True)]
        time.sleep(0.2)
    seconds = time.perf_counter() - start
    grown = max(after - old for after, old in zip(peak, before, strict=True))
    return {
        "accepted_s": accepted, "finished_s": seconds, "tasks_per_s": tasks / seconds,
        "largest_growth_mb": grown / 1e6,
    }  # fmt: skip


def run(data: Path, repeats: int, tasks: int) -> dict[str, Any]:
    """Return all figures."""
    command("up", "--data", str(data), "--detach")
    command("down", "--data", str(data))
    try:
        figures: dict[str, Any] = {"up_s": command("up", "--data", str(data), "--detach")}
        runtime = json.loads((data / "runtime.json").read_text())
        client = Client(runtime["url"], runtime["token"])
        access = {"NOVACRON_URL": runtime["url"], "NOVACRON_TOKEN": runtime["token"]}
        h2 = ("submit", "examples/h2.yaml", "--watch", "--json", "--set", "cache=false")
        lih = ("submit", "examples/lih.yaml", "--watch", "--json", "--set", "cache=false")
        for number in range(4):
            command(*h2, "--set", f"seed={number}", environment=access)
        figures["submit_to_start_ms"] = 1e3 * median(repeats, lambda number: submit_to_start(client, number))
        figures["cache_hit_ms"] = 1e3 * median(repeats, lambda _: cache_hit(client))
        figures["h2_s"] = median(repeats, lambda _: command(*h2, environment=access))
        figures["lih_s"] = median(repeats, lambda _: command(*lih, environment=access))
        figures["large"] = large(client, tasks, list(runtime["pids"].values()))
    finally:
        command("down", "--data", str(data))
    return figures


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--tasks", type=int, default=100_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = run(Path(folder) / "stack", arguments.repeats, arguments.tasks)
    figures["about"] = {"cores": os.cpu_count(), "load": os.getloadavg()[0], "repeats": arguments.repeats}
    text = json.dumps(figures, indent=1)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "latency.json").write_text(text)
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
