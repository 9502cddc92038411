"""The leader's loop on a real database and broker: what it does without being told."""

import time
from collections.abc import Iterator

import pytest

from scheduler.dispatch.chronicle import LAG_S, MOST, Chronicle
from scheduler.dispatch.hooks import DispatchHook
from scheduler.dispatch.log_lines import LogLines
from scheduler.dispatch.loop import SHORTEST_WAIT_S, SWEEP_S, Loop
from shared.broker.publisher import Publisher
from shared.db import claims, events, jobs
from shared.db.leader import lead
from shared.hooks import together
from shared.settings import Settings
from testing.patience import eventually
from tests.integration.core.world import ME, World, node


@pytest.fixture
def settings(world: World, redis_server, redis_url) -> Settings:
    redis_server.empty()
    world.serve()
    return Settings(database_url=world.url, redis_url=redis_url, lease_s=1.0)


@pytest.fixture
def loop(settings: Settings) -> Iterator[Loop]:
    """A loop that leads."""
    running = Loop(settings)
    running.start()
    eventually(lambda: running.leading)
    yield running
    running.stop()


@pytest.fixture
def broker(redis_url: str) -> Iterator[Publisher]:
    publisher = Publisher(redis_url, "")
    yield publisher
    publisher.close()


def test_of_two_connections_one_leads_until_it_is_gone(world: World) -> None:
    first, second = world.another(), world.another()
    assert lead(first) and lead(first)
    assert not lead(second)
    first.close()
    eventually(lambda: lead(second))


def test_of_two_loops_one_leads_and_the_other_takes_over(loop: Loop, settings: Settings) -> None:
    second = Loop(settings)
    second.start()
    eventually(lambda: loop.leading)
    time.sleep(0.1)
    assert not second.leading
    loop.stop()
    eventually(lambda: second.leading)
    second.stop()


def test_the_longest_wait_is_what_a_lost_notification_costs() -> None:
    waits = [SWEEP_S]
    for taken in (0, 0, 7, 1, *[0] * 30):
        waits.append(Loop._pace(waits[-1], taken))
    assert waits[-1] == max(waits) == SWEEP_S and min(waits) >= SHORTEST_WAIT_S


def test_what_is_ready_is_put_on_the_broker(world: World, loop: Loop, broker: Publisher) -> None:
    job = world.job([node(), node(0)])
    eventually(lambda: broker.waiting("cpu-sim") == {(world.ids(job)[0], 1)})
    assert world.states(job) == ["queued", "blocked"]


def test_it_looks_after_what_went_wrong(world: World, settings: Settings) -> None:
    """A lapsed lease, a job past its time, a delay that is over and a job nobody planned, in one round."""
    lapsed, delayed = world.held_in("running"), world.held_in("running")
    late, waiting = world.job([node()], spec={"timeout_s": 1.0}), world.job(None)
    world.connection.execute(
        "UPDATE jobs SET created_at = created_at - interval '2 s' WHERE id = %s", (late,)
    )
    past = "UPDATE tasks SET lease_until = clock_timestamp() WHERE id = %s"
    world.connection.execute(past, (lapsed.task_id,))
    claims.release(world.connection, delayed, worker=ME, cause="snoozed", delay_s=0.05)
    world.evaluations(late, -1.0, -1.25)
    loop = Loop(settings)
    loop.start()
    attempt = "SELECT attempt FROM tasks WHERE id = %s AND state = 'queued'"
    eventually(lambda: world.rows(attempt, lapsed.task_id) == world.rows(attempt, delayed.task_id) == [(2,)])
    eventually(lambda: world.status(late) == "failed" and world.states(waiting) == ["queued"])
    loop.stop()
    error = world.value("SELECT error FROM jobs WHERE id = %s", late)
    said = "the job ran longer than its timeout_s = 1; the lowest value of its 2 evaluations so far was -1.25"
    assert (error["class"], error["message"]) == ("timeout", said)


def test_a_twin_that_came_too_late_is_completed(world: World, loop: Loop) -> None:
    leader, joining = world.job([node()], content_key="k"), world.another()
    joining.execute("BEGIN")
    twin = world.job([node()], content_key="k", connection=joining)
    eventually(lambda: world.states(leader) == ["queued"])
    world.drive(leader)
    joining.execute("COMMIT")
    eventually(lambda: world.status(twin) == "completed")


def test_an_emptied_redis_costs_one_round(world: World, loop: Loop, broker: Publisher, redis_server) -> None:
    job = world.job([node(), node(0)])
    expected = {(world.ids(job)[0], 1)}
    eventually(lambda: broker.waiting("cpu-sim") == expected)
    redis_server.empty()
    eventually(lambda: broker.waiting("cpu-sim") == expected)


def test_without_redis_jobs_wait_and_then_go_on(
    world: World, loop: Loop, broker: Publisher, redis_server
) -> None:
    redis_server.child.kill()
    try:
        job = world.job([node(), node(0)])
        time.sleep(0.3)
        assert world.status(job) == "queued"
    finally:
        redis_server.ensure()
    eventually(lambda: broker.waiting("cpu-sim") == {(world.ids(job)[0], 1)})


def test_a_lost_database_connection_is_made_again(world: World, loop: Loop) -> None:
    world.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'novacron-loop'"
    )
    job = world.job([node()])
    eventually(lambda: loop.leading and world.states(job) == ["queued"])


def test_the_log_tells_what_happens_to_jobs(
    world: World, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="novacron.scheduler")
    loop = Loop(settings)
    loop.start()
    eventually(lambda: "leader_gained" in caplog.messages)
    time.sleep(LAG_S + 1.5)  # what came before it led is not told
    told = {"queue": "cpu-sim", "backend": None, "granularity": "single"}
    job = world.job([node()])
    jobs.tell(world.connection, job, [("placement", told)])
    eventually(lambda: f"dispatched tasks=1 messages=1 queues=cpu-sim:1 jobs={job}" in caplog.messages)
    world.drive(job)
    whose = f"job={job} tenant_id={world.value('SELECT id FROM tenants LIMIT 1')}"
    completed = f"completed {whose} kind=pure_classical took_s="
    eventually(lambda: any(line.startswith(completed) for line in caplog.messages))
    tenant = world.value("SELECT name FROM tenants LIMIT 1")
    assert f"submitted {whose} kind=pure_classical tenant={tenant} cause=accepted" in caplog.messages
    assert f"planned {whose} queue=cpu-sim granularity=single" in caplog.messages
    lapsed = world.held_in("running")
    world.connection.execute(
        "UPDATE tasks SET lease_until = clock_timestamp() WHERE id = %s", (lapsed.task_id,)
    )
    eventually(lambda: 'rescued tasks=1 cause="their leases ran out"' in caplog.messages)
    loop.stop()
    assert "leader_lost cause=stopped" in caplog.messages


def test_very_many_facts_are_counted(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="novacron.scheduler")
    chronicle = Chronicle(together(DispatchHook, [LogLines()]))
    chronicle._told = events.newest(world.connection)
    for _ in range(MOST + 5):
        world.job([node()])
    chronicle._newest.append((time.monotonic() - LAG_S, events.newest(world.connection)))
    chronicle.tell(world.connection)
    assert caplog.messages == [f"many submitted={MOST + 5}"]
