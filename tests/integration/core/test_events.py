"""The event log: an order that never changes for a reader, whatever order transactions commit in."""

import json
import threading

from shared.db import events, session
from testing.patience import PATIENCE_S
from tests.integration.core.world import World, node


def append(connection: session.Connection, number: int) -> None:
    events.append(connection, "job", "note", {"number": number})


def seen(world: World, after: int = 0, **more: int) -> list[int]:
    return [body["number"] for _, _, body in events.read(world.connection, "job", after=after, **more).events]


def test_events_come_in_order_with_their_time(world: World) -> None:
    for number in range(5):
        append(world.connection, number)
    assert seen(world) == list(range(5))
    assert seen(world, 2) == [2, 3, 4]
    assert seen(world, 1, limit=2) == [1, 2]
    assert seen(world, 5) == []
    [(ordinal, kind, body), *_] = events.read(world.connection, "job").events
    assert (ordinal, kind) == (1, "note") and body["at"].startswith("20")


def test_jobs_have_logs_of_their_own(world: World) -> None:
    append(world.connection, 1)
    assert events.read(world.connection, "another").events == []


def test_what_commits_late_comes_after_what_was_shown(world: World) -> None:
    """The first transaction takes the lower id and commits last."""
    early, late = world.another(), world.another()
    append(world.connection, 0)
    early.execute("BEGIN")
    append(early, 1)
    late.execute("BEGIN")
    append(late, 2)
    late.execute("COMMIT")
    shown = [seen(world)]
    append(world.connection, 3)
    shown.append(seen(world))
    early.execute("COMMIT")
    shown.append(seen(world))
    assert shown == [[0, 2], [0, 2, 3], [0, 2, 3, 1]]


def test_a_transaction_that_rolled_back_leaves_no_gap(world: World) -> None:
    lost = world.another()
    lost.execute("BEGIN")
    append(lost, 1)
    append(world.connection, 2)
    lost.execute("ROLLBACK")
    append(world.connection, 3)
    assert seen(world) == [2, 3] and seen(world, 1) == [3]


def test_no_transaction_of_anybody_else_holds_a_reader_up(world: World) -> None:
    """Whether in this database or in another of the server."""
    elsewhere = session.connect(world.url.rpartition("/")[0] + "/postgres", name="elsewhere")
    for other in (elsewhere, world.another()):
        other.execute("BEGIN")
        other.execute("SELECT pg_current_xact_id()")
    append(world.connection, 1)
    assert seen(world) == [1]
    elsewhere.close()


def test_the_order_does_not_change_when_ids_and_commits_cross(world: World) -> None:
    one, two = world.another(), world.another()
    one.execute("BEGIN")
    append(one, 10)
    two.execute("BEGIN")
    append(two, 20)
    append(one, 11)
    append(two, 21)
    two.execute("COMMIT")
    assert seen(world) == [20, 21]
    one.execute("COMMIT")
    assert seen(world) == [20, 21, 10, 11]


def test_the_end_of_a_job_is_told_with_its_last_event(world: World) -> None:
    job = world.job([node()])
    assert not events.read(world.connection, job).ended and not events.over(world.connection, job, 99)
    world.drive(job)
    assert not events.over(world.connection, job, 99), "nobody has read its last events"
    page = events.read(world.connection, job)
    assert page.ended and page.events[-1][2]["status"] == "completed"
    n = len(page.events)
    assert not events.read(world.connection, job, limit=n).ended, "more may follow a full page"
    assert events.read(world.connection, job, after=n) == events.Page([], ended=True)
    assert [events.over(world.connection, job, after) for after in (n - 1, n, n + 9)] == [False, True, True]


def test_a_log_longer_than_a_page_is_read_from_any_place(world: World) -> None:
    for number in range(25):
        append(world.connection, number)
    assert seen(world, 20, limit=3) == [20, 21, 22]
    assert seen(world, limit=100) == list(range(25))


def test_a_reader_among_writers_only_ever_sees_its_list_grow(world: World) -> None:
    stop, seen_some = threading.Event(), threading.Event()
    reading = world.another()
    lists: list[list[int]] = []

    def read() -> None:
        while not stop.is_set():
            found = events.read(reading, "job").events
            lists.append([body["number"] for _, _, body in found])
            if found:
                seen_some.set()

    def write(connection: session.Connection, first: int) -> None:
        for number in range(first, first + 60):
            assert number < first + 30 or seen_some.wait(PATIENCE_S)
            with connection.transaction():
                append(connection, 2 * number)
                append(connection, 2 * number + 1)

    reader = threading.Thread(target=read)
    reader.start()
    world.at_once(*(lambda connection, k=k: write(connection, 1000 * k) for k in range(4)))
    stop.set()
    reader.join()
    final = seen(world)
    assert len(final) == len(set(final)) == 480
    assert all(final[: len(found)] == found for found in lists)
    assert len({len(found) for found in lists}) > 1


def test_a_reader_that_pages_gets_what_one_that_reads_all_gets(world: World) -> None:
    job = world.job([node(), node(0), node(1)])
    world.drive(job)
    everything = events.read(world.connection, job).events
    paged: list[events.Told] = []
    while page := events.read(world.connection, job, after=len(paged), limit=3).events:
        paged += page
    assert paged == everything and [ordinal for ordinal, _, _ in paged] == list(range(1, len(paged) + 1))
    steps = [(body["from"], body["to"]) for _, kind, body in paged if kind == "task"]
    assert steps == [
        ("ready", "queued"), ("queued", "running"), ("running", "completed"), ("blocked", "ready"),
        ("ready", "queued"), ("queued", "running"), ("running", "completed"), ("blocked", "ready"),
        ("ready", "queued"), ("queued", "running"), ("running", "completed"),
    ]  # fmt: skip
    assert [body["status"] for _, kind, body in paged if kind == "job"] == ["queued", "running", "completed"]


def test_whoever_watches_the_job_is_woken(world: World, listening) -> None:
    listening("job")
    append(world.connection, 1)
    assert listening("job") == [("job", "job")]


def test_the_body_is_kept_as_it_is(world: World) -> None:
    body = {"message": 'a "quoted" line\nand π', "nested": [1, {"a": None}], "energy": -1.1372701746609}
    events.append(world.connection, "job", "warning", body)
    [(_, _, read)] = events.read(world.connection, "job").events
    read.pop("at")
    assert json.dumps(read) == json.dumps(body)
