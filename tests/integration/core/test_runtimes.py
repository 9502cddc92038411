"""What estimates learn from; the learning itself is in test_completion."""

from shared.db import runtimes
from tests.integration.core.world import World, node


def test_an_unknown_shape_is_not_known(world: World) -> None:
    assert runtimes.recall(world.connection, "never") is None


def test_one_run_has_no_deviation(world: World) -> None:
    job = world.job([node()], shape="once")
    world.drive(job)
    known = runtimes.recall(world.connection, "once")
    assert known is not None
    assert (known.n, known.deviation_s, known.least_s, known.most_s) == (1, None, None, None)
    assert known.mean_s > 0


def test_many_at_once_are_all_counted(world: World) -> None:
    for _ in range(12):
        world.job([node()], shape="busy")
    held = world.claim()
    world.at_once(*(
        lambda connection, part=held[k::4]: [world.finish([one], connection=connection) for one in part]
        for k in range(4)
    ))  # fmt: skip
    known = runtimes.recall(world.connection, "busy")
    assert known is not None and known.n == 12
    assert known.least_s is not None and known.most_s is not None
    assert 0 < known.least_s <= known.mean_s <= known.most_s


def test_jobs_that_did_not_complete_teach_nothing(world: World) -> None:
    job = world.job([node()], shape="cancelled")
    world.claim()
    world.connection.execute("UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE id = %s", (job,))
    assert runtimes.recall(world.connection, "cancelled") is None


def test_the_backlog_is_the_work_ahead_by_live_slots(world: World) -> None:
    assert runtimes.backlog_s(world.connection, "cpu-sim") == 0.0
    world.job([node(cost_s=6.0), node(cost_s=2.0), node(0, 1, cost_s=50.0)])
    world.job([node(queue="crypto", cost_s=99.0)])
    assert runtimes.backlog_s(world.connection, "cpu-sim") == 8.0
    world.serve(slots=3, worker="a")
    world.serve(slots=1, worker="b")
    assert runtimes.backlog_s(world.connection, "cpu-sim") == 2.0
    world.claim(n=1)
    world.connection.execute("DELETE FROM workers WHERE id NOT IN ('a', 'b')")
    assert runtimes.backlog_s(world.connection, "cpu-sim") == 2.0
