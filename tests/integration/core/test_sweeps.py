"""Sweeps as rows: accepted whole, ended with the last of their jobs, cancelled with all of them."""

from collections.abc import Sequence
from typing import Any

import pytest

from shared.db import claims, invariants, jobs, reading, rows, sweeps
from shared.db.jobs import NewJob, Plan
from shared.db.reading import Filter
from shared.db.sweeps import Child
from shared.failures import Failure
from shared.states import FailureClass
from tests.integration.core.world import LEASE_S, ME, SPEC, World, node


def insert(
    world: World, keys: Sequence[str | None] = (None, None, None), **spec: Any
) -> tuple[str, list[str]]:
    """A sweep of jobs with these contents, and its jobs; a content `=text` has this result already."""
    parent = NewJob(1, SPEC | {"kind": "sweep", "keep_going": True, "pick": None} | spec)
    children = []
    for position, key in enumerate(keys):
        result = key[1:] if key and key[0] == "=" else None
        job = NewJob(1, SPEC | {"seed": position}, None if result else key)
        plan = None if result else Plan([node(), node(0)], {})
        children.append(Child(job, position, {"seed": position}, plan, result))
    assert sweeps.insert(world.connection, parent, Plan((), {"warnings": []}), children) == parent.job_id
    return parent.job_id, [child.job.job_id for child in children]


def settled(world: World, sweep: str) -> str:
    sweeps.settle(world.connection)
    assert not invariants.violations(world.connection, lease_s=LEASE_S)
    return world.status(sweep)


def fail(world: World, job: str) -> None:
    [held] = [claim for claim in world.claim() if claim.job_id == job]
    assert claims.fail(world.connection, held, worker=ME, failure=Failure(FailureClass.USER, "wrong"))


def complete(world: World, job: str, value: Any = 1) -> None:
    for task in world.ids(job):
        world.serve()
        world.take()
        world.finish(claims.claim(world.connection, [(task, 1)], worker=ME, lease_s=LEASE_S), value)
    assert world.status(job) == "completed"


def result(world: World, sweep: str) -> Any:
    return world.value("SELECT result FROM jobs WHERE id = %s", sweep)


def test_a_sweep_runs_with_its_first_job_and_completes_with_its_last(world: World) -> None:
    sweep, [first, second, third] = insert(world)
    assert settled(world, sweep) == "queued"
    complete(world, second, {"energy": -2.0})
    assert settled(world, sweep) == "running"
    complete(world, first, {"energy": -1.0})
    fail(world, third)
    assert settled(world, sweep) == "completed"
    counts = {"n_jobs": 3, "n_completed": 2, "n_failed": 1, "n_cancelled": 0, "n_cached": 0}
    assert result(world, sweep) == counts | {"best": None, "warnings": []}
    told = world.events(sweep)
    assert [body["status"] for kind, body in told if kind == "job"] == ["queued", "running", "completed"]
    assert [body["completed"] for kind, body in told if kind == "jobs"] == [2]
    found = reading.document(world.connection, 1, sweep)
    assert found is not None and found.about["n_failed"] == 1 and found.about["progress"] == 1
    assert (found.plain()["result"] or {})["n_jobs"] == 3


@pytest.mark.parametrize(
    ("pick", "best"),
    [({"minimize": "value.x", "maximize": None}, 2), ({"minimize": None, "maximize": "value.x"}, 0)],
)
def test_the_best_is_the_one_that_is_picked(world: World, pick: Any, best: int) -> None:
    texts = (
        '={"value": {"x": 3}}',
        '={"value": {"x": "none"}}',
        '={"value": {"x": -1.5}}',
        '={"value": {"x": 3}}',
    )
    sweep, ids = insert(world, texts, pick=pick)
    assert settled(world, sweep) == "completed"
    value = -1.5 if best else 3
    assert result(world, sweep)["best"] == {
        "job_id": ids[best],
        "coordinates": {"seed": best},
        "value": value,
    }
    assert result(world, sweep)["n_cached"] == 4


def test_a_sweep_of_which_no_job_completed_has_failed(world: World) -> None:
    sweep, [first, second] = insert(world, (None, None))
    fail(world, first)
    jobs.cancel(world.connection, second)
    assert settled(world, sweep) == "failed"
    error = world.value("SELECT error FROM jobs WHERE id = %s", sweep)
    assert error["code"] == "dependency_failed" and f"job {first} failed first: wrong" in error["message"]


def test_a_failure_ends_a_sweep_that_is_not_to_keep_going(world: World) -> None:
    sweep, [first, second, third] = insert(world, keep_going=False)
    complete(world, second)
    fail(world, first)
    assert settled(world, sweep) == "failed"
    assert (world.status(second), world.status(third)) == ("completed", "cancelled")
    assert "keep_going" in world.value("SELECT error ->> 'message' FROM jobs WHERE id = %s", third)


def test_a_sweep_is_cancelled_with_its_jobs_and_nobody_elses(world: World) -> None:
    own = world.job([node()], content_key="theirs")
    sweep, ids = insert(world, ("a", "theirs", "a", "b"))
    joined = world.job([node()], content_key="b")
    complete(world, ids[0])
    assert jobs.cancel(world.connection, sweep, "ada", "enough")
    assert [world.status(job) for job in ids] == ["completed", "cancelled", "completed", "cancelled"]
    assert settled(world, sweep) == "cancelled"
    assert (world.status(own), world.status(joined)) == ("queued", "queued")
    assert [one.owner.job_id for one in jobs.unplanned(world.connection)] == [joined]
    assert not jobs.cancel(world.connection, sweep)


def test_equal_jobs_are_computed_once(world: World) -> None:
    leader = world.job([node()], content_key="b")
    sweep, ids = insert(world, ("a", "b", "a"))
    assert world.rows("SELECT joined FROM jobs WHERE sweep = %s ORDER BY position", sweep) == [
        (None,), (leader,), (ids[0],)
    ]  # fmt: skip
    complete(world, ids[0])
    complete(world, leader)
    assert settled(world, sweep) == "completed"
    assert result(world, sweep)["n_cached"] == 2


def test_a_repeated_key_writes_nothing(world: World) -> None:
    parent = NewJob(1, SPEC | {"kind": "sweep"}, idempotency_key="one")
    child = Child(NewJob(1, SPEC), 0, {}, Plan([node()], {}))
    assert sweeps.insert(world.connection, parent, Plan((), {}), [child])
    before = world.everything()
    again = NewJob(1, SPEC | {"kind": "sweep"}, idempotency_key="one")
    assert sweeps.insert(world.connection, again, Plan((), {}), [child]) is None
    assert world.everything() == before


def test_progress_is_told_when_it_changes(world: World) -> None:
    sweep, ids = insert(world)
    told, progress = [], sweeps.Progress()
    for job in ids[:2]:
        complete(world, job)
        sweeps.settle(world.connection)
        for _ in range(2):
            progress.tell(world.connection)
        told.append([body["completed"] for kind, body in world.events(sweep) if kind == "jobs"])
    assert told == [[1], [1, 2]]


def test_a_listing_leaves_out_the_jobs_of_sweeps(world: World) -> None:
    sweep, ids = insert(world)
    listed = reading.listing(world.connection, 1, Filter(), limit=9)
    assert [(one["job_id"], one["n_jobs"]) for one in listed] == [(sweep, 3)]
    complete(world, ids[1], {"energy": -1.0, "history": [1], "value": {"x": 2}, "text": "t" * 200})
    table = rows.table(world.connection, 1, sweep, limit=9)
    assert [row["job_id"] for row in table] == ids
    assert table[1]["result"] == {"energy": -1.0, "value.x": 2} and table[1]["coordinates"] == {"seed": 1}
    assert [row["status"] for row in rows.table(world.connection, 1, sweep, limit=9, after=0)] == [
        "completed", "queued"
    ]  # fmt: skip
