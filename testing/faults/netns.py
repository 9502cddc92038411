"""A worker in a network namespace, whose only path to Redis drops every packet for a while (root only)."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from testing.faults.broker import silent_worker
from testing.faults.proxy import Proxy
from testing.faults.rig import Rig, address
from testing.faults.workers import Figures


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


@dataclass(frozen=True, slots=True)
class Link:
    """A network namespace and the only link into it, under unique names."""

    space: str
    outside: str
    inside: str
    here: str
    there: str


_numbers = count()


@contextmanager
def _link() -> Iterator[Link]:
    name, net = f"nc{os.getpid()}-{next(_numbers)}", f"10.231.{os.getpid() % 256}"
    link = Link(name, f"{name}o", f"{name}i", f"{net}.1", f"{net}.2")
    _ip("netns", "add", link.space)
    try:
        _ip("link", "add", link.outside, "type", "veth", "peer", "name", link.inside, "netns", link.space)
        _ip("address", "add", f"{link.here}/30", "dev", link.outside)
        _ip("link", "set", link.outside, "up")
        _ip("-n", link.space, "address", "add", f"{link.there}/30", "dev", link.inside)
        _ip("-n", link.space, "link", "set", link.inside, "up")
        yield link
    finally:
        # Not left to the namespace, which persists while a process within it runs.
        subprocess.run(["ip", "link", "delete", link.outside], check=False)
        _ip("netns", "delete", link.space)


def dropped(rig: Rig, away_s: float) -> Figures:
    """Drop every packet between a worker and Redis, then restore the path."""
    rig.scheduler()
    host, port = address(rig.redis_url)
    with _link() as link, Proxy((host, port), link.here) as proxy:
        url = rig.redis_url.replace(f"{host}:{port}", f"{link.here}:{proxy.port}")
        worker = rig.worker(redis_url=url, prefix=("ip", "netns", "exec", link.space))
        nobody_there = (link.there, "lladdr", "02:00:00:00:00:01", "dev", link.outside)
        nobody_here = (link.here, "lladdr", "02:00:00:00:00:02", "dev", link.inside)

        def drop() -> None:
            _ip("neighbour", "replace", *nobody_there)
            _ip("-n", link.space, "neighbour", "replace", *nobody_here)

        def heal() -> None:
            _ip("neighbour", "delete", link.there, "dev", link.outside)
            _ip("-n", link.space, "neighbour", "delete", link.here, "dev", link.inside)

        try:
            return silent_worker(rig, drop, heal, away_s)
        finally:
            worker.kill()
            time.sleep(0.1)
