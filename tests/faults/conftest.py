"""One PostgreSQL and one Redis for all faults; schedulers and workers end with each test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from testing import programs
from testing.faults.invariants import check
from testing.faults.rig import Rig
from testing.faults.rig import rig as running

LEASE_S = 4.0
"""Of tasks. Holders say every second that they are there; a loaded machine may delay them for seconds."""
# Where tests run unattended, they fail without these programs.
NOT_RUN = {
    file: f"{what} not run: {why}"
    for file, what, needed, why in (
        ("test_rig.py", "migrations of foreign servers", programs.TLS | programs.SERVERS, programs.WHY),
        ("test_alerts.py", "alerts on faults", programs.PROMETHEUS, programs.WHY_PROMETHEUS),
    )
    if not programs.all_here(needed) and not os.environ.get("CI")
}
collect_ignore = list(NOT_RUN)


def pytest_not_run() -> list[str]:
    return list(NOT_RUN.values())


@pytest.fixture(scope="session")
def shared_rig(server_data: Path) -> Iterator[Rig]:
    (folder := server_data / "faults").mkdir()
    with running(folder, lease_s=LEASE_S, fsync=False, quick=True) as made:
        yield made


@pytest.fixture
def rig(shared_rig: Rig) -> Iterator[Rig]:
    """The servers, emptied; after the test the invariants must hold."""
    shared_rig.reset()
    yield shared_rig
    try:
        check(shared_rig)
    finally:
        shared_rig.end_processes()
