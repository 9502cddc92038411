"""What the leader reads from rows, on a real database: right to the count, and bounded."""

from collections.abc import Iterator

import pytest

from scheduler.dispatch.loop import Loop, standard
from scheduler.observation.counts import Counts
from scheduler.observation.observer import History, Observer
from shared.db import claims, events, jobs, observation, runtimes, workers
from shared.metrics.exposition import text
from shared.metrics.table import METRICS
from shared.metrics.tally import TALLY
from shared.queues import QUEUES
from shared.settings import Settings
from testing.patience import eventually
from tests.integration.core.world import ME, World, node


@pytest.fixture(autouse=True)
def counted() -> Iterator[None]:
    TALLY.begin()
    yield
    TALLY.begin()
    TALLY.on = False


def load(world: World, queue: str) -> observation.QueueLoad:
    [found] = observation.queues(world.connection, [queue])
    return found


def test_the_load_of_a_queue_is_by_state_and_in_seconds_of_work(world: World) -> None:
    world.serve("cpu-sim", 4)
    world.job([*(node(cost_s=2.0) for _ in range(3)), node(*range(3), cost_s=100.0)])
    world.job([node(queue="crypto", cost_s=5.0)])
    world.take(limit=1000)
    queued = world.value("SELECT count(*) FROM tasks WHERE state = 'queued' AND queue = 'cpu-sim'")
    assert queued == 3
    assert load(world, "cpu-sim")[:5] == ("cpu-sim", 0, 0, 3, 0)
    assert load(world, "cpu-sim").seconds == pytest.approx(6.0 / 4)
    assert load(world, "crypto")[:5] == ("crypto", 1, 0, 0, 0)
    assert load(world, "crypto").seconds == 5.0, "without a worker as if there were one slot"
    assert load(world, "gpu-sim")[1:] == (0, 0, 0, 0, 0.0, 0.0)
    assert runtimes.backlog_s(world.connection, "cpu-sim") == pytest.approx(6.0 / 4)


def test_sql_tells_the_same_number_in_one_row_for_every_name(world: World) -> None:
    world.job([node(cost_s=2.0)])
    seconds = "SELECT seconds FROM queue_load(%s)"
    assert world.rows(seconds, "cpu-sim") == [(2.0,)]
    assert world.rows(seconds, "no such queue") == [(0.0,)]


def test_slots_are_those_of_workers_that_are_heard_of_and_take_tasks(world: World) -> None:
    for worker in ("a", "b", "c"):
        world.serve("cpu-sim", 2, worker)
    workers.drain(world.connection, "b")
    world.connection.execute(
        "UPDATE workers SET seen_at = clock_timestamp() - interval '16 seconds' WHERE id = 'c'"
    )
    assert world.value("SELECT slots FROM queue_load('cpu-sim')") == 2
    [found] = observation.observe(world.connection, QUEUES).workers
    assert found[:5] == ("cpu-sim", 1, 1, 1, 2) and found.up_s > 0


def test_the_oldest_is_the_one_ready_longest_in_whatever_way_it_became_ready(world: World) -> None:
    world.job([node(), node(0)])
    world.connection.execute("UPDATE tasks SET ready_at = clock_timestamp() - interval '1 hour'")
    assert load(world, "cpu-sim").oldest_s == pytest.approx(3600, abs=60)
    [first] = world.claim()
    assert load(world, "cpu-sim").oldest_s == 0.0, "what runs does not wait"
    claims.release(world.connection, first, worker=ME, cause="snoozed")
    assert 0 < load(world, "cpu-sim").oldest_s < 60
    world.finish(world.claim())
    assert 0 < load(world, "cpu-sim").oldest_s < 60, "the child became ready just now"


def test_tasks_are_counted_from_indexes_alone(world: World) -> None:
    """Rows of the table are not read, however many tasks there are or were."""
    world.job([node() for _ in range(3000)])
    world.connection.execute("VACUUM ANALYZE tasks")
    world.connection.execute("SET enable_bitmapscan = off")  # as the function has it
    plan = "\n".join(
        row[0]
        for row in world.rows(
            "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT count(*), sum(cost_s), min(ready_at) FROM tasks "
            "WHERE state = 'ready' AND not_before IS NULL AND queue = 'cpu-sim'"
        )
    )
    assert "Index Only Scan using tasks_ready" in plan, plan


def test_jobs_are_counted_by_what_happened_to_them(world: World) -> None:
    history = History(events.newest(world.connection))
    history.until = events.newest(world.connection)
    done = world.job([node()], content_key="k")
    joined = world.job([node()], content_key="k")
    cached = world.job((), content_key="c", cached={"value": 1})
    urgent = world.job([node()], spec={"priority": 5})
    failed = world.job([node()])
    cancelled = world.job([node()])
    jobs.cancel(world.connection, cancelled)
    jobs.fail(world.connection, failed, {"class": "internal", "message": "it broke"})
    for job in (done, urgent):
        world.drive(job)
    assert [world.status(job) for job in (done, joined, cached, urgent, failed, cancelled)] == [
        "completed", "completed", "completed", "completed", "failed", "cancelled",
    ]  # fmt: skip
    history.until = events.newest(world.connection)
    for _ in range(2):
        history.count(world.connection)  # once, however often it is asked
    shown = TALLY.shown()
    ended = {labels: n for labels, n in shown["novacron_jobs_total"].items() if n}
    assert ended == {
        ("pure_classical", "completed"): 4.0, ("pure_classical", "failed"): 1.0,
        ("pure_classical", "cancelled"): 1.0,
    }  # fmt: skip
    results = shown["novacron_cache_total"]
    assert results == {("hit",): 1.0, ("joined",): 1.0, ("miss",): 1.0, ("off",): 3.0}
    starts = shown["novacron_submit_to_start_seconds"]
    n_started = {labels: sum(kept[:-1]) for labels, kept in starts.items() if isinstance(kept, list)}
    assert n_started == {("normal",): 1.0, ("high",): 1.0}


def placed(world: World, backend: str) -> str:
    job = world.job([node()])
    world.connection.execute(
        "UPDATE jobs SET plan = json_build_object('backend', %s::text) WHERE id = %s", (backend, job)
    )
    return job


def test_the_error_rate_counts_what_is_not_the_jobs_own_fault(world: World) -> None:
    history = History(events.newest(world.connection))
    for failure in ("internal", "user"):
        job = placed(world, "gpu")
        jobs.fail(world.connection, job, {"class": failure, "message": "it broke"})
    for _ in range(2):
        world.drive(placed(world, "gpu"))
    world.drive(placed(world, "stabilizer"))
    history.until = events.newest(world.connection)
    history.count(world.connection)
    assert TALLY.shown()["quantum_backend_error_rate"] == {("gpu",): 0.25, ("stabilizer",): 0.0}


def n_series() -> int:
    return sum(1 for line in text().splitlines() if not line.startswith("#"))


def test_series_do_not_grow_with_jobs_tenants_and_workers(world: World, redis_url: str) -> None:
    leading = True
    observer = Observer(Settings(database_url=world.url, redis_url=redis_url), lambda: leading)
    world.drive(world.job([node()]))
    observer._update(world.connection)
    history = observer._history
    assert history is not None
    world.drive(world.job([node()]))
    history.until = events.newest(world.connection)
    observer._update(world.connection)
    before = n_series()
    for number in range(1000):
        world.job([node()], tenant=f"tenant {number % 20}")
    for number in range(500):
        world.serve("cpu-sim", 1, f"passing:{number}")
    for claim in world.claim():
        world.finish([claim])
    history.until = events.newest(world.connection)
    observer._update(world.connection)
    shown = TALLY.shown()
    assert shown["novacron_jobs_total"]["pure_classical", "completed"] == 1001.0
    assert shown["novacron_workers"]["cpu-sim", "live"] == 501.0
    assert n_series() == before
    world.connection.execute("DELETE FROM workers")
    observer._update(world.connection)
    assert TALLY.shown()["novacron_workers"]["cpu-sim", "live"] == 0.0 and n_series() == before
    leading = False
    observer._update(world.connection)
    left = {name for name, series in TALLY.shown().items() if series}
    assert not left & {name for name, metric in METRICS.items() if metric.exporter == "leader"}


def test_a_leader_shows_what_it_does(world: World, redis_server, redis_url: str) -> None:
    redis_server.empty()
    world.serve()
    settings = Settings(database_url=world.url, redis_url=redis_url, lease_s=1.0)
    loop = Loop(settings, (*standard(), Counts()))
    observer = Observer(settings, lambda: loop.leading)
    loop.start()
    observer.start()
    eventually(lambda: TALLY.shown().get("novacron_queue_seconds"))
    world.job([node()])
    eventually(lambda: TALLY.shown().get("novacron_dispatch_seconds"))
    lapsed = world.held_in("running")
    world.connection.execute(
        "UPDATE tasks SET lease_until = clock_timestamp() WHERE id = %s", (lapsed.task_id,)
    )
    eventually(lambda: TALLY.shown()["novacron_lease_rescues_total"] == {(): 1.0})
    delays = TALLY.shown()["novacron_rescue_delay_seconds"][()]
    assert isinstance(delays, list) and sum(delays[:-1]) == 1.0
    assert TALLY.shown()["novacron_leader"] == {(): 1.0}
    assert TALLY.shown()["novacron_database_up"] == TALLY.shown()["novacron_broker_up"] == {(): 1.0}
    redis_server.child.kill()
    try:  # with nothing to send
        eventually(lambda: TALLY.shown()["novacron_broker_up"] == {(): 0.0})
    finally:
        redis_server.ensure()
    eventually(lambda: TALLY.shown()["novacron_broker_up"] == {(): 1.0})
    loop.stop()
    observer.stop()
