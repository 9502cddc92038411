"""Jobs past their time-out, and what is said of them."""

from shared.db import deadlines
from tests.integration.core.world import World, node

AGE = "UPDATE jobs SET {0} = {0} - interval '6 seconds' WHERE {0} IS NOT NULL"


def said(world: World, job: str) -> str:
    error: dict[str, str] = world.value("SELECT error FROM jobs WHERE id = %s", job)
    assert error["class"] == "timeout"
    return error["message"]


def test_only_jobs_past_their_time_out_are_failed(world: World) -> None:
    late, early = (world.job([node()], spec={"timeout_s": limit}) for limit in (5.0, 500.0))
    world.job([node()])
    assert list(deadlines.enforce(world.connection)) == []
    world.connection.execute(AGE.format("created_at").encode())
    assert list(deadlines.enforce(world.connection)) == [late]
    assert (world.status(late), world.status(early)) == ("failed", "queued")
    assert world.states(late) == ["cancelled"]
    assert said(world, late) == "the job ran longer than its timeout_s = 5"
    assert list(deadlines.enforce(world.connection)) == []


def test_time_runs_from_the_first_tasks_start(world: World) -> None:
    job = world.job([node()], spec={"timeout_s": 5.0})
    world.connection.execute(AGE.format("created_at").encode())
    world.claim()
    assert list(deadlines.enforce(world.connection)) == []
    world.connection.execute(AGE.format("started_at").encode())
    assert list(deadlines.enforce(world.connection)) == [job]


def test_a_loop_says_how_low_it_came_and_so_does_its_twin(world: World) -> None:
    leader = world.job([node()], spec={"timeout_s": 500.0}, content_key="k")
    twin = world.job([node()], spec={"timeout_s": 5.0}, content_key="k")
    world.evaluations(leader, -0.5, -1.5, 0.25)
    world.connection.execute(AGE.format("created_at").encode())
    assert list(deadlines.enforce(world.connection)) == [twin]
    assert said(world, twin).endswith("; the lowest value of its 3 evaluations so far was -1.5")
    assert world.status(leader) == "queued"
