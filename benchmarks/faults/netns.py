"""A worker in a network namespace, whose only way to Redis drops every packet for a while (root only)."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.faults.broker import silent_worker
from benchmarks.faults.proxy import Proxy
from benchmarks.faults.rig import Rig, address
from benchmarks.faults.workers import Figures

SPACE, OUTSIDE, INSIDE = "ncfaults", "ncf-out", "ncf-in"
HERE, THERE = "10.231.77.1", "10.231.77.2"


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


@contextmanager
def _namespace() -> Iterator[None]:
    _ip("netns", "add", SPACE)
    try:
        _ip("link", "add", OUTSIDE, "type", "veth", "peer", "name", INSIDE, "netns", SPACE)
        _ip("address", "add", f"{HERE}/30", "dev", OUTSIDE)
        _ip("link", "set", OUTSIDE, "up")
        _ip("-n", SPACE, "address", "add", f"{THERE}/30", "dev", INSIDE)
        _ip("-n", SPACE, "link", "set", INSIDE, "up")
        yield
    finally:
        # Not left to the namespace, which lives on while a process within it does.
        subprocess.run(["ip", "link", "delete", OUTSIDE], check=False)
        _ip("netns", "delete", SPACE)


def dropped(rig: Rig, away_s: float) -> Figures:
    """Every packet between a worker and Redis is dropped, then the way is open again."""
    rig.scheduler()
    host, port = address(rig.redis_url)
    with _namespace(), Proxy((host, port), HERE) as proxy:
        url = rig.redis_url.replace(f"{host}:{port}", f"{HERE}:{proxy.port}")
        worker = rig.worker(redis_url=url, prefix=("ip", "netns", "exec", SPACE))
        neighbour = ("neighbour", "replace", THERE, "lladdr", "02:00:00:00:00:01", "dev", OUTSIDE)

        def drop() -> None:
            _ip(*neighbour)  # what is sent there goes to nobody
            _ip("-n", SPACE, "neighbour", "replace", HERE, "lladdr", "02:00:00:00:00:02", "dev", INSIDE)

        def heal() -> None:
            _ip("neighbour", "delete", THERE, "dev", OUTSIDE)
            _ip("-n", SPACE, "neighbour", "delete", HERE, "dev", INSIDE)

        try:
            return silent_worker(rig, drop, heal, away_s)
        finally:
            worker.kill()
            time.sleep(0.1)
