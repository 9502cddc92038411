"""The shapes every contestant runs, and how a contestant is driven.

A contestant stays up in a process of its own; the driver writes the name of a shape on its standard input and
reads the seconds it took from its standard output. So all contestants are timed in turn, under the same load.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

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
"""What the seconds of a shape are divided by."""

UNITS = {"fan": "tasks/s", "chain": "ms/hop", "loop": "ms/iteration", "loop10x4": "s"}


def figure(shape: str, seconds: float) -> float:
    """The shape's figure in its unit."""
    if shape == "fan":
        return TASKS[shape] / seconds
    return seconds if shape == "loop10x4" else 1e3 * seconds / TASKS[shape]


def serve(runs: dict[str, Callable[[], object]]) -> None:
    """Answer the driver until it closes the pipe."""
    sys.stdout.write("READY\n")
    sys.stdout.flush()
    for line in sys.stdin:
        start = time.perf_counter()
        runs[line.strip()]()
        sys.stdout.write(f"{time.perf_counter() - start}\n")
        sys.stdout.flush()
