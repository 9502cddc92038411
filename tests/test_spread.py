"""How tests are spread over processes, and what a run that leaves something behind is told."""

import os
import re
import subprocess
import sys

import pytest

from tests import leftovers, spread

WAITING = "print(flush=True); import time; time.sleep(3600)"


def test_what_shares_much_stays_together_and_what_lasts_long_is_dealt_alone():
    units = {spread.unit(f"tests/acceptance/test_{name}.py::test_x[1]") for name in ("a", "cache", "d", "z")}
    assert units == {"tests/acceptance/test_[a-c]", "tests/acceptance/"}
    assert spread.unit("tests/faults/test_invariants.py::test_x") == "tests/faults/test_invariants.py"
    assert spread.unit("tests/unit/test_a.py::test_x[a::b]") == "tests/unit/test_a.py"
    assert spread.unit("tests/faults/test_a.py::test_x") == "tests/faults/test_a.py::test_x"


def test_what_lasts_longest_is_dealt_first():
    assert spread.turn("tests/acceptance/test_a.py::test_x") < spread.turn(
        "tests/acceptance/test_z.py::test_x"
    )
    assert spread.turn("tests/faults/test_migration.py::test_x[a]") == 0
    assert spread.turn("tests/unit/test_a.py::test_x") == len(spread.FIRST)


def test_all_that_is_said_of_files_is_said_of_files_there_are():
    named = (*spread.TOGETHER, *spread.APART, *spread.FIRST)
    files = [path.relative_to(spread.ROOT).as_posix() for path in (spread.ROOT / "tests").rglob("*.py")]
    assert not [begin for begin in named if not any(re.match(begin, file) for file in files)]


@pytest.mark.parametrize("count", [1, 4, 16])
def test_processes_have_ports_of_their_own(monkeypatch, count):
    whole = range(20_000, 32_000)
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", str(count))
    shares = []
    for number in range(count):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", f"gw{number}")
        shares.append(set(spread.own_ports(whole)))
    assert all(share <= set(whole) and len(share) >= 500 for share in shares)
    assert len(set.union(*shares)) == sum(map(len, shares))
    monkeypatch.delenv("PYTEST_XDIST_WORKER")
    assert spread.own_ports(whole) == whole


def test_there_are_as_many_processes_as_memory_allows(monkeypatch):
    cores = len(os.sched_getaffinity(0))
    monkeypatch.setattr(spread, "PROCESSES_A_CORE", 2)
    for gib, wanted in ((0, 1), (3, 2), (1024, min(2 * cores, spread.MOST_PROCESSES))):
        monkeypatch.setattr("workers.runtime.memory.available", lambda gib=gib: gib << 30)
        assert spread.n_processes() == wanted


def test_what_a_run_leaves_behind_is_named_and_ended(monkeypatch):
    monkeypatch.setattr(leftovers, "ENDING_S", 0.1)
    monkeypatch.setenv(leftovers.RUN, "another run")
    with subprocess.Popen([sys.executable, "-c", WAITING], stdout=subprocess.PIPE) as left:
        assert left.stdout is not None
        left.stdout.readline()
        assert leftovers.end() == [f"left behind: process {left.pid}: {sys.executable} -c {WAITING}"]
        assert left.wait() != 0
    assert leftovers.end() == []
