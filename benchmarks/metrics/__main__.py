"""Cost of metrics: `python -m benchmarks.metrics [--rounds N] [--tasks N]`.

Scrapes with many queued tasks: duration of a scrape and its SQL, and size of the page. And the path of a
no-op task with and without metrics.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from benchmarks.observed import Way, compared, publish
from benchmarks.orchestration.novacron import SPEC, fan
from benchmarks.servers import Servers, servers
from scheduler.embedded import ports
from scheduler.observation.counts import Counts
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


def overhead(running: Servers, rounds: int) -> dict[str, object]:
    """Compare the path of a task without and with metrics.

    Children report to their parent four times a second, whatever they do: that is no part of the path.
    """
    ways = {"off": Way(), "on": Way((Counts(),), counted=True)}
    return compared(running, running.migrated("path"), ways, rounds)


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.metrics")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--tasks", type=int, default=100_000)
    arguments = parser.parse_args()
    with servers() as running:
        page = queued(running, arguments.tasks)
        path = overhead(running, arguments.rounds)
    publish({"page": page, **path}, RESULTS)


if __name__ == "__main__":
    main()
