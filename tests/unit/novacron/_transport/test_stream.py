from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novacron import AsyncClient, Client
from novacron._transport.stream import Cursor, Decoder, Event
from novacron.errors import BadInput, NotFound, ServerError
from tests.unit.novacron.conftest import Scheduler, event

SPEC = {"kind": "hybrid_vqe"}


def _scheduler_with_events(scheduler: Scheduler, n_events: int) -> str:
    job = scheduler.add(SPEC)
    scheduler.events[job["job_id"]] += [event("warning", message=f"été {i}") for i in range(n_events)]
    return str(job["job_id"])


@pytest.mark.parametrize("from_", [1, 4])
def test_a_stream_that_breaks_loses_nothing_and_repeats_nothing(scheduler: Scheduler, from_: int) -> None:
    job_id = _scheduler_with_events(scheduler, 20)
    scheduler.cut_stream_after = [0, 3, 1, 7]
    ordinals = [one.ordinal for one in Client().job(job_id).stream(from_)]
    assert ordinals == list(range(from_, 23))
    streams = scheduler.requests("GET", "/events")
    assert len(streams) == 5
    resumed = [int(one.headers["last-event-id"]) for one in streams if "last-event-id" in one.headers]
    assert resumed == sorted(resumed) and resumed[-1] > 5


def test_the_asynchronous_stream_resumes_as_well(scheduler: Scheduler) -> None:
    job_id = _scheduler_with_events(scheduler, 20)
    scheduler.cut_stream_after = [3, 1, 7]

    async def use() -> list[int]:
        async with AsyncClient() as client:
            job = await client.job(job_id)
            return [one.ordinal async for one in job.stream()]

    assert asyncio.run(use()) == list(range(1, 23))


def test_a_stream_outlives_refusals_for_the_moment(scheduler: Scheduler) -> None:
    job_id = _scheduler_with_events(scheduler, 2)
    job = Client().job(job_id)
    scheduler.faults = ["503", "drop", "429"]
    assert [one.kind for one in job.stream()] == ["job", "warning", "warning", "job"]


def test_without_follow_the_stream_stops_at_the_newest_event(scheduler: Scheduler) -> None:
    job_id = _scheduler_with_events(scheduler, 2)
    assert [one.data.get("message") for one in Client().job(job_id).stream(2, follow=False)] == [
        "été 0",
        "été 1",
    ]


def test_a_stream_from_the_end_of_an_ended_job_ends_at_once(scheduler: Scheduler) -> None:
    job_id = _scheduler_with_events(scheduler, 2)
    assert len(list(Client().job(job_id).stream())) == 4
    assert list(Client().job(job_id).stream(5)) == list(Client().job(job_id).stream(900)) == []

    async def use() -> list[Event]:
        async with AsyncClient() as client:
            return [one async for one in (await client.job(job_id)).stream(5)]

    assert asyncio.run(use()) == []


def test_a_stream_of_no_job_and_of_no_number(scheduler: Scheduler) -> None:
    job = Client().job(_scheduler_with_events(scheduler, 0))
    with pytest.raises(BadInput, match="from 1"):
        job.stream(0)
    scheduler.jobs.clear()
    with pytest.raises(NotFound):
        list(job.stream())


def test_a_reader_may_leave_early(scheduler: Scheduler) -> None:
    job = Client().job(_scheduler_with_events(scheduler, 5))
    stream = job.stream()
    assert next(stream).ordinal == 1
    stream.close()  # type: ignore[attr-defined]
    assert [one.ordinal for one in job.stream(6)] == [6, 7]


TEXT = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=8)


@given(
    st.lists(TEXT, max_size=5),
    st.sampled_from(["\n", "\r", "\r\n"]),
    st.lists(st.integers(1, 40), max_size=40),
)
def test_events_are_the_same_however_the_bytes_are_cut(
    messages: list[str], newline: str, cuts: list[int]
) -> None:
    lines = [": keep-alive", ""]
    for ordinal, message in enumerate(messages, 1):
        body = json.dumps({"message": message}, ensure_ascii=False, indent=1).split("\n")
        lines += [f"id: {ordinal}", "event: warning", *(f"data:{line}" for line in body), "", ": pause"]
    data = (newline.join([*lines, "id: 99", "event: warning", "data: {}"])).encode()
    decoder, found = Decoder(), []
    for cut in [*cuts, len(data)]:
        found += decoder.feed(data[:cut])
        data = data[cut:]
    found += decoder.feed(data)
    assert found == [Event(i, "warning", {"message": m}) for i, m in enumerate(messages, 1)]


def test_what_is_no_event_is_passed_over_and_what_is_no_json_is_told() -> None:
    decoder = Decoder()
    assert decoder.feed(b"retry: 10\n\nid: x\ndata: {}\n\nid: 3\nevent: job\n\n") == []
    with pytest.raises(ServerError, match="event 3"):
        decoder.feed(b"id: 3\ndata: {\n\n")


def test_a_cursor_gives_up_after_a_minute_of_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("novacron._transport.stream.monotonic", lambda: now)
    cursor = Cursor("a", 1)
    failure = ServerError("away")
    pauses = [cursor.pause_s(failure) for _ in range(10)]
    assert pauses == sorted(pauses) and pauses[-1] == 2.0
    cursor.accept(b": keep-alive\n\n")
    assert cursor.pause_s(failure) == pauses[0]
    now = 161.0
    with pytest.raises(ServerError):
        cursor.pause_s(failure)
