"""Run the comparison: `python -m benchmarks.orchestration [--rounds N] [--load] [--only NAME,...]`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from benchmarks.orchestration.shapes import UNITS, figure
from benchmarks.servers import Servers, servers

RESULTS = Path(__file__).parents[1] / "results"
PLAIN = {"NOVACRON_CHUNK": "0", "NOVACRON_INLINE_S": "0"}

CONTESTANTS: dict[str, tuple[str, dict[str, str]]] = {
    "celery canvas": ("celery_canvas", {}),
    "dramatiq": ("dramatiq_groups", {}),
    "novacron plain": ("novacron", PLAIN),
    "novacron chunked": ("novacron", PLAIN | {"NOVACRON_CHUNK": "1"}),
    "novacron inline": ("novacron", PLAIN | {"NOVACRON_INLINE_S": "0.25"}),
    "novacron": ("novacron", {}),
}
"""Name -> module and environment. `novacron` is the default configuration; the others disable its two
optimizations.
"""

NEEDS = {"dramatiq": "dramatiq"}


class Contestant:
    """A process that runs shapes and reports seconds."""

    def __init__(self, name: str, number: int, running: Servers) -> None:
        module, environment = CONTESTANTS[name]
        redis_url = running.redis_database(number)
        env = os.environ | environment | {"PEER_REDIS_URL": redis_url, "NOVACRON_REDIS_URL": redis_url}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        if module == "novacron":
            env["NOVACRON_DATABASE_URL"] = running.migrated(f"contestant_{number}")
        command = [sys.executable, "-W", "ignore", "-m", f"benchmarks.orchestration.{module}"]
        self._process = subprocess.Popen(
            command,
            env=env,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdout is not None
        while (line := self._process.stdout.readline()) and "READY" not in line:
            pass

    def seconds(self, shape: str) -> float:
        """Run a shape; return its seconds."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(shape + "\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def stop(self) -> None:
        """Close the pipe and wait."""
        self._process.communicate()


def measure(names: list[str], rounds: int) -> dict[str, dict[str, list[float]]]:
    """Return figures by contestant and shape, one per round; contestants alternate."""
    figures: dict[str, dict[str, list[float]]] = {name: {shape: [] for shape in UNITS} for name in names}
    with servers() as running:
        contestants = {name: Contestant(name, number, running) for number, name in enumerate(names)}
        for done in range(rounds + 1):
            for shape in UNITS:
                for name, contestant in contestants.items():
                    seen = figure(shape, contestant.seconds(shape))
                    if done:  # the first round is a warm-up
                        figures[name][shape].append(seen)
        for contestant in contestants.values():
            contestant.stop()
    return figures


def table(figures: dict[str, dict[str, list[float]]]) -> str:
    """Format medians, and the ratio to the first contestant (above 1 is better)."""
    base = {shape: statistics.median(rows) for shape, rows in next(iter(figures.values())).items()}
    lines = ["| | " + " | ".join(f"{shape} {unit}" for shape, unit in UNITS.items()) + " |", "|---" * 5 + "|"]
    for name, shapes in figures.items():
        cells = []
        for shape, rows in shapes.items():
            median = statistics.median(rows)
            ratio = median / base[shape] if shape == "fan" else base[shape] / median
            cells.append(f"{median:.4g} ({ratio:.1f}x)")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print the table, store the rounds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.orchestration")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default=",".join(CONTESTANTS))
    parser.add_argument("--load", action="store_true", help="keep one core busy meanwhile")
    arguments = parser.parse_args()
    asked = [name.strip() for name in arguments.only.split(",")]
    missing = [name for name in asked if find_spec(NEEDS.get(name, "celery")) is None]
    for name in missing:
        sys.stdout.write(f"{name}: left out, it is not installed (pip install -e '.[bench]')\n")
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if arguments.load else None
    try:
        figures = measure([name for name in asked if name not in missing], arguments.rounds)
    finally:
        if busy:
            busy.kill()
    about = {
        "cores": os.cpu_count(), "load": os.getloadavg()[0], "busy_core": arguments.load,
        "rounds": arguments.rounds,
        "python": platform.python_version(), "celery": version("celery"), "fsync": "on", "workers": 2,
    }  # fmt: skip
    sys.stdout.write(f"{table(figures)}\n{about}\n")
    RESULTS.mkdir(exist_ok=True)
    name = f"orchestration{'_loaded' if arguments.load else ''}.json"
    (RESULTS / name).write_text(json.dumps({"about": about, "figures": figures}, indent=1))


if __name__ == "__main__":
    main()
