"""Run with `python -m benchmarks.api [--clients N] [--think S ...] [--seconds S] [--hostile]`.

Starts an embedded stack with many clients that submit no-op jobs and poll them, and reports latency
percentiles per request; with `--hostile` again at the first think time, while another tenant attacks the API
(`benchmarks/api/hostile.py`). Everything, clients included, shares the machine's cores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.api.crowd import Crowd

RESULTS = Path(__file__).parents[1] / "results" / "api.json"
PERCENTILES = (50, 95, 99)
WARM_UP_S = 5.0
"""Ramp-up of the hostile loads, in seconds."""


@contextmanager
def stack() -> Iterator[tuple[int, str]]:
    """Yield port and token of a stack that runs for the duration of the block."""
    with tempfile.TemporaryDirectory(prefix="novacron-api-") as folder:
        command = [sys.executable, "-m", "novacron.cli"]
        data = ["--data", f"{folder}/data"]
        subprocess.run([*command, "up", "--detach", *data], check=True, stdout=subprocess.DEVNULL)
        try:
            found = json.loads(Path(folder, "data", "runtime.json").read_text())
            yield int(found["url"].rsplit(":", 1)[1]), found["token"]
        finally:
            subprocess.run([*command, "down", *data], check=True, stdout=subprocess.DEVNULL)


def percentile(values: list[float], share: int) -> float:
    """Return the smallest value that is not below this share (in percent) of them."""
    return sorted(values)[min(len(values) - 1, len(values) * share // 100)]


def measure(port: int, token: str, clients: int, think_s: float, seconds: float) -> dict[str, Any]:
    """Return the latencies of one crowd."""
    crowd = Crowd(port, token, clients, think_s, seconds)
    asyncio.run(crowd.run())
    requests = {}
    for what, values in {
        **crowd.taken,
        "all": [one for part in crowd.taken.values() for one in part],
    }.items():
        figures = {f"p{share}_ms": round(percentile(values, share) * 1e3, 2) for share in PERCENTILES}
        requests[what] = {"requests_per_s": round(len(values) / seconds, 1), **figures}
    return {
        "clients": clients, "think_s": think_s, "seconds": seconds,
        "jobs_per_s": round(crowd.jobs_done / seconds, 1),
        "failures": crowd.failures, "requests": requests,
    }  # fmt: skip


@contextmanager
def hostile(port: int, token: str) -> Iterator[dict[str, Any]]:
    """Run hostile loads for the duration of the block; the dictionary then holds their responses."""
    told: dict[str, Any] = {}
    command = [sys.executable, "-m", "benchmarks.api.hostile", str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sender:
        assert sender.stdin is not None
        sender.stdin.write(token + "\n")
        sender.stdin.flush()
        try:
            time.sleep(WARM_UP_S)
            yield told
        finally:
            sender.terminate()
            told.update(json.loads(sender.communicate()[0]))


def stranger(port: int, token: str) -> str:
    """Return the token of another tenant with the role submit."""
    wanted = {"name": "hostile", "role": "submit", "tenant": "hostile"}
    headers = {"Authorization": f"Bearer {token}"}
    made = httpx.post(f"http://127.0.0.1:{port}/api/tokens", json=wanted, headers=headers).raise_for_status()
    return str(made.json()["token"])


def table(runs: list[dict[str, Any]]) -> Table:
    """Format the results."""
    shown = Table("think s", "request", "per s", *(f"p{share} ms" for share in PERCENTILES))
    for run in runs:
        for what, figures in run["requests"].items():
            think = f"{run['think_s']:g}" + (" hostile" if "hostile" in run else "")
            shown.add_row(think, what, *(f"{value:g}" for value in figures.values()))
        shown.add_section()
    return shown


def main() -> None:
    """Measure every think time on one stack; store the results beside earlier ones."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--think", type=float, nargs="+", default=[1.0, 0.25, 0.0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--hostile", action="store_true", help="measure under hostile loads, too")
    chosen = parser.parse_args()
    load = os.getloadavg()[0]
    with stack() as (port, token):
        measure(port, token, 2, 0.0, 1.0)  # warm-up
        runs = [measure(port, token, chosen.clients, think, chosen.seconds) for think in chosen.think]
        if chosen.hostile:
            with hostile(port, stranger(port, token)) as told:
                run = measure(port, token, chosen.clients, chosen.think[0], chosen.seconds)
            runs.append(run | {"hostile": told})
    about = {"cores": os.cpu_count(), "load": load}
    RESULTS.write_text(json.dumps({"about": about, "runs": runs}, indent=1) + "\n")
    Console().print(table(runs))


if __name__ == "__main__":
    main()
