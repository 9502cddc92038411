"""How tests are spread over processes: how many there are, what stays together, what goes first.

Every process has servers, folders and loopback ports of its own. The machine code of the simulators is the
one thing shared: Numba writes it so that processes may make it at once, and each would need a minute for it.
"""

import os
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PROCESSES_A_CORE = 1.5
"""Tests of faults wait half of their time. More processes would starve what has low priority."""
MOST_PROCESSES = 16
MEMORY_BYTES = 3 << 29
"""For one process with its servers and a stack."""

TOGETHER = (
    "tests/acceptance/test_[a-c]",
    "tests/acceptance/",
    "tests/faults/test_invariants.py",
    "tests/faults/test_remote.py",
)
"""What shares something that takes long to start, as begins of paths: one stack each for two halves of the
acceptance tests. Elsewhere the tests of a file stay together."""

APART = ("tests/faults/", "tests/test_lock.py")
"""Whose tests are dealt one by one, as they last long and share little."""

FIRST = (
    "tests/faults/test_migration.py",
    "tests/acceptance/test_[a-c]",
    "tests/acceptance/",
    "tests/faults/",
)
"""What lasts longest, and is therefore begun first."""


def n_processes() -> int:
    """How many processes run the tests of `-n auto`."""
    from workers.runtime import memory

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(int(PROCESSES_A_CORE * cores), memory.available() // MEMORY_BYTES, MOST_PROCESSES))


def own_ports(whole: range) -> range:
    """This process's share of the ports, so that no two of them choose the same at once."""
    name = os.environ.get("PYTEST_XDIST_WORKER")
    if name is None:
        return whole
    count = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    size, place = len(whole) // count, int(name.removeprefix("gw")) % count
    return whole[place * size : (place + 1) * size]


def unit(test: str) -> str:
    """What a test is dealt with: all tests of one unit run in one process, one after the other."""
    for begin in TOGETHER:
        if re.match(begin, test):
            return begin
    return test if test.startswith(APART) else test.partition("::")[0]


def turn(test: str) -> int:
    """Where a test's unit stands in the order in which units are dealt."""
    return next((place for place, begin in enumerate(FIRST) if re.match(begin, test)), len(FIRST))


def scheduler(config: Any, log: Any) -> Any:
    """Deals units to processes as these become free."""
    from xdist.scheduler import LoadScopeScheduling

    class Units(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return unit(nodeid)

    config.option.loadscopereorder = False
    return Units(config, log)
