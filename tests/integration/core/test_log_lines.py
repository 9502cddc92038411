"""The last log lines of a job on a real database: bounded, numbered without a gap, told by who logs."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psycopg
import pytest

from scheduler.dispatch.log_lines import LogLines
from scheduler.dispatch.loop import Loop
from shared import ring, telemetry
from shared.db import jobs, log_lines, migrate, session
from shared.db.log_lines import MOST
from shared.ring import Ring
from shared.settings import Settings
from testing.patience import eventually
from tests.integration.core.executing import WORKER, executor_of, message, probe
from tests.integration.core.world import World, node

AGE = "UPDATE jobs SET finished_at = finished_at - interval '1 minute' WHERE id = %s"


def body(event: str) -> str:
    return json.dumps({"event": event})


def told(world: World, job: str, **asked: int) -> list[tuple[int, str]]:
    page = log_lines.read(world.connection, job, **asked)
    return [(line["number"], line["event"]) for line in page.lines]


def events(world: World, job: str) -> list[str]:
    return [event for _, event in told(world, job)]


@pytest.fixture
def kept(world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Ring]:
    """What this process logs about jobs is kept in the world's database, by the handler of a worker."""
    monkeypatch.setattr(ring, "EVERY_S", 0.01)
    caplog.set_level(logging.INFO)
    root = logging.getLogger()
    made = Ring(partial(session.connect, world.url, name="log", durable=False))
    root.addHandler(made)
    yield made
    root.removeHandler(made)
    made.close()


def test_of_a_job_the_last_lines_are_kept(world: World) -> None:
    one, two = world.job([node()]), world.job([node()])
    log_lines.keep(world.connection, [(one, body("first")), (two, body("other")), (one, body("second"))])
    assert told(world, one) == [(1, "first"), (2, "second")] and told(world, two) == [(1, "other")]
    for batch in range(3):
        log_lines.keep(world.connection, [(one, body(f"{batch}/{n}")) for n in range(MOST // 2 + 10)])
    lines = told(world, one, limit=500)
    assert len(lines) == world.value("SELECT count(*) FROM log_lines WHERE job_id = %s", one) == MOST
    last = 2 + 3 * (MOST // 2 + 10)
    assert [number for number, _ in lines] == list(range(last - MOST + 1, last + 1))
    assert lines[-1][1] == f"2/{MOST // 2 + 9}" and told(world, two) == [(1, "other")]


def test_of_more_lines_than_there_is_room_for_the_last_are_taken(world: World) -> None:
    job = world.job([node()])
    log_lines.keep(world.connection, [(job, body(f"{n}")) for n in range(3 * MOST)])
    assert told(world, job) == [(n + 1, f"{2 * MOST + n}") for n in range(MOST)]


def test_the_table_has_no_room_for_more(world: World) -> None:
    job = world.job([node()])
    with pytest.raises(psycopg.errors.CheckViolation, match="log_lines_are_few"):
        world.connection.execute(
            "INSERT INTO log_lines (job_id, slot, number, body) VALUES (%s, %s, 1, '{}')", (job, MOST)
        )


def test_lines_about_jobs_that_are_not_there_are_passed_over(world: World) -> None:
    job = world.job([node()])
    log_lines.keep(world.connection, [("none", body("lost")), (job, body("kept"))])
    assert events(world, job) == ["kept"] and world.value("SELECT count(*) FROM log_lines") == 1


def test_writers_at_the_same_time_lose_no_line(world: World) -> None:
    one, two = world.job([node()]), world.job([node()])

    def write(connection: session.Connection, writer: int) -> None:
        for n in range(10):
            pair = [(one, body(f"{writer}/{n}")), (two, body(f"{writer}/{n}"))]
            log_lines.keep(connection, pair if writer % 2 else pair[::-1])

    world.at_once(*(partial(write, writer=writer) for writer in range(4)))
    expected = {f"{writer}/{n}" for writer in range(4) for n in range(10)}
    for job in (one, two):
        lines = told(world, job)
        assert [number for number, _ in lines] == list(range(1, 41))
        assert {event for _, event in lines} == expected
        for writer in range(4):
            of_writer = [event for _, event in lines if event.startswith(f"{writer}/")]
            assert of_writer == [f"{writer}/{n}" for n in range(10)]


def test_a_page_says_when_no_line_follows(world: World) -> None:
    job = world.job([node()])
    log_lines.keep(world.connection, [(job, body(f"{n}")) for n in range(3)])
    read = partial(log_lines.read, world.connection, job)
    assert not read().ended
    jobs.cancel(world.connection, job)
    assert not read().ended, "the leader tells of the end a moment later"
    world.connection.execute(AGE.encode(), (job,))
    assert read().ended and not read(limit=3).ended and read(after=3, limit=3).ended
    assert told(world, job, after=1, limit=1) == [(2, "1")]


@pytest.fixture
def written() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What this process writes meanwhile as lines of JSON, those about jobs."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(telemetry.formatter("json"))
    logging.getLogger().addHandler(handler)
    yield lambda: [line for text in stream.getvalue().splitlines() if "job" in (line := json.loads(text))]
    logging.getLogger().removeHandler(handler)


@pytest.mark.usefixtures("probes")
def test_lines_of_json_say_the_same_by_the_same_names(
    world: World, redis_url: str, kept: Ring, written: Callable[[], list[dict[str, Any]]]
) -> None:
    job = world.job([probe("say", texts=["slow"]), probe("fail", 0, how="os")], spec={"max_retries": 0})
    message(world, executor_of(world, redis_url, inline_s=10.0))
    kept.flush()
    lines = log_lines.read(world.connection, job).lines
    assert [line["event"] for line in lines] == ["slow", "failed"]
    assert written() == [
        {name: value for name, value in line.items() if name not in ("number", "facts") and value is not None}
        | line["facts"]
        | {"job": job, "tenant_id": world.tenant("one")}
        for line in lines
    ]


@pytest.mark.usefixtures("probes")
def test_a_failed_task_leaves_its_cause_and_what_it_logged(world: World, redis_url: str, kept: Ring) -> None:
    job = world.job(
        [probe("say", texts=["redis://:hunter2@127.0.0.1/0 is slow", "a\nb"]), probe("fail", 0, how="bug")]
    )
    executor = executor_of(world, redis_url, inline_s=10.0)
    message(world, executor)
    lines: list[dict[str, Any]] = eventually(
        lambda: found if len(found := log_lines.read(world.connection, job).lines) == 3 else None
    )
    first, second, failed = lines
    assert (first["event"], second["event"]) == ("redis://:***@127.0.0.1/0 is slow", "a\nb")
    said, broke = world.ids(job)
    assert (first["task"], first["attempt"], first["worker"], first["queue"]) == (said, 1, WORKER, "cpu-sim")
    assert (failed["event"], failed["task"], failed["level"]) == ("failed", broke, "warning")
    assert failed["facts"] == {"failure": "internal"}
    assert failed["exception"].startswith("Traceback") and failed["exception"].endswith(
        "KeyError: 'it broke'"
    )
    assert "hunter2" not in str(world.rows("SELECT body::text FROM log_lines"))


@pytest.mark.usefixtures("probes")
def test_tasks_that_log_nothing_write_nothing(world: World, redis_url: str, kept: Ring) -> None:
    job = world.job([*(probe("echo") for _ in range(20)), probe("echo", *range(20))])
    executor = executor_of(world, redis_url, inline_s=10.0)
    while world.status(job) != "completed":
        message(world, executor)
    kept.flush()
    assert world.value("SELECT count(*) FROM log_lines") == 0
    assert kept._connection is None


@pytest.mark.usefixtures("probes")
def test_work_goes_on_where_lines_cannot_be_kept(world: World, redis_url: str, kept: Ring) -> None:
    world.connection.execute("ALTER TABLE log_lines RENAME TO gone")
    try:
        job = world.job([probe("say", texts=["lost"])])
        message(world, executor_of(world, redis_url))
        kept.flush()
        assert world.status(job) == "completed"
    finally:
        world.connection.execute("ALTER TABLE gone RENAME TO log_lines")
    assert events(world, job) == []


def test_the_leader_tells_where_a_job_goes_and_how_it_ends(
    world: World, redis_server, redis_url: str, kept: Ring
) -> None:
    redis_server.empty()
    loop = Loop(Settings(database_url=world.url, redis_url=redis_url), [LogLines()])
    loop.start()
    eventually(lambda: loop.leading)
    for _ in range(3):  # a leader tells what comes after its first look, which the third does
        job = world.job(None, spec={"timeout_s": 600.0})
        eventually(partial(world.states, job))
    eventually(lambda: events(world, job) == ["submitted", "planned"])
    world.connection.execute(
        "UPDATE jobs SET created_at = created_at - interval '1 hour' WHERE id = %s", (job,)
    )
    eventually(lambda: {"timed_out", "failed"} <= set(events(world, job)))
    loop.stop()


def test_the_schema_can_be_taken_back_and_brought_again(new_database_url: str) -> None:
    there = "SELECT to_regclass('log_lines') IS NOT NULL"
    with psycopg.connect(new_database_url, autocommit=True) as connection:
        migrate.run(new_database_url, "0013", down=True)
        assert connection.execute(there).fetchone() == (False,)
        assert migrate.upgrade(new_database_url)
        assert connection.execute(there).fetchone() == (True,)
