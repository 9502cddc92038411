"""Run with `python -m benchmarks.endtoend [--rounds N] [--peers PYTHON]`.

Every contestant is a separate process, timed from its start to its end: `novacron submit --watch --json` on a
warm stack, and scripts that a user would write by hand. Contestants alternate; a wrong result stops the run.
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

from benchmarks.endtoend.workloads import Workload, workloads

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"
NOVACRON = [sys.executable, "-m", "novacron.cli"]
SCRIPTS = {"Qulacs": "qulacs", "PennyLane": "pennylane", "ffsim": "ffsim"}
ANSWERS = {"Qulacs": None, "PennyLane": None, "ffsim": ("H2", "LiH")}
"""Workloads a peer supports; None for all."""
WARMING = 3

Run = Callable[[], tuple[float, float, float | None]]
"""Seconds from start to end, the result, and seconds within the job's tasks if known."""


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, str]:
    """Return seconds and standard output of a process."""
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return seconds, done.stdout


def submission(workload: Workload, folder: Path, environment: dict[str, str]) -> Run:
    """Write a job file and return the command that submits it."""
    path = folder / f"{workload.name.replace(' ', '_')}.json"
    path.write_text(json.dumps(workload.job | {"name": workload.name}))

    def run() -> tuple[float, float, float | None]:
        seconds, text = timed([*NOVACRON, "submit", str(path), "--watch", "--json"], environment)
        result = json.loads(text)["result"]
        return seconds, workload.answer(result), float(result["wall_time_s"])

    return run


def script(python: str, name: str, workload: Workload) -> Run:
    """Return a hand-written script."""
    module = f"benchmarks.endtoend.{SCRIPTS[name]}_script"

    def run() -> tuple[float, float, float | None]:
        command = [python, "-W", "ignore", "-m", module, workload.name, str(workload.file)]
        seconds, text = timed(command, dict(os.environ))
        return seconds, float(text.strip().splitlines()[-1]), None

    return run


def installed(python: str, name: str) -> bool:
    """Return whether that interpreter has the peer installed."""
    code = f"import importlib.util as u, sys; sys.exit(u.find_spec({SCRIPTS[name]!r}) is None)"
    return subprocess.run([python, "-c", code]).returncode == 0


def measure(workload: Workload, runs: dict[str, Run], rounds: int) -> dict[str, dict[str, Any]]:
    """Return medians of one workload by contestant; contestants alternate."""
    seen: dict[str, list[tuple[float, float, float | None]]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            seconds, answer, inside = run()
            if not workload.right(answer):
                raise SystemExit(f"{name} answers {workload.name} with {answer}, which is wrong")
            seen[name].append((seconds, answer, inside))
    return {
        name: {
            "median_s": statistics.median(row[0] for row in rows),
            "seconds": [row[0] for row in rows],
            "answer": rows[-1][1],
            "job_s": None if rows[0][2] is None else statistics.median(row[2] or 0.0 for row in rows),
        }
        for name, rows in seen.items()
    }


def table(figures: dict[str, dict[str, dict[str, Any]]], names: list[str]) -> str:
    """Format medians in seconds, peers' ratios to NovaCron, and the share within the job."""
    lines = ["| s | " + " | ".join([*names, "within the job"]) + " |", "|---" * (len(names) + 2) + "|"]
    for question, row in figures.items():
        base = row["NovaCron"]["median_s"]
        cells = [
            f"{row[n]['median_s']:.2f} ({row[n]['median_s'] / base:.1f}x)" if n in row else "-" for n in names
        ]
        lines.append(f"| {question} | " + " | ".join([*cells, f"{row['NovaCron']['job_s']:.3f}"]) + " |")
    return "\n".join(lines)


def draw(figures: dict[str, dict[str, dict[str, Any]]], names: list[str]) -> None:
    """Plot bars by workload, on a logarithmic scale."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 3.5))
    width = 0.8 / len(names)
    for number, name in enumerate(names):
        points = [(k, row[name]["median_s"]) for k, row in enumerate(figures.values()) if name in row]
        axes.bar([k + number * width for k, _ in points], [s for _, s in points], width, label=name)
    axes.set_xticks([k + width * (len(names) - 1) / 2 for k in range(len(figures))], list(figures))
    axes.set_yscale("log")
    axes.set_ylabel("s, from process start to the answer")
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(RESULTS / "endtoend.png", dpi=120)


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endtoend")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", default=sys.executable, help="the Python that has the peers")
    arguments = parser.parse_args()
    peers = [name for name in SCRIPTS if installed(arguments.peers, name)]
    for name in SCRIPTS.keys() - set(peers):
        sys.stdout.write(f"{name}: left out, {arguments.peers} does not have it\n")
    figures: dict[str, dict[str, dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([*NOVACRON, "up", "--detach", "--data", str(folder / "stack")], check=True, cwd=ROOT)
        try:
            runtime = json.loads((folder / "stack" / "runtime.json").read_text())
            access = os.environ | {"NOVACRON_URL": runtime["url"], "NOVACRON_TOKEN": runtime["token"]}
            for workload in workloads(folder):
                runs = {"NovaCron": submission(workload, folder, access)}
                for peer in peers:
                    if (answers := ANSWERS[peer]) is None or workload.name in answers:
                        runs[peer] = script(arguments.peers, peer, workload)
                for _ in range(WARMING):
                    runs["NovaCron"]()
                figures[workload.name] = measure(workload, runs, arguments.rounds)
        finally:
            subprocess.run([*NOVACRON, "down", "--data", str(folder / "stack")], check=True, cwd=ROOT)
    names = ["NovaCron", *peers]
    about = {"cores": os.cpu_count(), "load": os.getloadavg()[0], "rounds": arguments.rounds}
    sys.stdout.write(f"{table(figures, names)}\n{about}\n")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "endtoend.json").write_text(json.dumps({"about": about, "figures": figures}, indent=1) + "\n")
    draw(figures, names)


if __name__ == "__main__":
    main()
