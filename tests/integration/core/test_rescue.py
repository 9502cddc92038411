"""Leases that ran out, poison tasks, lost messages, and twins that came too late."""

import threading
from functools import partial

import pytest

from shared.db import claims, jobs, rescue
from shared.db.claims import POISON_LIMIT
from shared.db.rescue import Lost
from tests.integration.core.world import ME, World, node


def lapse(world: World) -> int:
    """Let all leases run out, and rescue; how many tasks that were."""
    world.connection.execute("UPDATE tasks SET lease_until = clock_timestamp() WHERE state = 'running'")
    return len(rescue.reclaim_expired(world.connection))


def test_a_lapsed_lease_gives_the_task_to_the_next_attempt(world: World) -> None:
    held = world.held_in("running")
    assert rescue.reclaim_expired(world.connection) == []
    assert lapse(world) == 1
    body = world.events(held.job_id)[-1][1]
    assert (body["from"], body["to"], body["worker"]) == ("running", "ready", ME)
    [again] = world.claim(worker="other/2")
    assert (again.task_id, again.attempt, again.failures) == (held.task_id, 2, 1)
    assert world.finish([held]).accepted == set()
    assert world.finish([again], worker="other/2").accepted == {held.task_id}


def test_each_tells_how_long_ago_its_lease_ran_out(world: World) -> None:
    """Of a task that goes on as of one that is quarantined."""
    world.job([node(), node()])
    goes_on, poison = world.claim()
    change = "UPDATE tasks SET lease_until = now() - make_interval(hours => %s), failures = %s WHERE id = %s"
    world.connection.execute(change, (1, 0, goes_on.task_id))
    world.connection.execute(change, (2, POISON_LIMIT - 1, poison.task_id))
    lost = rescue.reclaim_expired(world.connection)
    assert [one.overdue_s for one in lost] == pytest.approx([3600, 7200], abs=300)
    assert [(one.job_id, one.task_id, one.attempt, one.worker) for one in lost] == [
        (held.job_id, held.task_id, 1, ME) for held in (goes_on, poison)
    ]


def test_a_beat_in_time_keeps_the_task(world: World) -> None:
    held = world.held_in("running")
    world.connection.execute("UPDATE tasks SET lease_until = clock_timestamp() WHERE state = 'running'")
    claims.beat(world.connection, [held], worker=ME, lease_s=30)
    assert rescue.reclaim_expired(world.connection) == []


def test_a_task_that_takes_three_workers_with_it_is_quarantined(world: World) -> None:
    job, neighbour = world.job([node(), node(0)]), world.job([node(), node(0)])
    for attempt in range(1, POISON_LIMIT + 1):
        held = {claim.job_id: claim for claim in world.claim()}
        assert held[job].attempt == attempt
        if neighbour in held:
            world.finish([held[neighbour]])
        assert lapse(world) == 1
    assert world.status(job) == "failed" and world.states(job) == ["failed", "cancelled"]
    error = world.value("SELECT error FROM jobs WHERE id = %s", job)
    assert error["class"] == "poison" and error["operation"] == "noop" and error["task"] == world.ids(job)[0]
    world.drive(neighbour)


def test_poison_counts_every_kind_of_failure(world: World) -> None:
    held = world.held_in("running")
    for _ in range(POISON_LIMIT - 1):
        claims.release(world.connection, held, worker=ME, cause="transient", failed=True)
        [held] = world.claim()
    assert lapse(world) == 1
    assert world.status(held.job_id) == "failed"


def test_many_lapse_at_once_each_by_itself(world: World) -> None:
    job = world.job([*(node() for _ in range(60)), node(*range(60))])
    world.claim()
    assert lapse(world) == 60
    assert world.states(job)[:-1] == ["ready"] * 60
    assert world.value("SELECT count(*) FROM tasks WHERE attempt = 2 AND failures = 1") == 60


def test_two_rescuers_take_each_task_back_once(world: World) -> None:
    job = world.job([*(node() for _ in range(60)), node(*range(60))])
    world.claim(lease_s=0.0)
    found = world.at_once(*[rescue.reclaim_expired] * 3)
    assert sum(map(len, found)) == 60
    assert world.moves(job).count(("running", "ready")) == 60


def test_quarantine_and_cancel_at_once(world: World) -> None:
    for _ in range(5):
        job = world.job([node(), node(), node(0, 1)])
        world.connection.execute("UPDATE tasks SET failures = 5 WHERE job_id = %s", (job,))
        world.claim(lease_s=0.0)
        counts = world.at_once(rescue.reclaim_expired, partial(jobs.cancel, job_id=job))
        assert world.status(job) in ("failed", "cancelled")
        assert (world.status(job) == "cancelled") == counts[1]
        assert not {"ready", "queued", "running", "blocked"} & set(world.states(job))


def test_messages_of_long_ago_are_overdue(world: World) -> None:
    job = world.job([node(), node(), node(0, 1)])
    world.serve()
    world.take()
    assert rescue.overdue_messages(world.connection, 5.0) == {}
    world.connection.execute("UPDATE tasks SET queued_at = queued_at - interval '6 seconds' WHERE id = 1")
    assert rescue.overdue_messages(world.connection, 5.0) == {"cpu-sim": [(world.ids(job)[0], 1)]}


@pytest.mark.parametrize("end", ["completed", "failed", "cancelled"])
def test_a_twin_that_joined_while_its_leader_ended_is_not_forgotten(world: World, end: str) -> None:
    """The leader ends between the twin's statement and its commit, so neither sees the other."""
    leader = world.job([node()], content_key="k")
    held = world.claim()
    twins: list[str] = []
    joining = [world.another() for _ in range(2)]
    for connection in joining:
        connection.execute("BEGIN")
        twins.append(world.job([node()], content_key="k", connection=connection))
    if end == "completed":
        world.finish(held, 7)
    elif end == "failed":
        jobs.fail(world.connection, leader, {"class": "user", "message": "wrong"})
    else:
        jobs.cancel(world.connection, leader)
    for connection in joining:
        connection.commit()
    assert [world.status(twin) for twin in twins] == ["queued", "queued"]
    assert rescue.part_from_ended(world.connection) == 2
    assert rescue.part_from_ended(world.connection) == 0
    if end == "completed":
        done = "SELECT state, result, from_cache FROM jobs WHERE id = ANY(%s)"
        assert world.rows(done, twins) == [("completed", 7, True)] * 2
    else:
        joined = "SELECT id, joined FROM jobs WHERE id = ANY(%s) ORDER BY created_at"
        assert world.rows(joined, twins) == [(twins[0], None), (twins[1], twins[0])]


def test_a_forgotten_twin_joins_the_one_that_took_over_meanwhile(world: World) -> None:
    leader = world.job([node()], content_key="k")
    joining = world.another()
    joining.execute("BEGIN")
    twin = world.job([node()], content_key="k", connection=joining)
    jobs.cancel(world.connection, leader)
    newer = world.job([node()], content_key="k")
    joining.commit()
    assert rescue.part_from_ended(world.connection) == 1
    assert world.value("SELECT joined FROM jobs WHERE id = %s", twin) == newer
    world.drive(newer)
    assert world.status(twin) == "completed"


def test_rescue_waits_for_nobody(world: World) -> None:
    """A task locked by its worker's own statement is left for the next round."""
    job = world.job([node(), node(), node(0, 1)])
    first, _ = world.claim(lease_s=0.0)
    finishing = world.another()
    with finishing.transaction():
        world.finish([first], connection=finishing)
        answers: list[list[Lost]] = []
        rescuer = threading.Thread(target=lambda: answers.append(rescue.reclaim_expired(world.connection)))
        rescuer.start()
        rescuer.join(5)
        assert [len(found) for found in answers] == [1]
    assert world.states(job) == ["completed", "ready", "blocked"]
