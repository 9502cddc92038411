"""A worker child whose database does not take what it computed: the work is kept, or its failure says why."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from shared.db import claims, jobs
from shared.tasks import TaskSpec
from tests.integration.core.executing import WORKER, executor_of, message, probe
from tests.integration.core.probes import RAN, VALUES
from tests.integration.core.world import World
from workers.runtime import execute, failure, journal
from workers.runtime.execute import Executor
from workers.runtime.outcome import UserError

pytestmark = pytest.mark.usefixtures("probes")

TROUBLES = {
    "serialization": "40001",
    "deadlock": "40P01",
    "disk_full": "53100",
    "cancelled": "57014",
    "admin_shutdown": "57P01",
    "read_only": "25006",
    "privilege": "42501",
    "cached_plan": "0A000",
    "column": "42703",
    "internal": "XX000",
}
TROUBLE = """
CREATE SEQUENCE troubles;
CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF nextval('troubles') <= {times} THEN RAISE EXCEPTION 'trouble' USING ERRCODE = '{state}'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER trouble BEFORE {what} FOR EACH ROW {when} EXECUTE FUNCTION trouble();
"""
COMPLETED = {"what": "UPDATE ON tasks", "when": "WHEN (NEW.state = 'completed')"}
JOURNALLED = {"what": "INSERT ON journal", "when": ""}


@pytest.fixture
def values() -> Iterator[list[Callable[[], Any]]]:
    """What the probe `come_to` comes to."""
    yield VALUES
    VALUES.clear()
    RAN.clear()


@pytest.fixture
def trouble(world: World) -> Iterator[Callable[..., None]]:
    """Makes PostgreSQL refuse a change so many times, with that state."""

    def make(state: str, times: int, what: str, when: str) -> None:
        world.connection.execute(
            TROUBLE.format(state=state, times=times, what=what, when=when).encode(), prepare=False
        )

    yield make
    world.connection.execute("DROP FUNCTION IF EXISTS trouble CASCADE")
    world.connection.execute("DROP SEQUENCE IF EXISTS troubles")


@pytest.fixture
def read_only(world: World) -> Iterator[Callable[[bool], None]]:
    """Makes the database read-only for the worker, as a fail-over does, or no longer so."""

    def make(wanted: bool) -> None:
        with psycopg.connect(world.url, autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            name = connection.info.dbname
            value = "on" if wanted else "off"
            connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {value}".encode())
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
            connection.execute(ended, (WORKER,))

    yield make
    make(False)


@pytest.fixture
def executor(world: World, redis_url: str) -> Executor:
    return executor_of(world, redis_url)


def error_of(world: World, job: str) -> dict[str, Any]:
    error: dict[str, Any] = world.value("SELECT error FROM jobs WHERE id = %s", job)
    return error


def once(job_tasks: int, world: World) -> None:
    """Nothing was computed twice, and nothing failed on the way."""
    assert world.rows("SELECT max(attempt), max(failures) FROM tasks") == [(1, 0)]
    assert world.value("SELECT count(*) FROM tasks WHERE state = 'completed'") == job_tasks


@pytest.mark.parametrize("state", TROUBLES.values(), ids=TROUBLES)
def test_what_was_computed_is_recorded_when_the_database_takes_it_again(world, executor, trouble, state):
    jobs_made = [world.job([probe("echo", part=part)]) for part in range(3)]
    trouble(state, 2, **COMPLETED)
    assert len(message(world, executor)) == 3
    assert {world.status(job) for job in jobs_made} == {"completed"}
    once(3, world)


@pytest.mark.parametrize("inline_s", [0.0, 10.0])
def test_so_is_what_is_gone_on_with_and_what_a_task_grows_into(world, redis_url, trouble, inline_s):
    executor = executor_of(world, redis_url, inline_s=inline_s)
    job = world.job([probe("grow"), probe("echo", 0), probe("echo", 1)])
    trouble("XX000", 3, **COMPLETED)
    while message(world, executor):
        pass
    assert world.status(job) == "completed"
    once(6, world)


@pytest.mark.parametrize("state", [TROUBLES["disk_full"], TROUBLES["read_only"], TROUBLES["internal"]])
def test_evaluations_wait_until_the_database_takes_them(world, executor, trouble, state):
    job = world.job([probe("record")])
    trouble(state, 2, **JOURNALLED)
    message(world, executor)
    assert world.status(job) == "completed" and world.value("SELECT count(*) FROM journal") == 1
    once(1, world)


def test_evaluations_that_are_never_taken_are_a_failure_that_passes(world, executor, trouble, monkeypatch):
    monkeypatch.setattr(journal, "AWAY_S", 0.3)
    job = world.job([probe("record")], spec={"max_retries": 0})
    trouble(TROUBLES["disk_full"], 1000, **JOURNALLED)
    message(world, executor)
    error = error_of(world, job)
    assert (error["class"], error["code"]) == ("transient", "database_unavailable")
    assert "takes no evaluations" in error["message"] and "trouble" in error["cause"]


@pytest.mark.parametrize("n_tasks", [1, 3])
def test_a_database_read_only_for_a_while_loses_nothing(world, executor, read_only, values, n_tasks):
    """It is when the first has been computed, and takes writes again while the worker tries."""
    timers: list[threading.Timer] = []

    def turn() -> str:
        read_only(True)
        timers.append(threading.Timer(1.0, read_only, (False,)))
        timers[0].start()
        return "computed"

    values += [turn, lambda: "neighbour"]
    made = [world.job([probe("come_to", value=min(part, 1))]) for part in range(n_tasks)]
    message(world, executor)
    timers[0].join()
    assert {world.status(job) for job in made} == {"completed"}
    assert world.value("SELECT result FROM jobs WHERE id = %s", made[0]) == "computed"
    assert len(RAN) == n_tasks
    once(n_tasks, world)


def test_a_database_read_only_for_longer_leaves_the_task_to_be_taken_up_again(
    world, executor, read_only, values, monkeypatch
):
    monkeypatch.setattr(execute, "RECONNECT_S", 0.3)
    values += [lambda: read_only(True) or "computed"]
    job = world.job([probe("come_to", value=0)])
    with pytest.raises(ConnectionError, match="the database is away") as away:
        message(world, executor)
    assert failure.of(away.value).kind == "transient"
    read_only(False)
    assert (world.status(job), world.states(job)) == ("running", ["running"])
    assert not [body for kind, body in world.events(job) if body.get("to") in ("failed", "completed")]
    values[0] = lambda: "again"
    world.connection.execute("UPDATE tasks SET state = 'ready', attempt = 2, claimed_by = NULL")
    message(world, executor)
    assert world.value("SELECT result FROM jobs WHERE id = %s", job) == "again"


def test_a_failure_waits_for_a_database_that_takes_writes(world, executor, read_only, values):
    """Refused as a value, then read-only before the failure is written: the failure is the value's."""

    def turn() -> float:
        read_only(True)
        threading.Timer(1.0, read_only, (False,)).start()
        return float("nan")

    values += [turn]
    job = world.job([probe("come_to", value=0)])
    message(world, executor)
    error = error_of(world, job)
    assert (error["class"], error["code"]) == ("user", "overflow")
    assert error["message"] == "the result is not finite: it is nan"


def test_a_statement_refused_for_good_is_tried_again_as_a_task_and_never_internal(
    world, executor, trouble, monkeypatch
):
    monkeypatch.setattr(execute, "REFUSED_S", 0.2)
    job = world.job([probe("echo")], spec={"max_retries": 1})
    trouble(TROUBLES["column"], 10_000, **COMPLETED)
    message(world, executor)
    assert world.states(job) == ["ready"]
    world.connection.execute("UPDATE tasks SET not_before = NULL")
    message(world, executor)
    error = error_of(world, job)
    assert (error["class"], error["retryable"], error["code"]) == ("transient", True, "unavailable")
    assert error["message"] == "what the task came to could not be recorded: trouble"
    assert error["cause"].startswith("UndefinedColumn: trouble")


@pytest.mark.parametrize("state", ["22P05", "54000"])
def test_a_value_the_database_cannot_hold_is_its_own_tasks_failure(world, executor, trouble, state):
    good = [world.job([probe("echo", part=part)]) for part in range(2)]
    bad = world.job([probe("echo")], spec={"name": "bad"})
    [task] = world.ids(bad)
    trouble(state, 1000, COMPLETED["what"], f"WHEN (NEW.state = 'completed' AND NEW.id = {task})")
    message(world, executor)
    assert [world.status(job) for job in (*good, bad)] == ["completed", "completed", "failed"]
    assert (error_of(world, bad)["class"], error_of(world, bad)["code"]) == ("user", "unstorable")


@pytest.mark.parametrize("value", [float("inf"), {"energy": float("nan")}, [1.0, {"a": [float("-inf")]}]])
def test_a_result_that_is_not_finite_says_where(world, executor, values, value):
    values += [lambda: value]
    job = world.job([probe("come_to", value=0)])
    message(world, executor)
    error = error_of(world, job)
    assert (error["class"], error["code"]) == ("user", "overflow")
    assert error["message"].startswith("the result is not finite: ") and "scale" in error["hint"]


def test_a_result_that_is_too_large_says_how_large(world, executor, values, monkeypatch):
    monkeypatch.setattr(execute, "MOST_RESULT_BYTES", 1000)
    values += [lambda: "x" * 2000]
    job = world.job([probe("come_to", value=0)])
    message(world, executor)
    error = error_of(world, job)
    assert (error["class"], error["code"]) == ("user", "unstorable") and "2,002 bytes" in error["message"]


def test_texts_that_postgresql_has_no_form_for_are_told_all_the_same(world, executor):
    job = world.job([probe("warn", texts=[r"a\x00b", r"\ud800"])])
    message(world, executor)
    assert world.value("SELECT result FROM jobs WHERE id = %s", job)["warnings"] == ["a\\x00b", "\\ud800"]


def test_a_task_stopped_with_its_job_says_how_that_ended_once(world, redis_url):
    job = world.job([probe("echo"), probe("echo")])
    assert jobs.ending(world.connection, job) is None
    jobs.cancel(world.connection, job, "ada", "no longer needed")
    assert jobs.ending(world.connection, job) == 'was cancelled by the token "ada": no longer needed'
    failed = world.job([TaskSpec("noop", "cpu-sim")])
    [held] = world.claim()
    claims.fail(world.connection, held, worker="me/1", failure=failure.of(UserError("angle is not finite")))
    assert jobs.ending(world.connection, failed) == "failed: angle is not finite"


def test_large_results_of_a_chunk_are_recorded_as_they_come(world, executor, values, monkeypatch):
    """One statement for all of them could be larger than PostgreSQL takes."""
    monkeypatch.setattr(execute, "FLUSH_BYTES", 1000)
    values += [lambda: "x" * 2000, lambda: world.value("SELECT count(*) FROM jobs WHERE state = 'completed'")]
    large = [world.job([probe("come_to", value=0)]) for _ in range(2)]
    last = world.job([probe("come_to", value=1)])
    message(world, executor)
    assert {world.status(job) for job in large} == {"completed"}
    assert world.value("SELECT result FROM jobs WHERE id = %s", last) == 2
