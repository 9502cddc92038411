"""PostgreSQL that takes no writes for a while, as after a fail-over: what was computed meanwhile is kept."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from shared.tasks import TaskSpec
from testing.faults import functions
from testing.faults.client import Client
from testing.faults.loops import VQE
from testing.faults.rig import Rig
from tests.faults.conftest import LEASE_S

COMPLETED = "SELECT count(*) FROM jobs WHERE state = 'completed'"
WORST = "SELECT max(attempt), max(failures) FROM tasks"
FAILED = """
SELECT error FROM jobs WHERE state <> 'completed' UNION ALL SELECT error FROM tasks WHERE error IS NOT NULL
"""


@contextmanager
def read_only(rig: Rig) -> Iterator[None]:
    """For all sessions: those under way end."""

    def turn(value: str) -> None:
        with psycopg.connect(
            rig.database_url, autocommit=True, options="-c default_transaction_read_only=off"
        ) as connection:
            name = connection.info.dbname
            connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {value}".encode())
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    turn("on")
    try:
        rig.until(lambda: rig.value("SHOW default_transaction_read_only") == "on", "it takes no writes")
        yield
    finally:
        turn("off")


@pytest.mark.parametrize(("lease_s", "outage_s"), [(60.0, 0.4 * LEASE_S), (LEASE_S, 2 * LEASE_S)])
def test_jobs_of_every_path_end_though_nothing_can_be_recorded_for_a_while(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, lease_s: float, outage_s: float
) -> None:
    """Chunks, chains that are gone on with, calls, loops of one task and of many, and jobs that wait.

    A lease of a minute outlives the outage on the slowest machine, which may take seconds to end it.
    """
    monkeypatch.setattr(rig, "lease_s", lease_s)
    client = Client(rig.scheduler().url, rig.token)
    rig.worker()
    traces = rig.traces()
    loops = [
        client.submit(VQE | {"seed": seed, "granularity": granularity, "optimizer": optimizer})
        for seed, granularity, optimizer in (
            (1, "fused", {"name": "adam", "max_iterations": 150}),
            (2, "fanned_out", {"name": "adam", "max_iterations": 4}),
        )
    ]
    assert loops[0] is not None
    waiting = client.submit(
        {"kind": "pure_classical", "function": "noop", "depends_on": [loops[0]["job_id"]]}
    )
    assert waiting is not None
    rig.calls("fault_trace", 30, path=str(traces), seconds=0.1)
    for _ in range(20):
        rig.submit([TaskSpec("noop", "cpu-sim", cost_s=0.0001)])
    rig.submit([TaskSpec("noop", "cpu-sim", after=(k - 1,) if k else (), cost_s=0.001) for k in range(40)])
    rig.until(lambda: len(functions.notes(traces, "began")) > 2, "calls are under way")
    with read_only(rig):
        time.sleep(outage_s)
        done = rig.value(COMPLETED)
    rig.finish()
    assert rig.rows(FAILED) == []
    assert rig.value(COMPLETED) > done
    attempt, failures = rig.rows(WORST)[0]
    if outage_s < lease_s:
        assert (attempt, failures) == (1, 0)
        assert len(functions.notes(traces, "began")) == 30
    assert failures <= 1
