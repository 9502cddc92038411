"""A task replaced by others: edges, the final flag, and what its worker goes on with."""

import threading

from shared.db import claims, expansion, jobs
from tests.integration.core.world import LEASE_S, ME, World, node


def test_the_last_new_task_takes_the_place_of_the_old_one(world: World) -> None:
    job = world.job([node(), node(), node(1, 0)])
    first, second = world.claim()
    assert expansion.expand(world.connection, first, [node(), node(), node(0, 1)], worker=ME, lease_s=9) == []
    assert world.states(job) == ["completed", "running", "blocked", "ready", "ready", "blocked"]
    world.finish([second], "second")
    world.finish(world.claim(), "part")
    world.finish(world.claim(), "heir")
    [last] = world.claim()
    assert claims.inputs(world.connection, last) == ["second", "heir"]
    assert last.task_id == world.ids(job)[2] and last.final
    world.finish([last], "end")
    assert world.value("SELECT result FROM jobs") == "end"
    assert world.value("SELECT n_tasks FROM jobs") == 6


def test_the_final_flag_goes_on_generation_after_generation(world: World) -> None:
    job = world.job([node()])
    for generation in range(3):
        [held] = world.claim()
        assert held.final
        expansion.expand(world.connection, held, [node(), node(0)], worker=ME, lease_s=9)
        assert world.rows("SELECT count(*) FILTER (WHERE final), count(*) FROM tasks") == [
            (1, 3 + 2 * generation)
        ]
        world.finish(world.claim())
    world.finish(world.claim(), "end")
    assert world.status(job) == "completed"
    assert world.value("SELECT result FROM jobs") == "end"


def test_the_worker_goes_on_with_as_many_as_it_asked_for(world: World) -> None:
    job = world.job([node()])
    [held] = world.claim()
    parts = [node(), node(), node(), node(0, 1, 2)]
    mine = expansion.expand(world.connection, held, parts, worker=ME, lease_s=LEASE_S, inline=2)
    assert mine is not None
    assert [claim.task_id for claim in mine] == world.ids(job)[1:3]
    assert world.states(job) == ["completed", "running", "running", "ready", "blocked"]
    assert claims.beat(world.connection, mine, worker=ME, lease_s=9) == {claim.task_id for claim in mine}


def test_the_event_names_what_came_of_it(world: World, listening) -> None:
    job = world.job([node()])
    [held] = world.claim()
    listening("ready")
    expansion.expand(world.connection, held, [node(), node(0)], worker=ME, lease_s=9)
    body = world.events(job)[-1][1]
    assert (body["from"], body["to"], body["cause"]) == ("running", "completed", "expanded")
    assert body["into"] == world.ids(job)[1:]
    assert listening("ready")


def test_a_job_cancelled_meanwhile_gets_no_new_tasks(world: World) -> None:
    """The canceller waits for the expansion under way, and must then see what it added."""
    job = world.job([node()])
    [held] = world.claim()
    expanding, cancelling = world.another(), world.another()
    answers: list[bool] = []
    canceller = threading.Thread(target=lambda: answers.append(jobs.cancel(cancelling, job)))
    with expanding.transaction():
        expansion.expand(expanding, held, [node(), node(0)], worker=ME, lease_s=9, inline=1)
        canceller.start()
        world.until_waiting(cancelling)
    canceller.join()
    assert answers == [True]
    assert world.states(job) == ["completed", "cancelled", "cancelled"]


def test_an_expansion_waits_for_the_cancellation_and_then_adds_nothing(world: World) -> None:
    job = world.job([node()])
    [held] = world.claim()
    cancelling, expanding = world.another(), world.another()
    answers: list[object] = []
    expander = threading.Thread(
        target=lambda: answers.append(expansion.expand(expanding, held, [node()], worker=ME, lease_s=9))
    )
    with cancelling.transaction():
        jobs.cancel(cancelling, job)
        expander.start()
        world.until_waiting(expanding)
    expander.join()
    assert answers == [None]
    assert world.states(job) == ["cancelled"]


def test_tasks_of_one_job_expand_at_once(world: World) -> None:
    job = world.job([*(node() for _ in range(6)), node(*range(6))])
    held = world.claim()
    world.at_once(*(
        lambda connection, claim=claim: expansion.expand(
            connection, claim, [node(), node(0)], worker=ME, lease_s=9
        )
        for claim in held
    ))  # fmt: skip
    assert world.value("SELECT n_tasks FROM jobs") == len(world.ids(job)) == 7 + 12
    world.drive(job)
