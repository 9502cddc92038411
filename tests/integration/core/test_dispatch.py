"""From ready to queued: priorities, fair shares, bounded in-flight, and the relay to a real broker."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from scheduler.dispatch.outbox import Dispatcher
from shared.broker.publisher import Publisher
from shared.db import claims, dispatch, workers
from shared.db.completion import CHEAP_S
from shared.queues import QUEUES
from tests.integration.core.world import ME, World, node


def crowd(world: World, n: int, *, tenant: str = "one", priority: int = 0, cost_s: float = 1.0) -> str:
    """A job of n equal independent tasks and the one after them."""
    tasks = [*(node(cost_s=cost_s) for _ in range(n)), node(*range(n))]
    return world.job(tasks, tenant=tenant, spec={"priority": priority})


def owners(world: World, ready: list[dispatch.Ready]) -> list[str]:
    """The tenants of the tasks, in order."""
    query = "SELECT t.id, n.name FROM tasks t JOIN tenants n ON n.id = t.tenant_id"
    names = dict(world.rows(query))
    return [names[task.task_id] for task in ready]


def test_nothing_is_taken_without_a_live_worker(world: World) -> None:
    job = crowd(world, 2)
    assert world.take() == []
    world.serve(slots=1)
    world.connection.execute("UPDATE workers SET seen_at = clock_timestamp() - interval '16 seconds'")
    assert world.take() == []
    world.serve(slots=1)
    workers.drain(world.connection, "host:1")
    assert world.take() == []
    assert world.states(job)[0] == "ready"


def test_dear_tasks_in_flight_are_bounded_by_twice_the_slots(world: World) -> None:
    crowd(world, 20)
    world.serve(slots=3)
    assert len(world.take()) == 6
    assert world.take() == []
    running = world.rows("SELECT id, attempt FROM tasks WHERE state = 'queued' ORDER BY id LIMIT 2")
    held = claims.claim(world.connection, running, worker=ME, lease_s=9)
    assert world.take() == []
    world.finish(held)
    assert len(world.take()) == 2


def test_cheap_tasks_in_flight_are_bounded_by_the_horizon(world: World) -> None:
    crowd(world, 900, cost_s=2**-8)
    world.serve(slots=2)
    assert len(world.take()) == 2 * QUEUES["cpu-sim"].horizon_s * 2**8
    assert world.take() == []


def test_a_queue_without_horizon_gets_two_tasks_a_slot(world: World) -> None:
    world.job([*(node(queue="qpu-ibm") for _ in range(9)), node(*range(9), queue="qpu-ibm")])
    world.serve("qpu-ibm", slots=2)
    assert len(world.take()) == 4
    assert world.take() == []


def test_the_limit_counts_what_waits_on_the_broker(world: World) -> None:
    crowd(world, 50)
    world.serve()
    assert len(world.take(limit=30)) == 30
    assert world.take(limit=30) == []


def test_queues_do_not_share_their_room(world: World) -> None:
    crowd(world, 5)
    world.job([*(node(queue="crypto", cost_s=1.0) for _ in range(5)), node(*range(5))])
    world.serve("cpu-sim", 1, "a")
    world.serve("crypto", 2, "b")
    assert Counter(task.queue for task in world.take()) == {"cpu-sim": 2, "crypto": 4}


def test_priorities_are_strict(world: World) -> None:
    low, high = crowd(world, 3, priority=-5), crowd(world, 3, priority=7)
    middle = crowd(world, 3, tenant="two")
    world.serve()
    order = [world.ids(job)[k] for job in (high, middle, low) for k in range(3)]
    assert [task.task_id for task in world.take()] == order


def test_within_a_priority_a_tenant_is_served_in_order_of_submission(world: World) -> None:
    jobs = [crowd(world, 1) for _ in range(4)]
    world.serve()
    assert [task.task_id for task in world.take()] == [world.ids(job)[0] for job in jobs]


def test_two_tenants_of_equal_weight_take_turns(world: World) -> None:
    crowd(world, 4)
    crowd(world, 4, tenant="two")
    world.serve()
    served = owners(world, world.take())
    assert [set(served[k : k + 2]) for k in range(0, 8, 2)] == [{"one", "two"}] * 4


def test_a_tenant_of_weight_three_gets_three_turns_to_one(world: World) -> None:
    world.tenant("heavy", weight=3.0)
    crowd(world, 40, tenant="one")
    crowd(world, 40, tenant="heavy")
    world.serve(slots=20)
    assert Counter(owners(world, world.take())) == {"heavy": 30, "one": 10}


def test_what_a_tenant_has_in_flight_counts_against_its_turn(world: World) -> None:
    crowd(world, 20, tenant="first")
    world.serve(slots=4)
    assert Counter(owners(world, world.take())) == {"first": 8}
    crowd(world, 20, tenant="late")
    held = claims.claim(world.connection, [(task, 1) for task in range(1, 9)], worker=ME, lease_s=9)
    world.finish(held[:6])
    assert Counter(owners(world, world.take())) == {"late": 4, "first": 2}


@pytest.mark.parametrize("weights", [(1, 1, 1), (1, 2, 5)])
def test_in_the_long_run_shares_are_in_proportion_to_weights(world: World, weights: tuple[int, ...]) -> None:
    for number, weight in enumerate(weights):
        world.tenant(f"t{number}", weight=weight)
        crowd(world, 150, tenant=f"t{number}")
    world.serve(slots=4)
    done: Counter[str] = Counter()
    while sum(done.values()) < 120:
        ready = world.take()
        done.update(owners(world, ready))
        pairs = [(task.task_id, task.attempt) for task in ready]
        world.finish(claims.claim(world.connection, pairs, worker=ME, lease_s=9))
    total = sum(done.values())
    for number, weight in enumerate(weights):
        assert abs(done[f"t{number}"] / total - weight / sum(weights)) < 0.08


def test_no_tenant_starves_where_there_are_more_tenants_than_slots(world: World) -> None:
    for tenant in ("a", "b", "c", "d", "e"):
        crowd(world, 100, tenant=tenant)
    world.serve(slots=1)
    done: Counter[str] = Counter()
    while sum(done.values()) < 100:
        ready = world.take()
        done.update(owners(world, ready))
        [oldest, *_] = world.rows(
            "SELECT id, attempt FROM tasks WHERE state = 'queued' ORDER BY queued_at LIMIT 1"
        )
        world.finish(claims.claim(world.connection, [oldest], worker=ME, lease_s=9))
    assert min(done.values()) >= 5 and len(done) == 5


def turns(world: World) -> dict[int, tuple[int, float]]:
    """When each ready task is due: by priority, then by its number among its tenant's over the weight."""
    active = dict(world.rows("SELECT tenant_id, count(*) FROM tasks WHERE state = 'queued' GROUP BY 1"))
    due, seen = {}, Counter(active)
    for task, tenant, priority, weight in world.rows(
        "SELECT t.id, n.id, t.priority, n.weight FROM tasks t JOIN tenants n ON n.id = t.tenant_id"
        " WHERE t.state = 'ready' ORDER BY t.priority DESC, t.id"
    ):
        seen[tenant] += 1
        due[task] = (-priority, seen[tenant] / weight)
    return due


CROWDS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(-1, 1), st.integers(1, 12)), min_size=1, max_size=8
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(crowds=CROWDS, limit=st.integers(1, 20))
def test_whoever_looks_at_a_few_tasks_of_each_tenant_takes_them_in_turn(world: World, crowds, limit) -> None:
    world.empty()
    world.serve()
    for number, weight in enumerate((1.0, 1.0, 2.0, 5.0, 0.5)):
        world.tenant(f"t{number}", weight=weight)
    for number, priority, n in crowds:
        crowd(world, n, tenant=f"t{number}", priority=priority)
    while due := turns(world):
        taken = [task.task_id for task in world.take(limit=limit)]
        assert taken and len(taken) <= limit
        assert [due[task] for task in taken] == sorted(due.values())[: len(taken)]
        world.connection.execute("UPDATE tasks SET state = 'cancelled' WHERE state = 'queued'")


def test_two_dispatchers_take_each_task_once(world: World) -> None:
    crowd(world, 200)
    world.serve()
    taken = world.at_once(
        *[lambda connection: dispatch.take(connection, QUEUES.values(), limit=100)] * 4,
    )
    ids = [task.task_id for mine in taken for task in mine]
    assert len(ids) == len(set(ids)) >= 100
    assert world.value("SELECT count(*) FROM tasks WHERE state = 'queued'") == len(ids)


def test_delayed_tasks_take_part_once_their_time_has_come(world: World) -> None:
    held = world.held_in("running")
    claims.release(world.connection, held, worker=ME, cause="snoozed", delay_s=3000)
    left = dispatch.wake_delayed(world.connection)
    assert left is not None and 2900 < left <= 3000
    assert world.take() == []
    world.connection.execute("UPDATE tasks SET not_before = clock_timestamp() WHERE not_before IS NOT NULL")
    assert dispatch.wake_delayed(world.connection) is None
    assert [task.task_id for task in world.take()] == [held.task_id]


def test_what_was_put_back_is_taken_again_as_the_same_attempt(world: World) -> None:
    job = crowd(world, 3)
    world.serve()
    pairs = [(task.task_id, task.attempt) for task in world.take()]
    assert dispatch.put_back(world.connection, [*pairs[:2], (999_999, 1)], cause="its message was lost") == 2
    assert world.states(job)[:3] == ["ready", "ready", "queued"]
    assert world.events(job)[-1][1]["cause"] == "its message was lost"
    assert [(task.task_id, task.attempt) for task in world.take()] == pairs[:2]


def test_the_dispatcher_puts_on_the_broker_what_it_marked_queued(
    world: World, redis_server, redis_url
) -> None:
    redis_server.empty()
    job = crowd(world, 8, cost_s=CHEAP_S / 2)
    crowd(world, 3)
    world.serve()
    publisher = Publisher(redis_url, "")
    assert Dispatcher(publisher).run_once(world.connection) == 11
    assert world.states(job)[:-1] == ["queued"] * 8
    ids = {(row[0], 1) for row in world.rows("SELECT id FROM tasks WHERE state = 'queued'")}
    assert publisher.waiting("cpu-sim") == ids
    assert Dispatcher(publisher).run_once(world.connection) == 0
    publisher.close()


def test_what_the_broker_refuses_goes_back_to_ready(world: World) -> None:
    job = crowd(world, 2)
    world.serve()
    publisher = Publisher("redis://127.0.0.1:1/0", "")
    with pytest.raises(OSError, match="broker"):
        Dispatcher(publisher).run_once(world.connection)
    assert world.states(job) == ["ready", "ready", "blocked"]
    assert len(world.events(job)) == 1
    publisher.close()


def test_what_the_broker_refuses_after_all_goes_back_to_ready(
    world: World, redis_server, redis_url, monkeypatch
) -> None:
    job = crowd(world, 2)
    world.serve()
    publisher = Publisher(redis_url, "")
    publisher.connect()
    monkeypatch.setattr(publisher, "connect", redis_server.child.kill)
    try:
        with pytest.raises(OSError, match="broker"):
            Dispatcher(publisher).run_once(world.connection)
    finally:
        redis_server.ensure()
    assert world.states(job) == ["ready", "ready", "blocked"]
    assert world.events(job)[-1][1]["cause"] == "the broker could not be reached"
    publisher.close()


def test_messages_that_redis_forgot_are_found_and_those_it_holds_left_alone(
    world: World, redis_server, redis_url
) -> None:
    redis_server.empty()
    job = crowd(world, 3)
    world.serve()
    publisher = Publisher(redis_url, "")
    dispatcher = Dispatcher(publisher)
    dispatcher.run_once(world.connection)
    assert dispatcher.find_lost(world.connection, 0.0) == 0
    with Redis.from_url(redis_url) as broker:
        broker.lpop("cpu-sim")
    assert dispatcher.find_lost(world.connection, 60.0) == 0
    assert dispatcher.find_lost(world.connection, 0.0) == 1
    assert sorted(world.states(job)) == ["blocked", "queued", "queued", "ready"]
    dispatcher.run_once(world.connection)
    redis_server.empty()
    assert dispatcher.find_lost(world.connection, 0.0) == 3
    assert world.states(job)[:3] == ["ready"] * 3
    publisher.close()
