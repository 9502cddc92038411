"""Scaling and removed workers: `python -m benchmarks.scale [--jobs N] [--most N] [--trials N] [--lease S]`.

Processes run as the chart runs them: two schedulers, workers of one slot, SIGTERM and 60 s until SIGKILL, on
real PostgreSQL (fsync on) and Redis. Exits with 1 where a row misses its target.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testing.faults import scaling
from testing.faults.rig import Rig, rig
from testing.faults.workers import Figures

RESULT = Path(__file__).parent / "results" / "scale.json"
LOOP_ITERATIONS = 400
SHORT_ITERATIONS = 150


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement.

    Attributes:
        name: in the table.
        target: what must hold, in words.
        run: returns what was seen.
        kept: whether that meets the target.
    """

    name: str
    target: str
    run: Callable[[Rig], Figures]
    kept: Callable[[Figures], bool]


def rows(jobs: int, most: int, trials: int) -> tuple[Row, ...]:
    """The table's rows."""
    return (
        Row(
            f"scale 1 -> {most} -> 1 workers under a load of {jobs} jobs",
            "0 lost, 0 recorded evaluations repeated, no worker killed, no lease lost",
            lambda servers: scaling.scaled(servers, jobs, most, SHORT_ITERATIONS),
            lambda seen: not any(
                seen[name] for name in ("lost", "different", "computed_again", "killed", "rescued")
            ),
        ),
        Row(
            "worker deleted in the middle of a loop, SIGTERM", "continues with the same bits within 2 s",
            lambda servers: scaling.removed(servers, signal.SIGTERM, trials, LOOP_ITERATIONS),
            lambda seen: _same(seen) and seen["continued_s"] < 2,
        ),
        Row(
            "worker deleted in the middle of a loop, SIGKILL",
            "continues with the same bits within lease + 5 s",
            lambda servers: scaling.removed(servers, signal.SIGKILL, trials, LOOP_ITERATIONS),
            lambda seen: _same(seen) and seen["continued_s"] < seen["lease_s"] + 5,
        ),
    )  # fmt: skip


def _same(seen: Figures) -> bool:
    return not (seen["different"] or seen["computed_again"] or seen["unfinished"])


def main() -> None:
    """Measure each row, print it, and write all of them to `results/scale.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--most", type=int, default=8, help="workers at the peak")
    parser.add_argument("--trials", type=int, default=5, help="workers deleted with each signal")
    parser.add_argument("--lease", type=float, default=30.0)
    arguments = parser.parse_args()
    found: list[dict[str, Any]] = []
    folder = Path(tempfile.mkdtemp(prefix="novacron-scale-"))
    with rig(folder, lease_s=arguments.lease, fsync=True) as servers:
        for row in rows(arguments.jobs, arguments.most, arguments.trials):
            servers.reset()
            seen = row.run(servers)
            broken = {name: len(some) for name, some in servers.broken().items()}
            verdict = "kept" if row.kept(seen) and not broken else "BROKEN"
            found.append(
                {"name": row.name, "target": row.target, "seen": seen, "broken": broken, "verdict": verdict}
            )
            shown = ", ".join(f"{name} {value:.4g}" for name, value in seen.items())
            print(f"| {row.name} | {row.target} | {shown} {broken or ''} | {verdict} |", flush=True)
    machine = {"machine": platform.platform(), "cores": os.cpu_count(), "load": os.getloadavg()[0]}
    RESULT.write_text(json.dumps({**machine, "lease_s": arguments.lease, "rows": found}, indent=1) + "\n")
    sys.exit(any(one["verdict"] == "BROKEN" for one in found))


if __name__ == "__main__":
    main()
