"""Several schedulers on one database: the next is asked where one cannot be connected to, and only then."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator

import pytest

from novacron import AsyncClient, Client
from novacron._transport import http
from novacron._transport.endpoint import Addresses, Endpoint, find
from novacron._transport.flows import Flow
from novacron.errors import BadInput, TooBusy, Unauthorized, Unreachable
from tests.unit.novacron.cli.test_cli import run
from tests.unit.novacron.conftest import Scheduler, serve

SPEC = {"kind": "pure_classical", "function": "noop"}
DEAD = "http://127.0.0.1:1"


@pytest.fixture
def second(scheduler: Scheduler) -> Iterator[Scheduler]:
    """A second scheduler with the jobs of the first."""
    other = Scheduler(jobs=scheduler.jobs, events=scheduler.events, by_key=scheduler.by_key)
    server = serve(other)
    yield other
    server.shutdown()
    server.server_close()


def test_the_next_is_asked_where_nothing_listens_and_kept(scheduler: Scheduler) -> None:
    with Client(f"{DEAD}, {scheduler.url}/") as client:
        assert client.url == DEAD
        assert client.submit(SPEC).wait().status == "completed"
        assert client.url == scheduler.url
        client.jobs()
    assert len(scheduler.requests("POST")) == 1


def test_a_scheduler_that_goes_away_is_left_and_what_was_sent_is_sent_once_more(
    scheduler: Scheduler, second: Scheduler
) -> None:
    with Client(f"{scheduler.url},{second.url}") as client:
        scheduler.faults = ["lose answer"]
        job = client.submit(SPEC)
        assert client.url == second.url
        assert [one.id for one in client.jobs()] == [job.id]
        second.cut_stream_after = [1]
        assert [event.ordinal for event in job.stream()] == [1, 2]
        assert client.url == scheduler.url


def test_an_answer_is_the_answer_of_all(scheduler: Scheduler, second: Scheduler) -> None:
    with Client(f"{scheduler.url},{second.url}", "wrong") as client, pytest.raises(Unauthorized):
        client.jobs()
    with Client(f"{scheduler.url},{second.url}") as client:
        scheduler.faults = ["503", "429"]
        client.jobs()
        scheduler.faults = ["500"]
        with pytest.raises(Exception, match="try later"):
            client.jobs()
    assert second.seen == []


def test_where_none_answers_all_are_named(scheduler: Scheduler) -> None:
    with pytest.raises(Unreachable, match=r"at http://127\.0\.0\.1:1: .*; nor at http://127\.0\.0\.1:9: "):
        Client(f"{DEAD},http://127.0.0.1:9").readiness()


def test_one_that_is_there_and_says_nothing_in_time_may_be_busy() -> None:
    def asked() -> Flow[None]:
        yield http.get("/readyz", timeout_s=0.2)

    async def use(url: str) -> None:
        async with AsyncClient(url) as client:
            await client._run(asked())

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with Client(url) as client, pytest.raises(Unreachable, match="it may be busy"):
            client._run(asked())
        with pytest.raises(Unreachable, match="it may be busy"):
            asyncio.run(use(url))


def test_the_asynchronous_client_goes_by_the_same_rules(scheduler: Scheduler, second: Scheduler) -> None:
    async def use() -> None:
        async with AsyncClient(f"{DEAD},{scheduler.url},{second.url}") as client:
            job = await client.submit(SPEC)
            assert client.url == scheduler.url
            scheduler.faults = ["drop"]
            assert (await client.job(job.id)).id == job.id
            assert client.url == second.url
            second.cut_stream_after = [1]
            assert [event.ordinal async for event in job.stream()] == [1, 2]
            assert (await client.readiness())["ready"] is True
        async with AsyncClient(f"{DEAD},http://127.0.0.1:9") as client:
            with pytest.raises(Unreachable, match="nor at"):
                await client.readiness()

    asyncio.run(use())


def test_addresses_are_checked_each_and_kept_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find("http://a:1/, http://b:2,http://a:1").urls == ("http://a:1", "http://b:2")
    for wrong in ("http://a:1,", ",", "http://a:1,ftp://b", "http://a:1 http://b:2", "http://a:99999"):
        with pytest.raises(BadInput, match="must look like"):
            find(wrong)
    with pytest.raises(BadInput, match="all its addresses must be https"):
        find("https://a,http://b")


def test_of_two_threads_that_meet_a_dead_address_one_moves_on() -> None:
    addresses = Addresses(Endpoint(("a", "b", "c")))
    addresses.leave("a")
    addresses.leave("a")
    assert addresses.url == "b" and addresses.turn() == ["b", "c", "a"]


def test_the_token_of_the_embedded_stack_goes_to_it_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("NOVACRON_DATA", str(tmp_path))
    monkeypatch.delenv("NOVACRON_TOKEN", raising=False)
    state = {"url": "http://127.0.0.1:7", "token": "nc_own"}
    with open(f"{tmp_path}/runtime.json", "w") as stream:
        json.dump(state, stream)
    assert find("http://127.0.0.1:7").token == "nc_own"
    assert find("http://127.0.0.1:7,http://elsewhere:1").token is None


def test_status_follows_the_address(scheduler: Scheduler) -> None:
    done = run("status")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"ready  {scheduler.url}  version 0.1.0\n")
    scheduler.without_worker = ["crypto"]
    done = run("status")
    assert done.returncode == 3
    assert done.stdout.startswith("not ready") and "no worker of queue crypto" in done.stdout
    done = run("status", "--json")
    assert json.loads(done.stdout)["queues_without_worker"] == ["crypto"]
    done = run("status", NOVACRON_TOKEN="wrong")
    assert "not ready" in done.stdout and "workers: the token is not known" in done.stdout
    done = run("status", NOVACRON_URL=DEAD)
    assert done.returncode == 3 and DEAD in done.stderr


def test_status_of_a_folder_is_asked_for_by_name(scheduler: Scheduler, tmp_path: object) -> None:
    done = run("status", "--data", str(tmp_path))
    assert (done.returncode, done.stdout) == (3, f"down\ndata    {tmp_path}\n")


def test_too_busy_is_no_reason_to_go_elsewhere(scheduler: Scheduler, second: Scheduler) -> None:
    scheduler.faults = ["wait:99"]
    with Client(f"{scheduler.url},{second.url}") as client, pytest.raises(TooBusy):
        client.jobs()
    assert second.seen == []
