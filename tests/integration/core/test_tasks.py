"""What is told of a job's tasks: where each stands, who runs it, what it waits for."""

from datetime import datetime

from shared.db import claims, reading
from shared.failures import Failure
from shared.states import FailureClass
from tests.integration.core.world import LEASE_S, ME, World, node


def test_tasks_tell_where_they_stand(world: World) -> None:
    world.serve()
    job = world.job([node(), node(), node(1, 0)])
    one, two, last = world.ids(job)
    told = reading.tasks(world.connection, job, limit=9)
    assert [(task["task_id"], task["state"], task["depends_on"]) for task in told] == [
        (one, "ready", []), (two, "ready", []), (last, "blocked", [two, one]),
    ]  # fmt: skip
    assert {(task["attempts"], task["failures"], task["worker"], task["started_at"]) for task in told} == {
        (1, 0, None, None)
    }
    world.take()
    held = claims.claim(world.connection, [(one, 1), (two, 1)], worker=ME, lease_s=LEASE_S)
    claims.release(world.connection, held[1], worker=ME, cause="again", failed=True, delay_s=60)
    world.finish(held[:1])
    first, second, third = reading.tasks(world.connection, job, limit=9)
    assert (first["state"], first["worker"], first["operation"], first["queue"]) == (
        "completed", ME, "noop", "cpu-sim",
    )  # fmt: skip
    queued, started, finished = (
        datetime.fromisoformat(first[f"{name}_at"]) for name in ("queued", "started", "finished")
    )
    assert queued <= started <= finished
    assert (second["state"], second["attempts"], second["failures"], second["worker"]) == (
        "ready",
        2,
        1,
        None,
    )
    assert datetime.fromisoformat(second["not_before"]) > finished
    assert third["state"] == "blocked"


def test_a_task_that_failed_tells_why(world: World) -> None:
    world.serve()
    job = world.job([node(), node(0)])
    world.take()
    [held] = claims.claim(world.connection, [(world.ids(job)[0], 1)], worker=ME, lease_s=LEASE_S)
    claims.fail(world.connection, held, worker=ME, failure=Failure(FailureClass.USER, "wrong"))
    failed, cancelled = reading.tasks(world.connection, job, limit=9)
    assert (failed["state"], failed["error"]["class"], failed["error"]["message"]) == (
        "failed",
        "user",
        "wrong",
    )
    assert (cancelled["state"], cancelled["error"]) == ("cancelled", None)


def test_tasks_are_the_jobs_own(world: World) -> None:
    jobs = [world.job([node(), node()], content_key=None) for _ in range(2)]
    for job in jobs:
        assert [task["task_id"] for task in reading.tasks(world.connection, job, limit=9)] == world.ids(job)
    assert reading.tasks(world.connection, jobs[0], limit=9, after=world.ids(jobs[0])[-1]) == []
    assert reading.tasks(world.connection, "another", limit=9) == []
