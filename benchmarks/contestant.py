"""Stacks that run the same fan-outs alternately, so that all are measured under the same load."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil

from benchmarks.orchestration.shapes import TASKS, figure
from benchmarks.servers import Servers

Rates = dict[str, list[tuple[float, float]]]
"""By contestant, for each round: tasks per second, and milliseconds of CPU time per task."""


class Contestant:
    """A stack in a separate process, with its own database and Redis.

    Args:
        running: the servers.
        number: from 1 on, different for each contestant.
        program: module that serves the shape `fan` (`benchmarks.orchestration.shapes.serve`).
        variables: environment variables.
    """

    def __init__(self, running: Servers, number: int, program: str, variables: Mapping[str, str]) -> None:
        environment = os.environ | {
            "NOVACRON_DATABASE_URL": running.migrated(f"fan_{number}"),
            "NOVACRON_REDIS_URL": running.redis_database(number), **variables,
        }  # fmt: skip
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", program], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self._process.stdout is not None
        while (line := self._process.stdout.readline()) and "READY" not in line:
            pass

    def rate(self) -> tuple[float, float]:
        """Return tasks per second of a fan-out, and milliseconds of CPU time per task."""
        before_s = self._used_s()
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write("fan\n")
        self._process.stdin.flush()
        rate = figure("fan", float(self._process.stdout.readline()))
        return rate, 1e3 * (self._used_s() - before_s) / TASKS["fan"]

    def _used_s(self) -> float:
        """Return CPU seconds of the loop, the worker and its children, to the nanosecond.

        Source: Linux, Documentation/scheduler/sched-stats.rst, /proc/<pid>/schedstat. `times` counts ticks of
        10 ms, which are 10 us a task.
        """
        process = psutil.Process(self._process.pid)
        threads = [
            thread for one in (process, *process.children(recursive=True))
            for thread in Path(f"/proc/{one.pid}/task").iterdir()
        ]  # fmt: skip
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9

    def stop(self) -> None:
        """Close the pipe and wait."""
        self._process.communicate()


def interleaved(contestants: Mapping[str, Contestant], rounds: int) -> Rates:
    """Run fan-outs alternately, in alternating order, after a warm-up round; then stop all."""
    rates: Rates = {name: [] for name in contestants}
    for done in range(rounds + 1):
        for name in list(contestants) if done % 2 else reversed(list(contestants)):
            rate = contestants[name].rate()
            if done:
                rates[name].append(rate)
    for contestant in contestants.values():
        contestant.stop()
    return rates


def medians(rates: Rates) -> dict[str, dict[str, float]]:
    """Return the medians of each contestant."""
    return {
        name: {
            "tasks_per_s": statistics.median(rate for rate, _ in found),
            "processor_ms_a_task": statistics.median(ms for _, ms in found),
        }
        for name, found in rates.items()
    }


def publish(summary: Mapping[str, object], rates: Rates, path: Path) -> None:
    """Print a summary with the conditions, and store it with all rates."""
    summary = {**summary, "load": os.getloadavg()[0], "cores": os.cpu_count()}
    sys.stdout.write(json.dumps(summary, indent=1) + "\n")
    path.write_text(json.dumps(summary | {"rates": rates}, indent=1) + "\n")


def ratios(rates: Rates, over: str, under: str) -> dict[str, float]:
    """Return medians of the ratios within a round: of tasks per second, and of CPU time per task."""
    both = list(zip(rates[over], rates[under], strict=True))
    return {
        "rate": statistics.median(one[0] / other[0] for one, other in both),
        "processor": statistics.median(one[1] / other[1] for one, other in both),
    }
