"""Cost of tracing: `python -m benchmarks.traces [--rounds N]`.

The path of a no-op task without tracing, with a sampler that drops every trace, and with every task traced to
a collector on this machine that only reads and answers requests.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.observed import QUEUE, Way, compared, publish, started
from benchmarks.servers import servers
from scheduler.dispatch.traces import Traces as OfLeader
from shared.db import session
from shared.traces.tracing import configured
from workers.runtime.traces import Traces

RESULTS = Path(__file__).parents[1] / "results" / "traces.json"


@contextmanager
def sink() -> Iterator[str]:
    """Run a sink in a process of its own; yield its address."""
    command = [sys.executable, "-m", "benchmarks.traces.sink"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.terminate()


def traced(url: str, variables: Mapping[str, str]) -> Way:
    """Return the way with tracing as set by the variables."""
    os.environ |= variables
    tracing = configured("benchmark")
    assert tracing is not None
    for name in variables:
        del os.environ[name]
    connect = partial(session.connect, url, name="traces", durable=False)
    return Way(
        (OfLeader(tracing, connect),),
        (Traces(tracing, QUEUE),),
        traceparent=lambda: str(tracing.root(None, "submit")),
        threads=started(lambda: tracing.start("benchmark")),
    )


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.traces")
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    with servers() as running, sink() as address:
        url = running.migrated("traces")
        on = {"OTEL_EXPORTER_OTLP_ENDPOINT": address}
        dropped = {"OTEL_TRACES_SAMPLER": "always_off"}
        ways = {"off": Way(), "unsampled": traced(url, on | dropped), "on": traced(url, on)}
        summary = compared(running, url, ways, rounds)
    publish(summary, RESULTS)


if __name__ == "__main__":
    main()
