"""Keeping hold of what runs: leases renewed, and running functions stopped."""

import threading
import time
from collections.abc import Callable

import pytest

from shared.db import claims, jobs, session
from shared.db.claims import Claim
from testing.patience import PATIENCE_S, eventually
from tests.integration.core.world import ME, World
from workers.runtime import lease as module
from workers.runtime.lease import Leases
from workers.runtime.outcome import Stopped


@pytest.fixture
def held(world: World) -> Claim:
    return world.held_in("running")


@pytest.fixture
def make(world: World, monkeypatch) -> Callable[..., Leases]:
    """Makes a hold that beats ten times a second."""
    monkeypatch.setattr(module, "BEAT_S", 0.1)
    monkeypatch.setattr(module, "GRACE_S", PATIENCE_S)  # the process that it would end is the one that tests

    def made(*, lease_s: float = 2000.0, memory_limit: int = 1 << 50) -> Leases:
        return Leases(
            lambda: session.connect(world.url, name="beat", durable=False),
            worker=ME, lease_s=lease_s, memory_limit=memory_limit,
        )  # fmt: skip

    return made


def left_s(world: World, claim: Claim) -> float:
    """Seconds until the lease runs out."""
    query = "SELECT extract(epoch FROM lease_until - clock_timestamp())::float8 FROM tasks WHERE id = %s"
    return float(world.value(query, claim.task_id))


def test_leases_are_renewed_while_the_tasks_are_held(world: World, held: Claim, make, monkeypatch) -> None:
    world.connection.execute("UPDATE tasks SET lease_until = clock_timestamp() + interval '1 s'")
    hold = make(lease_s=5000.0)
    beats: list[list[Claim]] = []
    beat = hold._beat

    def recorded(connection: session.Connection, held: list[Claim]) -> None:
        beats.append(held)
        beat(connection, held)

    monkeypatch.setattr(hold, "_beat", recorded)
    hold.take([held])
    with hold.running(held):
        eventually(lambda: left_s(world, held) > 4000)
    hold.let_go()
    following = world.held_in("running")
    hold.take([following])
    eventually(lambda: beats[-1] == [following])
    n_beats = len(beats)
    eventually(lambda: len(beats) > n_beats + 2)
    assert held not in [claim for beat in beats[n_beats:] for claim in beat]


def test_a_function_that_never_checks_in_is_interrupted(world: World, held: Claim, make) -> None:
    hold = make()
    hold.take([held])
    jobs.cancel(world.connection, held.job_id)
    with pytest.raises(Stopped), hold.running(held):
        time.sleep(PATIENCE_S)
        pytest.fail("it was not interrupted")


def test_a_task_that_begins_amid_a_beat_is_stopped_by_it(
    world: World, held: Claim, make, monkeypatch
) -> None:
    hold, looked, goes_on = make(), threading.Event(), threading.Event()
    beat = hold._beat

    def late(connection: session.Connection, claims_held: list[Claim]) -> None:
        looked.set()
        goes_on.wait(PATIENCE_S)
        beat(connection, claims_held)

    monkeypatch.setattr(hold, "_beat", late)
    hold.take([held])
    jobs.cancel(world.connection, held.job_id)
    assert looked.wait(PATIENCE_S)
    with pytest.raises(Stopped), hold.running(held):
        goes_on.set()
        time.sleep(PATIENCE_S)
        pytest.fail("it was not interrupted")


def test_a_checkpoint_says_nothing_while_all_is_well(held: Claim, make) -> None:
    hold = make()
    hold.take([held])
    with hold.running(held):
        for _ in range(5):
            assert hold.checkpoint() is None


def test_a_task_lost_before_it_began_is_not_begun(world: World, held: Claim, make) -> None:
    hold = make()
    hold.take([held])
    claims.release(world.connection, held, worker=ME, cause="lost")
    eventually(lambda: not hold._held)
    with pytest.raises(Stopped), hold.running(held):
        pytest.fail("it began")


def test_a_beat_that_comes_late_does_not_stop_the_next_task(world: World, held: Claim, make) -> None:
    """The beat asked for a task that was recorded meanwhile; the worker is at the one after it."""
    hold, following = make(), world.held_in("running")
    world.finish([held])
    hold.take([following])
    connection = world.another()
    with hold.running(following):
        late = threading.Thread(target=lambda: hold._beat(connection, [held]))
        late.start()
        late.join()
        assert hold.checkpoint() is None


def test_a_task_above_the_memory_limit_fails_by_its_bytes(world: World, held: Claim, make) -> None:
    hold = make(memory_limit=1000)
    hold.take([held])
    with pytest.raises(Stopped), hold.running(held):
        time.sleep(PATIENCE_S)
        pytest.fail("it was not interrupted")
    error = world.value("SELECT error FROM jobs WHERE id = %s", held.job_id)
    assert error["class"] == "resource" and "limit of 1,000" in error["message"]


def test_a_lost_connection_does_not_end_the_heartbeat(world: World, held: Claim, make) -> None:
    hold = make(lease_s=5000.0)
    hold.take([held])
    with hold.running(held):
        eventually(lambda: left_s(world, held) > 4000)
        world.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'beat'")
        world.connection.execute("UPDATE tasks SET lease_until = clock_timestamp() + interval '1 s'")
        eventually(lambda: left_s(world, held) > 45)
