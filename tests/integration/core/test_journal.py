"""The journal's rows, and the writer that batches them and outlives a lost connection."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import psycopg
import pytest

from shared.db import claims, jobs, journal, session
from shared.db.claims import Claim
from shared.db.journal import Row
from testing.patience import eventually
from tests.integration.core.world import ME, World
from workers.runtime.context import Entry
from workers.runtime.journal import TaskJournal
from workers.runtime.outcome import Stopped, UnstorableError


def entry(position: int, *, gradient: bool = True) -> Entry:
    """An evaluation recognised by its position, of numbers that have no short decimal form."""
    point = np.array([position / 3, -np.pi * position, 5e-324])
    return Entry(
        position, point, 0.1 + position / 7, point * 2 if gradient else None, None if gradient else 1 / 3
    )


class Opened:
    """Connections as a worker opens them, remembered so that a test can cut them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.made: list[session.Connection] = []

    def __call__(self) -> session.Connection:
        self.made.append(session.connect(self.url, name="journal"))
        return self.made[-1]


def writing(connect: Callable[[], session.Connection], held: Claim) -> TaskJournal:
    """The journal of loop 0, whose readings are not repeated."""
    return TaskJournal(connect, lambda read: read(), held, 0, ME)


def cut(world: World) -> None:
    """Cut all connections of the writer, as a restart of PostgreSQL does."""
    world.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'journal'")


@pytest.fixture
def held(world: World) -> Claim:
    """A task whose journal is written."""
    return world.held_in("running")


def rows_of(world: World, held: Claim) -> list[Row]:
    return journal.read(world.connection, held.job_id, 0)


def test_rows_come_back_as_they_were_bit_for_bit(world: World, held: Claim) -> None:
    rows = [
        Row(0, [1 / 3, -0.0, 1e300, 5e-324], 0.1, [np.pi, -1e-17, 0.0, 1.0], None),
        Row(1, [], -1.0, None, 2 / 3),
    ]
    assert journal.append(world.connection, held, 0, rows, worker=ME)
    assert rows_of(world, held) == rows
    assert journal.read(world.connection, held.job_id, 1) == []


def test_a_position_is_written_and_told_once(world: World, held: Claim) -> None:
    first = Row(0, [1.0], 1.0, None, None)
    journal.append(world.connection, held, 0, [first], worker=ME)
    again = [Row(0, [1.0], 99.0, None, None), Row(1, [2.0], 2.0, None, 0.25)]
    assert journal.append(world.connection, held, 0, again, worker=ME)
    assert rows_of(world, held) == [first, again[1]]
    told = [body["evaluations"] for kind, body in world.events(held.job_id) if kind == "evaluations"]
    assert told == [
        [{"evaluation": 1, "value": 1.0, "std_error": None}],
        [{"evaluation": 2, "value": 2.0, "std_error": 0.5}],
    ]


def test_loops_are_kept_apart(world: World, held: Claim) -> None:
    for loop in (0, 1):
        journal.append(world.connection, held, loop, [Row(0, [1.0], float(loop), None, None)], worker=ME)
    assert [journal.read(world.connection, held.job_id, loop)[0].value for loop in (0, 1)] == [0.0, 1.0]


def test_the_next_attempt_reads_what_the_first_wrote(world: World, held: Claim) -> None:
    journal.append(world.connection, held, 0, [Row(0, [1.0], 1.0, None, None)], worker=ME)
    claims.release(world.connection, held, worker=ME, cause="worker shut down")
    [again] = world.claim()
    row = Row(1, [2.0], 2.0, None, None)
    assert not journal.append(world.connection, held, 0, [row], worker=ME)
    assert journal.append(world.connection, again, 0, [row], worker=ME)
    assert [row.position for row in rows_of(world, held)] == [0, 1]


def test_the_writer_keeps_numbers_bit_for_bit(world: World, held: Claim) -> None:
    opened = Opened(world.url)
    writer = writing(opened, held)
    entries = [entry(0), entry(1, gradient=False), replace(entry(2), value=1e6 + 0.1, excess=0.1)]
    for one in entries:
        writer.append(one)
    writer.flush()
    for read, written in zip(writer.entries(), entries, strict=True):
        assert read.position == written.position and read.value == written.value
        assert read.point.tobytes() == written.point.tobytes() and read.variance == written.variance
        assert (read.gradient is None) == (written.gradient is None)
        assert (read.excess, read.above_constant) == (written.excess, written.above_constant)
    writer.close()


def test_many_evaluations_go_in_few_transactions(world: World, held: Claim) -> None:
    writer = writing(Opened(world.url), held)
    for position in range(500):
        writer.append(entry(position))
    writer.flush()
    assert [row.position for row in rows_of(world, held)] == list(range(500))
    assert sum(kind == "evaluations" for kind, _ in world.events(held.job_id)) < 250
    writer.close()


def test_what_was_appended_is_durable_soon_without_a_flush(world: World, held: Claim) -> None:
    writer = writing(Opened(world.url), held)
    writer.append(entry(0))
    eventually(lambda: len(rows_of(world, held)) == 1)
    writer.close()


def test_the_writer_outlives_a_lost_connection(world: World, held: Claim) -> None:
    opened = Opened(world.url)
    writer = writing(opened, held)
    for position in range(6):
        writer.append(entry(position))
        if position in (2, 4):
            writer.flush()
            cut(world)
    writer.flush()
    assert [row.position for row in rows_of(world, held)] == list(range(6))
    assert len(opened.made) >= 2
    writer.close()


def test_a_database_that_is_away_for_a_while_delays_and_loses_nothing(world: World, held: Claim) -> None:
    opened, refusals = Opened(world.url), [3]

    def connect() -> session.Connection:
        if refusals[0]:
            refusals[0] -= 1
            raise psycopg.OperationalError("away")
        return opened()

    writer = writing(connect, held)
    writer.append(entry(0))
    writer.append(entry(1))
    writer.flush()
    assert [row.position for row in rows_of(world, held)] == [0, 1]
    writer.close()


def test_a_writer_whose_task_was_cancelled_says_so_and_writes_nothing(world: World, held: Claim) -> None:
    writer = writing(Opened(world.url), held)
    jobs.cancel(world.connection, held.job_id)
    writer.append(entry(0))
    with pytest.raises(Stopped):
        writer.flush()
    with pytest.raises(Stopped):
        writer.flush()
    assert rows_of(world, held) == []
    writer.close()


def test_flushing_nothing_returns(world: World, held: Claim) -> None:
    opened = Opened(world.url)
    writer = writing(opened, held)
    writer.flush()
    writer.close()
    assert opened.made == []


def test_an_evaluation_that_the_database_refuses_is_not_waited_for(world: World, held: Claim) -> None:
    writer = writing(Opened(world.url), held)
    writer.append(Entry(0, np.zeros(1), float("nan")))
    with pytest.raises(UnstorableError, match="cannot be stored"):
        writer.flush()
    assert rows_of(world, held) == []
    writer.close()
