"""Finishing: results, the readiness of children, what a worker goes on with, and the job's end."""

import math
from dataclasses import replace
from functools import partial

import pytest

from shared.db import claims, completion, jobs, runtimes
from shared.db.completion import ALONE_S, CHEAP_S, Finished
from tests.integration.core.world import ME, World, node


def test_a_chain_goes_link_by_link(world: World) -> None:
    job = world.job([node(), node(0), node(1)])
    for done in range(3):
        assert world.states(job) == (["completed"] * done + ["ready"] + ["blocked"] * 2)[:3]
        world.finish(world.claim(), done)
    assert world.status(job) == "completed"
    assert world.value("SELECT result FROM jobs") == 2


def test_a_diamond_waits_for_both_sides(world: World) -> None:
    job = world.job([node(), node(0), node(0), node(1, 2)])
    world.finish(world.claim())
    left, right = world.claim()
    world.finish([left])
    assert world.states(job)[3] == "blocked"
    world.finish([right])
    assert world.states(job)[3] == "ready"


def test_a_fan_in_of_a_thousand_finished_in_chunks(world: World) -> None:
    job = world.job([*(node() for _ in range(1000)), node(*range(1000))])
    held = world.claim()
    for start in range(0, 1000, 100):
        assert world.states(job)[-1] == "blocked"
        world.finish(held[start : start + 100])
    assert world.rows("SELECT state, remaining FROM tasks ORDER BY id DESC LIMIT 1") == [("ready", 0)]
    assert world.moves(job).count(("blocked", "ready")) == 1
    assert len(claims.inputs(world.connection, world.claim()[0])) == 1000


def test_a_chunk_that_holds_several_parents_of_several_children(world: World) -> None:
    job = world.job([node(), node(), node(), node(0, 1), node(1, 2), node(0, 1, 2), node(3, 4, 5)])
    held = world.claim()
    world.finish(held[:2])
    assert world.states(job)[3:] == ["ready", "blocked", "blocked", "blocked"]
    world.finish(held[2:])
    assert world.states(job)[3:] == ["ready", "ready", "ready", "blocked"]
    world.drive(job)


def test_one_result_that_is_fenced_off_leaves_the_rest_of_the_chunk(world: World) -> None:
    job = world.job([node(), node(), node(0, 1)])
    one, two = world.claim()
    freed = world.finish([replace(one, attempt=9), two])
    assert freed.accepted == {two.task_id}
    assert world.states(job) == ["running", "completed", "blocked"]
    assert world.value("SELECT remaining FROM tasks ORDER BY id DESC LIMIT 1") == 1


def test_parents_finished_by_many_at_once_free_the_child_once(world: World) -> None:
    for _ in range(5):
        job = world.job([*(node() for _ in range(8)), node(*range(8)), node(*range(8)), node(8, 9)])
        held = world.claim()
        world.at_once(*(
            lambda connection, claim=claim: world.finish([claim], connection=connection) for claim in held
        ))  # fmt: skip
        assert world.states(job)[8:] == ["ready", "ready", "blocked"]
        assert world.moves(job).count(("blocked", "ready")) == 2
        world.drive(job)


def test_chunks_that_share_children_in_opposite_order_do_not_deadlock(world: World) -> None:
    """Every parent has every child; the connections finish them in opposite orders."""
    n = 30
    job = world.job(
        [*(node() for _ in range(n)), *(node(*range(n)) for _ in range(n)), node(*range(n, 2 * n))]
    )
    held = world.claim()
    world.at_once(
        *(
            lambda connection, part=held[k::4][:: 1 - 2 * (k % 2)]: [
                world.finish([claim], connection=connection) for claim in part
            ]
            for k in range(4)
        )
    )
    assert world.states(job)[n : 2 * n] == ["ready"] * n
    assert world.moves(job).count(("blocked", "ready")) == n
    world.drive(job)


def test_the_worker_goes_on_with_its_own_queue_only_up_to_the_limit(world: World) -> None:
    job = world.job([
        node(), *(node(0, cost_s=0.001) for _ in range(4)), node(0, queue="crypto"), node(*range(1, 6)),
    ])  # fmt: skip
    [first] = world.claim()
    freed = world.finish([first], inline=3)
    ids = world.ids(job)
    assert [claim.task_id for claim in freed.inline] == ids[1:4]
    assert world.states(job)[1:] == ["running"] * 3 + ["ready", "ready", "blocked"]
    held = "SELECT claimed_by, lease_until > clock_timestamp() FROM tasks WHERE state = 'running'"
    assert world.rows(held) == [(ME, True)] * 3


def test_nothing_is_taken_inline_where_none_is_asked_for(world: World) -> None:
    job = world.job([node(), node(0)])
    assert world.finish(world.claim()).inline == []
    assert world.states(job) == ["completed", "ready"]


@pytest.mark.parametrize(
    ("cost_s", "slots", "expected"),
    [
        (1.0, 1, 1),
        (1.0, 4, 1),
        (ALONE_S / 2, 4, 2),
        (CHEAP_S / 2, 1, 8),
        (CHEAP_S / 2, 4, 3),
        (CHEAP_S, 4, 2),
    ],
)
def test_dear_children_are_shared_and_cheap_ones_kept(
    world: World, cost_s: float, slots: int, expected: int
) -> None:
    world.job([node(), *(node(0, cost_s=cost_s) for _ in range(8)), node(*range(1, 9))])
    [first] = world.claim()
    assert len(world.finish([first], inline=16, slots=slots).inline) == expected


def test_results_are_kept_for_children_and_the_final_one_on_the_job(world: World) -> None:
    job = world.job([node(), node(0)])
    world.finish(world.claim(), {"energy": -1.5})
    world.finish(world.claim(), {"best": [1, 2]})
    assert world.rows("SELECT value FROM results") == [({"energy": -1.5},)]
    assert world.rows("SELECT state, result, from_cache FROM jobs") == [
        ("completed", {"best": [1, 2]}, False)
    ]
    assert world.status(job) == "completed"


def test_a_job_may_come_to_null(world: World) -> None:
    job = world.job([node()])
    world.finish(world.claim(), None)
    assert world.status(job) == "completed"
    assert world.rows("SELECT result::text FROM jobs") == [("null",)]


def test_twins_complete_with_their_leader_and_only_the_leader_is_charged(world: World) -> None:
    leader = world.job([node()], content_key="k", shape="s")
    twins = [world.job([node()], content_key="k") for _ in range(2)]
    other = world.job([node()], content_key="other")
    held = next(claim for claim in world.claim() if claim.job_id == leader)
    world.finish([held], 7)
    query = "SELECT state, result, from_cache, joined FROM jobs WHERE id = ANY(%s) ORDER BY created_at"
    done = [("completed", 7, False, None), *[("completed", 7, True, leader)] * 2]
    assert world.rows(query, [leader, *twins]) == done
    assert world.status(other) == "running"
    assert world.rows("SELECT job_id, resource FROM ledger") == [(leader, "cpu_s")]
    assert world.value("SELECT n FROM runtimes WHERE shape = 's'") == 1
    assert world.events(twins[0])[-1][1]["cause"] == f"joined {leader}"
    assert world.ids(twins[0]) == []


def test_a_job_is_charged_once_however_often_its_end_is_reported(world: World) -> None:
    world.job([node(), node(0)])
    world.finish(world.claim())
    last = world.claim()
    for _ in range(3):
        world.finish(last)
    assert world.value("SELECT count(*) FROM ledger") == 1
    spent = "SELECT sum(extract(epoch FROM finished_at - started_at)) FROM tasks"
    assert math.isclose(world.value("SELECT amount FROM ledger"), world.value(spent), abs_tol=0.01)


def test_run_times_are_learnt_as_welford_has_it(world: World) -> None:
    took = []
    for k in range(4):
        job = world.job([node()], shape="shape")
        held = world.claim()
        back = "UPDATE jobs SET started_at = clock_timestamp() - %s * interval '1 second' WHERE id = %s"
        world.connection.execute(back, ((10.0, 14.0, 30.0, 2.0)[k], job))
        world.finish(held)
        span = "SELECT extract(epoch FROM finished_at - started_at)::float8 FROM jobs WHERE id = %s"
        took.append(world.value(span, job))
    known = runtimes.recall(world.connection, "shape")
    mean = sum(took) / 4
    assert known is not None and known.n == 4 and known.deviation_s is not None
    assert (known.least_s, known.most_s) == (min(took), max(took))
    assert math.isclose(known.mean_s, mean, rel_tol=1e-9)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in took) / 3)
    assert math.isclose(known.deviation_s, deviation, rel_tol=1e-9)


def test_a_late_final_result_of_a_cancelled_job_is_rejected(world: World) -> None:
    job = world.job([node()])
    held = world.claim()
    assert jobs.cancel(world.connection, job)
    before = world.everything()
    assert world.finish(held).accepted == set()
    assert world.everything() == before


def test_one_task_cannot_be_finished_by_two_connections(world: World) -> None:
    for _ in range(5):
        job = world.job([node(), node(0)])
        [held] = world.claim()
        finish = partial(lambda held, connection: world.finish([held], connection=connection), held)
        answers = world.at_once(*[finish] * 3)
        assert sorted(len(freed.accepted) for freed in answers) == [0, 0, 1]
        assert world.states(job) == ["completed", "ready"]
        world.drive(job)


def test_finishing_nothing_changes_nothing(world: World) -> None:
    before = world.everything()
    freed = completion.finish(world.connection, list[Finished](), worker=ME, queue="cpu-sim", lease_s=9)
    assert (freed.inline, freed.accepted) == ([], set())
    assert world.everything() == before
