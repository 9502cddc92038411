"""The shapes that every contestant runs, and the driver's protocol.

A contestant runs in a separate process; the driver writes the name of a shape to its standard input and reads
the seconds it took from its standard output. Thus all contestants are timed alternately, under the same load.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence

FAN = 1000
CHAIN = 200
ITERATIONS, WIDTH = 100, 8
LOOP_ITERATIONS, LOOP_WIDTH = 10, 4

TASKS = {
    "fan": FAN + 1,
    "chain": CHAIN,
    "loop": ITERATIONS,
    "loop10x4": 1,
}
"""Number of tasks of a shape, by which its seconds are divided."""

UNITS = {"fan": "tasks/s", "chain": "ms/hop", "loop": "ms/iteration", "loop10x4": "s"}


def figure(shape: str, seconds: float) -> float:
    """Return the shape's figure in its unit."""
    if shape == "fan":
        return TASKS[shape] / seconds
    return seconds if shape == "loop10x4" else 1e3 * seconds / TASKS[shape]


def serve(runs: dict[str, Callable[[], object]]) -> None:
    """Serve the driver until it closes the pipe."""
    sys.stdout.write("READY\n")
    sys.stdout.flush()
    for line in sys.stdin:
        start = time.perf_counter()
        runs[line.strip()]()
        sys.stdout.write(f"{time.perf_counter() - start}\n")
        sys.stdout.flush()


START_S = 3.0
"""Seconds that a peer's worker is given to start."""


def peer(fan: Callable[[int], object], chain: Callable[[int], object], worker: Sequence[str]) -> None:
    """Serve the driver with another task queue.

    Args:
        fan: runs so many tasks and one after them, and waits for it.
        chain: runs so many tasks one after the other, and waits for the last.
        worker: module and arguments that start a worker with two processes.
    """

    def loop(iterations: int, width: int) -> None:
        for _ in range(iterations):
            fan(width)

    process = subprocess.Popen(
        [sys.executable, "-m", *worker], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        time.sleep(START_S)
        fan(20)
        serve({
            "fan": lambda: fan(FAN),
            "chain": lambda: chain(CHAIN),
            "loop": lambda: loop(ITERATIONS, WIDTH),
            "loop10x4": lambda: loop(LOOP_ITERATIONS, LOOP_WIDTH),
        })  # fmt: skip
    finally:
        process.terminate()
        process.wait(20)
