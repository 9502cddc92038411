"""A worker child on a real database: what becomes of each outcome and each failure."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from shared import content
from shared.cache import ResultCache
from shared.db import graph, jobs, workers
from shared.db.session import Connection
from shared.settings import Settings
from shared.tasks import TaskSpec
from testing.patience import eventually
from tests.integration.core.executing import WORKER, executor_of, message, probe
from tests.integration.core.probes import UNSTOPPED
from tests.integration.core.world import World
from workers.runtime import drain, execute, failure
from workers.runtime.execute import Executor

Run = Callable[[], list[int]]


pytestmark = pytest.mark.usefixtures("probes")


@pytest.fixture
def run(world: World, redis_url: str) -> Run:
    """Takes what is ready and executes it as one message; gives the tasks of the message."""
    executor = executor_of(world, redis_url)
    return lambda: message(world, executor)


@contextmanager
def once_running(world: World, job: str, act: Callable[[Connection], object]) -> Iterator[None]:
    """Act with a connection of its own as soon as a task of the job runs."""
    connection = world.another()
    running = "SELECT count(*) FROM tasks WHERE job_id = %s AND state = 'running'"

    def wait() -> None:
        eventually(lambda: connection.execute(running, (job,)).fetchone() == (1,))
        act(connection)

    with ThreadPoolExecutor(1) as pool:
        acted = pool.submit(wait)
        yield
        acted.result()


def error_of(world: World, job: str) -> dict[str, Any]:
    error: dict[str, Any] = world.value("SELECT error FROM jobs WHERE id = %s", job)
    return error


def test_inputs_and_payloads_reach_the_operation(world: World, run: Run) -> None:
    job = world.job([probe("echo", part=1), probe("echo", part=2), probe("echo", 1, 0, part=3)])
    assert len(run()) == 2 and len(run()) == 1
    result = world.value("SELECT result FROM jobs WHERE id = %s", job)
    assert result["payload"] == {"part": 3}
    assert [value["payload"] for value in result["inputs"]] == [{"part": 2}, {"part": 1}]


def test_the_operation_sees_its_job(world: World, run: Run) -> None:
    job = world.job([probe("where")], spec={"seed": 5})
    run()
    result = world.value("SELECT result FROM jobs WHERE id = %s", job)
    told = (result["pid"], result["seed"], result["queue"], result["kind"])
    assert told == (os.getpid(), 5, "cpu-sim", "pure_classical")


def test_the_result_carries_its_receipt_and_goes_to_the_cache(world: World, run: Run, redis_url: str) -> None:
    job = world.job([probe("echo")], content_key="k" * 64, spec={"seed": 3})
    run()
    result = world.value("SELECT result FROM jobs WHERE id = %s", job)
    order = jobs.order(world.connection, job)
    receipt = result["receipt"]
    assert receipt["job_id"] == job and receipt["seed"] == 3 and receipt["worker"] == WORKER
    assert receipt["spec_sha256"] == content.digest(order.spec)
    assert receipt["content_key"] == "k" * 64 and receipt["attempt"] == 1
    assert result["n_evaluations"] == 0
    assert ResultCache(redis_url, "").get("k" * 64) == result


def test_the_result_holds_all_warnings_each_once(world: World, run: Run, redis_url: str) -> None:
    """Those of the plan, then those of the tasks, in order; notices are events alone."""
    tasks = [
        probe("warn", texts=["b", "a"]),
        probe("warn", texts=["a", "of the plan"]),
        probe("warn", 0, 1, texts=["c"]),
    ]
    job = world.job(tasks, content_key="k" * 64, warnings=["of the plan"])
    run(), run()
    result = world.value("SELECT result FROM jobs WHERE id = %s", job)
    assert result["warnings"] == ["of the plan", "b", "a", "c"]
    assert ResultCache(redis_url, "").get("k" * 64) == result
    kinds = [kind for kind, body in world.events(job) if "message" in body]
    assert sorted(kinds) == ["notice"] * 5 + ["warning"] * 5


def test_a_result_without_warnings_says_so(world: World, run: Run) -> None:
    job = world.job([probe("echo")])
    run()
    assert world.value("SELECT result FROM jobs WHERE id = %s", job)["warnings"] == []


@pytest.mark.parametrize(
    ("how", "kind", "message"),
    [
        ("user", "user", "it broke"),
        ("value", "internal", "ValueError: it broke"),
        ("bug", "internal", "KeyError: 'it broke'"),
    ],
)
def test_what_no_other_try_can_cure_fails_the_job_at_once(world: World, run: Run, how, kind, message) -> None:
    job = world.job([probe("fail", how=how)])
    run()
    error = error_of(world, job)
    assert (error["class"], error["message"], error["operation"]) == (kind, message, "probe_fail")
    assert world.rows("SELECT attempt, failures FROM tasks") == [(1, 1)]


def test_a_job_that_this_version_does_not_read_fails_with_its_reason(world: World, run: Run) -> None:
    job = world.job([probe("echo")], spec={"former_key": 1})
    run()
    error = error_of(world, job)
    assert (error["class"], error["code"]) == ("user", "outdated")
    assert "former_key" in error["message"] and "submit it again" in error["hint"]
    assert world.rows("SELECT attempt, failures FROM tasks") == [(1, 1)]


def test_what_needs_an_extra_is_left_to_a_worker_that_has_it(world: World, run: Run) -> None:
    job = world.job([probe("lack")])
    world.serve(worker="equipped", extras=["chem"])
    run()
    assert world.rows("SELECT state, attempt, failures, not_before IS NOT NULL FROM tasks") == [
        ("ready", 2, 0, True)
    ]
    assert "left to a worker that has the extra chem" in [body.get("cause") for _, body in world.events(job)]
    world.connection.execute("UPDATE tasks SET not_before = NULL")
    workers.leave(world.connection, "equipped")
    run()
    error = error_of(world, job)
    assert (error["class"], error["code"]) == ("user", "missing_extra")
    assert "novacron[chem]" in error["hint"]


@pytest.mark.parametrize(("how", "kind"), [("os", "transient"), ("resource", "resource")])
def test_what_time_may_cure_is_tried_again_up_to_the_limit(world: World, run: Run, how, kind) -> None:
    job = world.job([probe("fail", how=how)], spec={"max_retries": 2})
    for attempt in (1, 2, 3):
        assert len(run()) == 1
        waits = world.rows(
            "SELECT attempt, failures, not_before IS NOT NULL FROM tasks WHERE state = 'ready'"
        )
        assert waits == ([(attempt + 1, attempt, True)] if attempt < 3 else [])
        world.connection.execute("UPDATE tasks SET not_before = NULL")
    assert error_of(world, job)["class"] == kind
    causes = [body["cause"] for _, body in world.events(job) if body.get("to") == "ready"]
    assert causes == [f"{kind}: it broke; try 2 of 3 in 0.5 s", f"{kind}: it broke; try 3 of 3 in 1 s"]


def test_one_failure_in_a_chunk_leaves_its_neighbours_alone(world: World, run: Run) -> None:
    good = [world.job([probe("echo")]) for _ in range(3)]
    bad = world.job([probe("fail", how="user")])
    assert len(run()) == 4
    assert [world.status(job) for job in (*good, bad)] == ["completed"] * 3 + ["failed"]


def test_a_task_that_grows_is_followed_to_its_end(world: World, run: Run) -> None:
    job = world.job([probe("grow"), probe("echo", 0)])
    while run():
        pass
    assert world.status(job) == "completed"
    result = world.value("SELECT result FROM jobs WHERE id = %s", job)
    [last] = result["inputs"]
    assert last["payload"] == {"part": "last"} and len(last["inputs"]) == 2


def test_a_snoozed_task_comes_back_with_its_payload(world: World, run: Run) -> None:
    job = world.job([probe("snooze")])
    run()
    assert world.states(job) == ["ready"]
    world.connection.execute("UPDATE tasks SET not_before = NULL")
    run()
    assert world.value("SELECT result FROM jobs WHERE id = %s", job) == "attached"


def test_a_task_goes_on_from_its_journal(world: World, run: Run) -> None:
    job = world.job([probe("record"), probe("record", 0), probe("record", 1)])
    while run():
        pass
    assert world.value("SELECT result FROM jobs WHERE id = %s", job)["known"] == 2
    assert world.value("SELECT count(*) FROM journal") == 3
    assert [kind for kind, _ in world.events(job)].count("warning") == 3


def test_what_the_machine_cannot_hold_now_is_left_for_later(world: World, run: Run) -> None:
    job = world.job([TaskSpec("probe_echo", "cpu-sim", memory_bytes=1 << 60)])
    run()
    [(state, failures)] = world.rows("SELECT state, failures FROM tasks")
    assert (state, failures) == ("ready", 1)
    assert "needs 1,152,921,504,606,846,976 bytes" in world.events(job)[-1][1]["cause"]


def test_an_operation_this_worker_does_not_know_fails_the_job_by_name(world: World, run: Run) -> None:
    job = world.job([TaskSpec("teleport", "cpu-sim")])
    run()
    assert "no operation 'teleport'" in error_of(world, job)["message"]


def test_a_message_of_the_past_does_nothing(world: World, redis_url: str) -> None:
    held = world.held_in("completed")
    before = world.everything()
    settings = Settings(database_url=world.url, redis_url=redis_url)
    executor = Executor(settings, queue="cpu-sim", worker=WORKER, slots=1)
    executor.execute([(held.task_id, held.attempt), (999_999, 1)])
    assert world.everything() == before


def test_cheap_followers_are_run_without_another_message(world: World, redis_url: str) -> None:
    job = world.job([probe("echo"), *(probe("echo", k) for k in range(20))])
    settings = Settings(database_url=world.url, redis_url=redis_url, lease_s=20.0, inline_s=10.0)
    executor = Executor(settings, queue="cpu-sim", worker=WORKER, slots=1)
    world.serve()
    executor.execute([(task.task_id, task.attempt) for task in world.take()])
    assert world.status(job) == "completed"
    assert world.moves(job).count(("queued", "running")) == 1


def test_a_draining_worker_gives_back_what_it_has_not_begun(world: World, run: Run) -> None:
    job = world.job([probe("echo"), probe("echo"), probe("echo", 0, 1)])
    drain.request()
    run()
    assert world.states(job) == ["ready", "ready", "blocked"]
    assert world.rows("SELECT attempt, failures FROM tasks WHERE state = 'ready'") == [(2, 0)] * 2
    assert world.events(job)[-1][1]["cause"] == "worker shut down"


def test_a_task_that_checks_in_is_given_back_when_the_worker_drains(world: World, run: Run) -> None:
    job = world.job([probe("poll")])
    with once_running(world, job, lambda _: drain.request()):
        run()
    assert world.states(job) == ["ready"] and not UNSTOPPED


@pytest.mark.parametrize("name", ["stall", "poll"])
def test_a_cancelled_job_stops_what_runs(world: World, run: Run, name: str) -> None:
    job = world.job([probe(name)])
    with once_running(world, job, lambda connection: jobs.cancel(connection, job)):
        run()
    assert world.states(job) == ["cancelled"] and not UNSTOPPED


def test_what_is_told_of_a_stopped_task_says_how_its_job_ended_once(world: World, redis_url: str) -> None:
    executor = executor_of(world, redis_url, task_events=True)
    job = world.job([probe("poll")])
    world.serve()
    [task] = world.take()
    with once_running(world, job, lambda connection: jobs.cancel(connection, job, "ada", "no longer needed")):
        told = executor.execute([(task.task_id, task.attempt)])
    assert told == [
        f'task {task.task_id} was stopped: its job was cancelled by the token "ada": no longer needed'
    ]


def test_a_connection_lost_between_tasks_is_made_again(world: World, run: Run) -> None:
    first, second = world.job([probe("echo")]), world.job([probe("echo")])
    run()
    world.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", WORKER)
    third = world.job([probe("echo")])
    run()
    assert [world.status(job) for job in (first, second, third)] == ["completed"] * 3


def test_a_connection_ended_amid_a_transaction_is_made_again(world: World, run: Run, monkeypatch) -> None:
    """What PostgreSQL does to a worker that was stopped while it recorded what a task grew into."""
    insert = graph.insert
    ended: list[Connection] = []

    def slowly(connection: Connection, *arguments, **more) -> list[int]:
        connection.execute("SET idle_in_transaction_session_timeout = '50ms'")
        if not ended:
            eventually(lambda: world.is_gone(connection))
            ended.append(connection)
        return insert(connection, *arguments, **more)

    monkeypatch.setattr("shared.db.expansion.insert", slowly)
    job = world.job([probe("grow")])
    while run():
        pass
    assert world.status(job) == "completed" and len(ended) == 1
    assert world.rows("SELECT max(attempt), max(failures) FROM tasks") == [(1, 0)]


def test_a_database_that_stays_away_is_a_failure_of_its_kind(redis_url: str, monkeypatch) -> None:
    monkeypatch.setattr(execute, "RECONNECT_S", 0.2)
    nowhere = Settings(database_url="postgresql://novacron@127.0.0.1:1/novacron", redis_url=redis_url)
    executor = Executor(nowhere, queue="cpu-sim", worker=WORKER, slots=1)
    with pytest.raises(ConnectionError, match="the database is away") as away:
        executor.execute([(1, 1)])
    assert (failure.of(away.value).kind, failure.of(away.value).code) == ("transient", "database_unavailable")
