"""Cost of metrics: `python -m benchmarks.metrics [--rounds N] [--tasks N]`.

Scrapes with many queued tasks: duration of a scrape and its SQL, and size of the page. And fan-outs with and
without metrics, alternately, with the worker's page scraped once a second.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from benchmarks.orchestration.novacron import SPEC, fan
from benchmarks.orchestration.shapes import TASKS, figure
from benchmarks.servers import Servers, servers
from scheduler.embedded import ports
from shared.db import jobs, observation, session, tokens
from shared.queues import QUEUES

RESULTS = Path(__file__).parents[1] / "results" / "metrics.json"
WIDTH = 1000
SCRAPES = 21


def median_ms(run: Callable[[], object], times: int = SCRAPES) -> float:
    """Return the median of so many runs, after one warm-up run."""
    run()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        run()
        taken.append(1e3 * (time.perf_counter() - begun))
    return statistics.median(taken)


def processor_ms(backend: psutil.Process, connection: session.Connection) -> float:
    """Return PostgreSQL's CPU time per query of the queues; nearly independent of other load."""
    before = backend.cpu_times()
    for _ in range(SCRAPES):
        observation.queues(connection, QUEUES)
    after = backend.cpu_times()
    return 1e3 * float(after.user + after.system - before.user - before.system) / SCRAPES


def page_of(port: int) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        page: bytes = answer.read()
    return page


def queued(running: Servers, n_tasks: int) -> dict[str, float]:
    """Measure scrapes of a scheduler with so many ready tasks."""
    url = running.migrated("queued")
    with session.connect(url, name="benchmark") as connection, TemporaryDirectory() as folder:
        tokens.create(connection, name="benchmark", role="admin", tenant="benchmark")
        row = connection.execute("SELECT id FROM tenants WHERE name = 'benchmark'").fetchone()
        tenant = int(row[0]) if row else 0
        for _ in range(n_tasks // WIDTH):
            jobs.insert(connection, jobs.NewJob(tenant, SPEC), jobs.Plan(fan(WIDTH), {}))
        port = ports.choose()
        environment = os.environ | {
            "NOVACRON_DATABASE_URL": url, "NOVACRON_REDIS_URL": running.redis_database(0),
            "NOVACRON_PORT": str(ports.choose()), "NOVACRON_METRICS_PORT": str(port),
        }  # fmt: skip
        with (Path(folder) / "log").open("wb") as log:
            scheduler = subprocess.Popen([sys.executable, "-m", "scheduler"], env=environment, stderr=log)
        try:
            told = f'novacron_queue_tasks{{queue="cpu-sim",state="ready"}} {float(n_tasks // WIDTH * WIDTH)}'
            while not _says(port, told):
                time.sleep(0.1)
            fresh_ms = median_ms(lambda: observation.queues(connection, QUEUES))
            connection.execute("VACUUM tasks")
            backend = psutil.Process(connection.info.backend_pid)
            return {
                "tasks": n_tasks, "sql_processor_ms": processor_ms(backend, connection),
                "scrape_ms": median_ms(lambda: page_of(port)),
                "bytes": len(page_of(port)), "sql_ms": fresh_ms,
                "sql_vacuumed_ms": median_ms(lambda: observation.queues(connection, QUEUES)),
                "all_sql_ms": median_ms(lambda: observation.observe(connection, QUEUES)),
            }  # fmt: skip
        finally:
            scheduler.terminate()
            scheduler.wait(30)


def _says(port: int, line: str) -> bool:
    with suppress(OSError):
        return line in page_of(port).decode()
    return False


class Contestant:
    """A stack that runs shapes and reports seconds, with or without metrics."""

    def __init__(self, running: Servers, number: int, port: int) -> None:
        environment = os.environ | {
            "NOVACRON_DATABASE_URL": running.migrated(f"fan_{number}"),
            "NOVACRON_REDIS_URL": running.redis_database(number), "NOVACRON_METRICS_PORT": str(port),
        }  # fmt: skip
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.metrics.observed"], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self._process.stdout is not None
        while (line := self._process.stdout.readline()) and "READY" not in line:
            pass

    def rate(self) -> tuple[float, float]:
        """Return tasks per second of a fan-out, and CPU milliseconds per task."""
        before_s = self._used_s()
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write("fan\n")
        self._process.stdin.flush()
        rate = figure("fan", float(self._process.stdout.readline()))
        return rate, 1e3 * (self._used_s() - before_s) / TASKS["fan"]

    def _used_s(self) -> float:
        """Return CPU seconds of the loop, the worker and its children."""
        process = psutil.Process(self._process.pid)
        times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
        return float(sum(one.user + one.system for one in times))

    def stop(self) -> None:
        """Close the pipe and wait."""
        self._process.communicate()


def overhead(running: Servers, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Run fan-outs alternately: tasks per second, and CPU milliseconds per task."""
    port = ports.choose()
    contestants = {"off": Contestant(running, 1, 0), "on": Contestant(running, 2, port)}
    stopping = threading.Event()

    def scrape() -> None:
        while not stopping.wait(1.0):
            with suppress(OSError):
                page_of(port)

    threading.Thread(target=scrape, daemon=True).start()
    rates: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    for done in range(rounds + 1):
        order = list(contestants) if done % 2 else list(reversed(contestants))
        for name in order:
            rate = contestants[name].rate()
            if done:  # the first round is a warm-up
                rates[name].append(rate)
    stopping.set()
    for contestant in contestants.values():
        contestant.stop()
    return rates


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.metrics")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--tasks", type=int, default=100_000)
    arguments = parser.parse_args()
    with servers() as running:
        page = queued(running, arguments.tasks)
        rates = overhead(running, arguments.rounds)
    medians = {
        name: {
            "tasks_per_s": statistics.median(rate for rate, _ in found),
            "processor_ms_a_task": statistics.median(ms for _, ms in found),
        }
        for name, found in rates.items()
    }
    both = list(zip(rates["on"], rates["off"], strict=True))
    summary = {
        "page": page, **medians, "rate_on_over_off": statistics.median(on[0] / off[0] for on, off in both),
        "processor_on_over_off": statistics.median(on[1] / off[1] for on, off in both),
        "load": os.getloadavg()[0], "cores": os.cpu_count(),
    }  # fmt: skip
    sys.stdout.write(json.dumps(summary, indent=1) + "\n")
    RESULTS.write_text(json.dumps(summary | {"rates": rates}, indent=1) + "\n")


if __name__ == "__main__":
    main()
