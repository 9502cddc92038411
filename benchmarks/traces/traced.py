"""The compared stack, with tracing as set by the environment: the leader in this process, and a worker."""

from __future__ import annotations

import os
from functools import partial

from benchmarks.orchestration.novacron import Stack, fan
from benchmarks.orchestration.shapes import serve
from scheduler.dispatch.hooks import DispatchHook
from scheduler.dispatch.loop import standard
from scheduler.dispatch.traces import Traces
from shared.db import session
from shared.settings import load
from shared.traces.tracing import configured


def main() -> None:
    """Serve fan-outs; with tracing each is a job in its own trace."""
    attached: list[DispatchHook] = [*standard()]
    tracing = configured("benchmark")
    if tracing:
        tracing.start("benchmark")
        connect = partial(session.connect, load().database_url, name="traces", durable=False)
        attached.append(Traces(tracing, connect))
    stack = Stack(attached)

    def run() -> None:
        stack.run(fan(), traceparent=str(tracing.root(None, "submit")) if tracing else None)

    stack.run(fan(20))
    try:
        serve({"fan": run})
    finally:
        stack.stop()
        os._exit(0)


if __name__ == "__main__":
    main()
