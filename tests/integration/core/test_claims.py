"""Claiming, beating and letting go: each from its right state, and the fence around all of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from shared.db import claims, dispatch, expansion, journal
from shared.db.claims import Claim
from shared.failures import Failure
from shared.states import TASK_MOVES, FailureClass, TaskState
from tests.integration.core.world import LEASE_S, ME, World, node

ROW = journal.Row(0, [0.5], 1.0, None, None)
Write = Callable[[World, Claim, str], object]
WRITES: dict[str, Write] = {
    "finish": lambda world, held, worker: world.finish([held], worker=worker, inline=4).accepted,
    "expand": lambda world, held, worker: expansion.expand(
        world.connection, held, [node()], worker=worker, lease_s=LEASE_S
    ),
    "release": lambda world, held, worker: claims.release(
        world.connection, held, worker=worker, cause="drained"
    ),
    "fail": lambda world, held, worker: claims.fail(
        world.connection, held, worker=worker, failure=Failure(FailureClass.USER, "wrong")
    ),
    "beat": lambda world, held, worker: claims.beat(world.connection, [held], worker=worker, lease_s=99),
    "journal": lambda world, held, worker: journal.append(world.connection, held, 0, [ROW], worker=worker),
}


@pytest.mark.parametrize("state", [state for state in TaskState if state != "running"])
def test_nobody_writes_to_a_task_that_does_not_run(world: World, state: str) -> None:
    held = world.held_in(state)
    before = world.everything()
    for name, write in WRITES.items():
        assert not write(world, held, ME), name
        assert world.everything() == before, name


def test_nobody_writes_to_a_task_that_another_holds_or_of_another_attempt(world: World) -> None:
    held = world.held_in("running")
    before = world.everything()
    for name, write in WRITES.items():
        for late, worker in ((held, "you/2"), (replace(held, attempt=held.attempt + 1), ME)):
            assert not write(world, late, worker), name
            assert world.everything() == before, name


@pytest.mark.parametrize("name", WRITES)
def test_the_holder_writes(world: World, name: str) -> None:
    held = world.held_in("running")
    before = world.everything()
    assert WRITES[name](world, held, ME) not in (None, False, set())
    assert world.everything() != before


@pytest.mark.parametrize("state", [state for state in TaskState if state != "queued"])
def test_only_what_is_queued_is_claimed_or_put_back(world: World, state: str) -> None:
    held = world.held_in(state)
    before = world.everything()
    pair = (held.task_id, held.attempt)
    assert claims.claim(world.connection, [pair], worker=ME, lease_s=9) == []
    assert dispatch.put_back(world.connection, [pair], cause="lost") == 0
    assert world.everything() == before


def test_a_message_of_an_earlier_attempt_claims_nothing(world: World) -> None:
    held = world.held_in("running")
    claims.release(world.connection, held, worker=ME, cause="drained")
    world.take()
    assert claims.claim(world.connection, [(held.task_id, held.attempt)], worker=ME, lease_s=9) == []
    [again] = claims.claim(world.connection, [(held.task_id, held.attempt + 1)], worker=ME, lease_s=9)
    assert again.attempt == held.attempt + 1


def test_a_claim_tells_what_there_is_to_do(world: World) -> None:
    job = world.job([node(payload={"a": [1]}, cost_s=0.25, memory_bytes=1 << 40, name="start")])
    [held] = world.claim()
    tenant = world.tenant("one")
    assert held == Claim(world.ids(job)[0], 1, job, "noop", {"a": [1]}, False, True, 0.25, 1 << 40, 0, tenant)


def test_the_first_claim_starts_the_job_and_later_ones_do_not(world: World) -> None:
    job = world.job([node(), node(), node(0, 1)])
    assert world.status(job) == "queued"
    first, second = world.claim(n=1), None
    started = world.value("SELECT started_at FROM jobs WHERE id = %s", job)
    assert world.status(job) == "running" and started is not None
    second = world.claim()
    assert len(first) == len(second) == 1
    assert world.value("SELECT started_at FROM jobs WHERE id = %s", job) == started
    assert [body["status"] for kind, body in world.events(job) if kind == "job"] == ["queued", "running"]


def test_a_chunk_is_claimed_in_the_order_of_the_message(world: World) -> None:
    job = world.job([*(node() for _ in range(5)), node(*range(5))])
    world.serve()
    world.take()
    order = [world.ids(job)[k] for k in (3, 0, 4, 1, 2)]
    held = claims.claim(world.connection, [(task, 1) for task in order], worker=ME, lease_s=9)
    assert [claim.task_id for claim in held] == order


def test_of_eight_workers_with_the_same_message_one_gets_each_task(world: World) -> None:
    job = world.job([*(node() for _ in range(40)), node(*range(40))])
    world.serve()
    pairs = [(ready.task_id, ready.attempt) for ready in world.take()]
    held = world.at_once(*(
        lambda connection, name=f"w{n}": claims.claim(connection, pairs, worker=name, lease_s=9)
        for n in range(8)
    ))  # fmt: skip
    assert sorted(claim.task_id for mine in held for claim in mine) == world.ids(job)[:-1]
    assert world.moves(job).count(("queued", "running")) == 40
    assert [body["status"] for kind, body in world.events(job) if kind == "job"] == ["queued", "running"]


def test_a_beat_renews_what_is_held_and_says_what_is_not(world: World) -> None:
    mine, cancelled = world.held_in("running"), world.held_in("cancelled")
    query = "SELECT extract(epoch FROM lease_until - clock_timestamp()) FROM tasks WHERE id = %s"
    assert claims.beat(world.connection, [mine, cancelled], worker=ME, lease_s=5000) == {mine.task_id}
    assert 4900 < world.value(query, mine.task_id) <= 5000


def test_inputs_come_in_the_order_of_the_edges(world: World) -> None:
    job = world.job([node(), node(), node(), node(2, 0, 1)])
    held = world.claim()
    for claim, value in zip(held, ({"of": 0}, None, [2.5]), strict=True):
        world.finish([claim], value)
    [last] = world.claim()
    assert claims.inputs(world.connection, last) == [[2.5], {"of": 0}, None]
    assert claims.inputs(world.connection, held[0]) == []
    assert last.task_id == world.ids(job)[3]


def test_release_counts_a_failure_only_where_there_was_one(world: World) -> None:
    held = world.held_in("running")
    claims.release(world.connection, held, worker=ME, cause="worker shut down")
    [again] = world.claim()
    assert (again.attempt, again.failures) == (2, 0)
    claims.release(world.connection, again, worker=ME, cause="transient", failed=True)
    [third] = world.claim()
    assert (third.attempt, third.failures, third.payload) == (3, 1, {})
    told = [body for kind, body in world.events(held.job_id) if kind == "task" and body["to"] == "ready"]
    assert [body["cause"] for body in told] == ["worker shut down", "transient"]


def test_a_snooze_keeps_its_payload_and_waits(world: World) -> None:
    held = world.held_in("running")
    claims.release(world.connection, held, worker=ME, cause="snoozed", delay_s=6000, payload={"at": "qpu-7"})
    assert world.claim() == []
    waits = "SELECT payload, extract(epoch FROM not_before - clock_timestamp()) FROM tasks WHERE id = %s"
    [(payload, delay)] = world.rows(waits, held.task_id)
    assert payload == {"at": "qpu-7"} and 5900 < delay <= 6000


def test_failing_a_task_fails_its_job_with_the_cause(world: World) -> None:
    job = world.job([node(), node(), node(0, 1)])
    first, _ = world.claim()
    assert claims.fail(
        world.connection, first, worker=ME, failure=Failure(FailureClass.USER, "angle is not finite")
    )
    assert world.states(job) == ["failed", "cancelled", "cancelled"]
    error = {
        "class": "user", "code": "user", "message": "angle is not finite", "cause": None, "hint": None,
        "retryable": False, "task": first.task_id, "operation": first.operation,
    }  # fmt: skip
    assert world.rows("SELECT state, error FROM jobs") == [("failed", error)]
    assert world.events(job)[-1] == (
        "job", world.events(job)[-1][1] | {"status": "failed", "cause": "user: angle is not finite"}
    )  # fmt: skip


def test_tasks_of_one_job_failing_together_do_not_wait_for_each_other(world: World) -> None:
    job = world.job([*(node() for _ in range(6)), node(*range(6))])
    held = world.claim()
    failed = world.at_once(*(
        lambda connection, claim=claim: claims.fail(
            connection, claim, worker=ME, failure=Failure(FailureClass.USER, "wrong")
        )
        for claim in held
    ))  # fmt: skip
    assert failed.count(True) == 1
    assert world.status(job) == "failed" and world.states(job).count("failed") == 1


def test_every_move_told_is_an_allowed_one(world: World) -> None:
    for state in TaskState:
        world.held_in(state)
    claims.release(world.connection, world.held_in("running"), worker=ME, cause="drained")
    told = {
        move
        for (job,) in world.rows("SELECT id FROM jobs")
        for move in world.moves(job)
    }  # fmt: skip
    assert told and all(TaskState(to) in TASK_MOVES[TaskState(origin)] for origin, to in told)
