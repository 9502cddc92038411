"""The API over TLS compared with plain HTTP: `python -m benchmarks.tls`.

Two embedded stacks, one with `--tls`, queried alternately by the same client on loopback; nothing else
differs.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from novacron._transport import http
from novacron._transport.endpoint import Endpoint
from novacron._transport.flows import call
from novacron._transport.socket import Connections

ROUNDS, PER_ROUND, THREADS = 20, 50, 4
RESULT = Path(__file__).parent / "results" / "tls.json"
QUESTION = http.get("/healthz")


@contextmanager
def api(folder: Path, *options: str) -> Iterator[Endpoint]:
    """Yield a stack with the fewest workers."""
    novacron = [sys.executable, "-c", "from novacron.cli import main; main()"]
    environment = os.environ | {"NOVACRON_QUEUES": "crypto"}
    where = ("--data", str(folder))
    subprocess.run([*novacron, "up", *options, *where, "--detach"], env=environment, check=True)
    try:
        state = json.loads((folder / "runtime.json").read_text())
        yield Endpoint(state["url"], state["token"], ca_file=state["ca_file"])
    finally:
        subprocess.run([*novacron, "down", *where], check=True)


def ask(connections: Connections, n: int) -> None:
    """Send so many requests, one after the other."""
    for _ in range(n):
        connections.run(call(QUESTION))


def kept(endpoint: Endpoint) -> Callable[[], None]:
    """Send requests on one persistent connection."""
    connections = Connections(endpoint)
    return lambda: ask(connections, PER_ROUND)


def fresh(endpoint: Endpoint) -> Callable[[], None]:
    """Send requests with a new connection and handshake each."""
    connections = Connections(endpoint)

    def run() -> None:
        for _ in range(PER_ROUND):
            ask(connections, 1)
            connections.close()

    return run


def together(endpoint: Endpoint) -> Callable[[], None]:
    """Send requests from several threads, with a persistent connection each."""
    connections = Connections(endpoint)

    def run() -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda n: ask(connections, n), [PER_ROUND // 2] * THREADS))

    return run


def seconds(run: Callable[[], None]) -> float:
    """Return the duration of one round."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def measure(endpoints: dict[str, Endpoint]) -> dict[str, dict[str, float]]:
    """Return medians of milliseconds per request by mode, and of requests per second of several threads."""
    uses = {"kept_ms": (kept, PER_ROUND), "fresh_ms": (fresh, PER_ROUND), "per_s": (together, 0)}
    found: dict[str, dict[str, float]] = {name: {} for name in endpoints}
    for use, (make, n) in uses.items():
        runs = {name: make(endpoint) for name, endpoint in endpoints.items()}
        taken: dict[str, list[float]] = {name: [] for name in endpoints}
        for _ in range(ROUNDS):
            for name, run in runs.items():
                taken[name].append(seconds(run))
        for name, times in taken.items():
            median = statistics.median(times)
            found[name][use] = median / n * 1e3 if n else PER_ROUND // 2 * THREADS / median
    return found


def main() -> None:
    """Measure, print, and store."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        endpoints = {
            "plain": stack.enter_context(api(Path(folder) / "plain")),
            "tls": stack.enter_context(api(Path(folder) / "tls", "--tls")),
        }
        found = measure(endpoints)
    for name, row in found.items():
        each = f"{row['kept_ms']:.2f} ms kept, {row['fresh_ms']:.2f} ms fresh"
        print(f"{name:6} {each}, {row['per_s']:.0f} a second")
    machine = {"machine": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    RESULT.write_text(json.dumps(machine | {"rounds": ROUNDS, "api": found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
