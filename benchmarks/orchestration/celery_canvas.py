"""Celery canvas: groups, chords and chains, with late acknowledgement as a durable set-up needs."""

import subprocess
import sys
import time

from celery import chain, chord

from benchmarks.orchestration.celery_app import noop
from benchmarks.orchestration.shapes import (
    CHAIN,
    FAN,
    ITERATIONS,
    LOOP_ITERATIONS,
    LOOP_WIDTH,
    WIDTH,
    serve,
)


def fan(width=FAN):
    chord([noop.s() for _ in range(width)], noop.s()).apply_async().get()


def hops():
    chain(*[noop.si() for _ in range(CHAIN)]).apply_async().get()


def loop(iterations=ITERATIONS, width=WIDTH):
    for _ in range(iterations):
        fan(width)


def main():
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "benchmarks.orchestration.celery_app",
        "worker",
        "-c",
        "2",
    ]
    worker = subprocess.Popen([*command, "-l", "ERROR", "--without-gossip", "--without-mingle"])
    time.sleep(3)
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
