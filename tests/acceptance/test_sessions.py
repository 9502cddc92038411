"""Sessions on a running stack: a program that is killed and run again, its calls, its end."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from novacron import AsyncClient, Client
from novacron.errors import BadInput, Conflict
from testing.patience import PATIENCE_S, eventually
from tests.acceptance.stack import ROOT, Stack

NOTEBOOK = Path(__file__).with_name("notebook.py")
NOOP = {"kind": "pure_classical", "function": "noop"}


def notebook(stack: Stack, told: Path, n_calls: int) -> subprocess.Popen[bytes]:
    named = {"NOVACRON_URL": stack.url, "NOVACRON_TOKEN": stack.token, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(NOTEBOOK), str(told), str(n_calls)]
    return subprocess.Popen(command, env=os.environ | named)


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_a_killed_notebook_is_run_again_and_goes_on(stack: Stack, client: Client, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    running = notebook(stack, first, 400)
    eventually(lambda: len(lines(first)) >= 30, "thirty calls")
    running.send_signal(signal.SIGKILL)
    assert running.wait(PATIENCE_S) == -signal.SIGKILL
    n_known = len(lines(first))
    # Redis loses everything that it knows of results.
    with redis.Redis.from_url(stack.published["redis_url"]) as store:
        assert sum(store.delete(key) for key in store.scan_iter("*novacron:result:*")) >= n_known
    assert notebook(stack, second, n_known + 20).wait(PATIENCE_S) == 0
    assert lines(second)[:n_known] == lines(first)
    newest, oldest = client.sessions.list(name="notebook")[:2]
    assert (oldest.status, newest.status, newest.run) == ("open", "ended", oldest.run + 1)
    calls = client.sessions.calls(newest.session_id)
    assert [call.position for call in calls] == list(range(n_known + 20)) == list(range(newest.n_calls))
    assert [call.value.hex() for call in calls if call.value is not None] == lines(second)
    assert all(call.from_cache for call in calls[:n_known])
    # The call during which it was killed may have been answered, or is joined.
    assert 0 <= newest.n_earlier - n_known <= 1
    assert newest.summary == f"{n_known + 20} calls, {newest.n_earlier} served from the first run"
    shown = stack.document("jobs", "--sessions", "--name", "note*")["sessions"]
    assert [one["session_id"] for one in shown[:2]] == [newest.session_id, oldest.session_id]
    picture = tmp_path / "curve.png"
    assert stack.run("plot", newest.session_id, "-o", str(picture)).returncode == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_calls_are_listed_by_their_session_alone(stack: Stack, client: Client) -> None:
    with client.session("listed") as session:
        job = session.submit(NOOP | {"cache": False, "name": "a call of a session"}).wait(PATIENCE_S)
        again = session.run(NOOP | {"cache": False})
        assert (job.document["position"], again.from_cache) == (0, False)
        assert not client.jobs(name="a call of a session")
        assert [one.id for one in client.jobs(name="a call of*", session=session.id)] == [job.id]
        told = session.refresh()
        assert (told.status, told.n_calls, told.usd) == ("open", 2, 0.0)
        assert min(told.worker_s, told.client_s) > 0
    with pytest.raises(Conflict, match="has ended"):
        session.run(NOOP)
    assert client.sessions.get(session.id).n_calls == 2


def test_a_session_that_is_not_there_or_idle_takes_no_call(stack: Stack, client: Client) -> None:
    for wanted in ({"name": ""}, {"name": "x", "idle_s": 0}, {"name": "x", "idle_s": "soon"}):
        with pytest.raises(BadInput):
            client.sessions.open(**wanted)
    with pytest.raises(BadInput, match="no such session"):
        client.submit(NOOP | {"session": "0000000000000000"})
    idle = client.sessions.open("idle", idle_s=1)
    eventually(lambda: client.sessions.get(idle.session_id).status == "ended", "the idle time's end")
    with pytest.raises(Conflict, match="has ended"):
        client.submit(NOOP | {"session": idle.session_id})
    with pytest.raises(BadInput, match="one call of a session"):
        client.sweep(NOOP | {"session": idle.session_id}, {"seed": [1, 2]})
    with stack.client(stack.new_token("submit", "session neighbour")) as neighbour:
        assert not neighbour.sessions.list()
        mine = client.sessions.open("mine")
        with pytest.raises(BadInput, match="no such session"):
            neighbour.submit(NOOP | {"session": mine.session_id})


def test_the_asynchronous_client_has_sessions(stack: Stack) -> None:
    asyncio.run(awaited(stack))


async def awaited(stack: Stack) -> None:
    async with AsyncClient(stack.url, stack.token) as client, client.session("awaited") as session:
        answer = await session.run(NOOP | {"seed": 5})
        job = await (await session.submit(NOOP | {"seed": 5})).wait(PATIENCE_S)
        assert (job.document["from_cache"], answer.from_cache) == (True, False)
        assert [call.from_cache for call in await session.calls()] == [False, True]
