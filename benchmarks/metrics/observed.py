"""The compared stack with metrics: the leader's in this process, the worker's on the given port."""

from __future__ import annotations

import os

from benchmarks.orchestration.novacron import Stack, fan
from benchmarks.orchestration.shapes import serve
from scheduler.dispatch.loop import standard
from scheduler.observation.counts import Counts
from scheduler.observation.observer import Observer
from shared.metrics.tally import TALLY
from shared.settings import load


def main() -> None:
    settings = load()
    TALLY.on = settings.metrics_port > 0
    stack = Stack((*standard(), Counts()) if TALLY.on else None)
    if TALLY.on:
        Observer(settings, stack.leading).start()
    stack.run(fan(20))
    try:
        serve({"fan": lambda: stack.run(fan())})
    finally:
        stack.stop()
        os._exit(0)


if __name__ == "__main__":
    main()
