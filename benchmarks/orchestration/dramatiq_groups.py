"""dramatiq: groups and pipelines, two processes of one thread."""

import subprocess
import sys
import time

from dramatiq import group, pipeline

from benchmarks.orchestration.dramatiq_app import noop
from benchmarks.orchestration.shapes import (
    CHAIN,
    FAN,
    ITERATIONS,
    LOOP_ITERATIONS,
    LOOP_WIDTH,
    WIDTH,
    serve,
)

PATIENCE_MS = 60_000


def fan(width=FAN):
    list(group([noop.message() for _ in range(width)]).run().get_results(block=True, timeout=PATIENCE_MS))
    noop.send().get_result(block=True, timeout=PATIENCE_MS)


def hops():
    pipeline([noop.message() for _ in range(CHAIN)]).run().get_result(block=True, timeout=PATIENCE_MS)


def loop(iterations=ITERATIONS, width=WIDTH):
    for _ in range(iterations):
        fan(width)


def main():
    command = [
        sys.executable,
        "-m",
        "dramatiq",
        "benchmarks.orchestration.dramatiq_app",
        "-p",
        "2",
        "-t",
        "1",
    ]
    worker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(2)
    fan(20)
    try:
        serve(
            {"fan": fan, "chain": hops, "loop": loop, "loop10x4": lambda: loop(LOOP_ITERATIONS, LOOP_WIDTH)}
        )
    finally:
        worker.terminate()
        worker.wait(20)


if __name__ == "__main__":
    main()
