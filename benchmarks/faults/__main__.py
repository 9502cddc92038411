"""Run the campaign: `python -m benchmarks.faults [--only NAME,...] [--counts full|small] [--lease S]`.

Names may be patterns: `--only 'alert-*'`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from benchmarks.faults.table import ROWS, Row
from testing.faults.rig import Rig, rig

RESULT = Path(__file__).parents[1] / "results" / "faults.json"


def _run(row: Row, counts: list[dict[str, Any]], servers: Rig) -> Iterator[dict[str, Any]]:
    for chosen in counts:
        servers.reset()
        begin = time.monotonic()
        try:
            seen = row.run(servers, **chosen)
            broken = {name: len(rows) for name, rows in servers.broken().items()}
            verdict = "kept" if row.kept(seen) and not broken else "BROKEN"
        except (TimeoutError, AssertionError) as error:
            seen, broken, verdict = {}, {str(error): 1}, "BROKEN"
        took_s = round(time.monotonic() - begin, 1)
        shown = ", ".join(f"{name} {value:.4g}" for name, value in seen.items())
        print(f"| {row.name} | {row.target} | {shown} {broken or ''} | {verdict} | {took_s} s |", flush=True)
        yield {"counts": chosen, "seen": seen, "broken": broken, "verdict": verdict, "took_s": took_s}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--only", default=",".join(row.name for row in ROWS))
    parser.add_argument("--counts", choices=("full", "small"), default="full")
    parser.add_argument("--lease", type=float, default=10.0)
    parser.add_argument("--runs", type=int, default=1000, help="at most this many runs of a row")
    arguments = parser.parse_args()
    wanted = arguments.only.split(",")
    conditions = {
        "machine": platform.platform(), "cores": os.cpu_count(), "lease_s": arguments.lease,
        "counts": arguments.counts,
    }  # fmt: skip
    verdicts = []
    folder = Path(tempfile.mkdtemp(prefix="novacron-faults-"))
    with rig(folder, lease_s=arguments.lease, fsync=True) as servers:
        for row in (row for row in ROWS if any(fnmatchcase(row.name, name) for name in wanted)):
            counts = (row.full if arguments.counts == "full" else [row.small])[: arguments.runs]
            runs = []
            for run in _run(row, counts, servers):
                runs.append(run)
                _keep(row.name, {"target": row.target, **conditions, "runs": runs})
            verdicts += [run["verdict"] for run in runs]
    sys.exit("BROKEN" in verdicts)


def _keep(name: str, found: dict[str, Any]) -> None:
    """Replace a row's earlier runs."""
    RESULT.parent.mkdir(exist_ok=True)
    rows = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    RESULT.write_text(json.dumps({**rows, name: found}, indent=1, default=str) + "\n")


if __name__ == "__main__":
    main()
