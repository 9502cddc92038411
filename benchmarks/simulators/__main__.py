"""Run with `python -m benchmarks.simulators [--only vqe,...] [--threads 1,2] [--rounds N]`.

Each number of threads is measured in a separate process, since the peers read it at import.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.simulators.contest import OWN

RESULTS = Path(__file__).parents[1] / "results"
PACKAGES = ("numpy", "numba", "qulacs", "pennylane-lightning", "qiskit-aer", "qokit", "qsimcirq")
MARK = "RESULT "


def versions() -> dict[str, str]:
    """Return the version of every participating package; missing peers are listed as missing."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "missing"
    return found


def child(names: list[str], threads: int, rounds: int) -> None:
    """Measure in this process, one line per contest."""
    from benchmarks.simulators.contests import CONTESTS

    for name in names:
        for contest in CONTESTS[name](threads):
            contest.check()
            medians = contest.measure(rounds)
            row = {
                "contest": contest.name, "threads": threads, "ms": medians, "ratio": contest.ratio(medians),
                "aim": contest.aim,
            }  # fmt: skip
            print(MARK + json.dumps(row), flush=True)


def measure(names: list[str], threads: int, rounds: int) -> list[dict[str, Any]]:
    """Measure in a separate process."""
    number = str(threads)
    environment = os.environ | {
        "OMP_NUM_THREADS": number, "OPENBLAS_NUM_THREADS": number, "NOVACRON_THREADS": number,
        "OMP_WAIT_POLICY": "passive",
    }  # fmt: skip
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.simulators", "--only", ",".join(names)]
    command += ["--child", number, "--rounds", str(rounds)]
    rows = []
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(MARK):
                rows.append(json.loads(line.removeprefix(MARK)))
                print(table(rows[-1:]).splitlines()[-1], flush=True)
    if process.returncode:
        raise SystemExit(f"the run with {threads} threads ended with {process.returncode}")
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """Format medians in milliseconds, and the best peer's relative to NovaCron's."""
    lines = ["| contest | threads | NovaCron ms | peers ms | best peer / NovaCron | aim |", "|---" * 6 + "|"]
    for row in rows:
        peers = ", ".join(f"{name} {ms:.4g}" for name, ms in row["ms"].items() if name != OWN)
        ratio = "no peer" if row["ratio"] is None else f"{row['ratio']:.1f}"
        cells = [row["contest"], row["threads"], f"{row['ms'][OWN]:.4g}", peers, ratio, f"{row['aim']:g}"]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def draw(rows: list[dict[str, Any]]) -> None:
    """Plot ratios as bars, with the targets as marks."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    shown = [row for row in rows if row["ratio"] is not None]
    figure, axes = plt.subplots(figsize=(8, 0.28 * len(shown) + 1))
    places = range(len(shown))
    axes.barh(places, [row["ratio"] for row in shown])
    axes.plot([row["aim"] for row in shown], places, "k|", markersize=10, label="aim")
    axes.set_yticks(places, [f"{row['contest']}, {row['threads']} thread(s)" for row in shown], fontsize=7)
    axes.set_xscale("log")
    axes.set_xlabel("best peer's time / NovaCron's")
    axes.invert_yaxis()
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(RESULTS / "simulators.png", dpi=120)


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulators")
    parser.add_argument("--only", default="vqe,molecules,qaoa,kernel,random")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    names = arguments.only.split(",")
    if arguments.child:
        return child(names, arguments.child, arguments.rounds)
    rows = [
        row
        for number in arguments.threads.split(",")
        for row in measure(names, int(number), arguments.rounds)
    ]
    about = {
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "machine": platform.processor() or platform.machine(),
        "precision": "double but where it says single",
        "versions": versions(),
    }
    text = f"{table(rows)}\n\n{about}\n"
    print(text)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "simulators.md").write_text(text)
    (RESULTS / "simulators.json").write_text(json.dumps({"about": about, "rows": rows}, indent=1) + "\n")
    draw(rows)


if __name__ == "__main__":
    main()
