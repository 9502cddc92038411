from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import novacron
from novacron import AsyncClient, Client
from novacron._transport import socket
from novacron.errors import (
    BadInput,
    Conflict,
    JobCancelled,
    JobFailed,
    NotFound,
    ServerError,
    StillRunning,
    TooBusy,
    Unauthorized,
    Unreachable,
)
from novacron.results import VQEResult
from testing.patience import PATIENCE_S
from tests.unit.novacron.conftest import Scheduler, serve

SPEC = {"kind": "hybrid_vqe", "name": "h2"}


def test_a_result_has_its_kinds_type_and_keeps_unknown_fields(scheduler: Scheduler) -> None:
    scheduler.results = [
        {"energy": -1.137, "history": [{"evaluation": 1, "energy": -1.1}], "novel": {"a": 1}}
    ]
    result = Client().submit(SPEC).result()
    assert isinstance(result, VQEResult)
    assert (result.energy, (result.history or [])[0].energy, result.novel) == (-1.137, -1.1, {"a": 1})
    assert result.converged is None


def test_a_job_is_run_in_one_request(scheduler: Scheduler) -> None:
    async def run() -> None:
        async with AsyncClient() as client:
            assert (await client.run(SPEC)).energy == -2.0

    scheduler.results = [{"energy": -1.5}, {"energy": -2.0}]
    assert Client().run(SPEC).energy == -1.5
    asyncio.run(run())
    assert [(one.method, one.query) for one in scheduler.seen] == 2 * [("POST", {"wait_s": "30"})]
    scheduler.outcome = "failed"
    with pytest.raises(JobFailed, match="matrix is singular"):
        Client().run(SPEC)


def test_a_job_that_takes_longer_is_waited_for_and_created_once(scheduler: Scheduler) -> None:
    scheduler.outcome = "never"
    with pytest.raises(StillRunning) as caught:
        Client().run(SPEC, timeout=0.5)
    assert list(scheduler.jobs) == [caught.value.job_id]


def test_the_asynchronous_client_has_the_same_verbs(scheduler: Scheduler) -> None:
    async def use() -> None:
        async with AsyncClient() as client:
            job = await client.submit(SPEC)
            assert (await job.result()).energy == -1.0
            assert [event.kind async for event in job.stream()] == ["job", "job"]
            assert [one.id for one in await client.jobs()] == [job.id]
            assert (await client.backends())[0]["name"] == "statevector"
            assert (await client.explain(SPEC))["granularity"] == "fused"
            with pytest.raises(Conflict):
                await job.cancel()
            with pytest.raises(NotFound):
                await client.job("none")

    asyncio.run(use())
    public = {name for name in dir(Client) if not name.startswith("_")}
    assert public == {name for name in dir(AsyncClient) if not name.startswith("_")}
    jobs = (novacron.Job, novacron.AsyncJob)
    assert {n for n in dir(jobs[0]) if n[0] != "_"} == {n for n in dir(jobs[1]) if n[0] != "_"}


@pytest.mark.parametrize("fault", ["lose answer", "drop", "503", "429"])
def test_a_job_is_created_once_however_often_it_had_to_be_sent(scheduler: Scheduler, fault: str) -> None:
    scheduler.faults = [fault, fault]
    Client().submit(SPEC)
    posts = scheduler.requests("POST")
    assert (len(posts), len(scheduler.jobs)) == (3, 1)
    assert len({one.headers["idempotency-key"] for one in posts}) == 1


def test_two_submissions_are_two_jobs(scheduler: Scheduler) -> None:
    client = Client()
    assert client.submit(SPEC).id != client.submit(SPEC).id


def test_the_asynchronous_client_retries_by_the_same_rules(scheduler: Scheduler) -> None:
    scheduler.faults = ["lose answer", "503"]

    async def use() -> None:
        async with AsyncClient() as client:
            await client.submit(SPEC)

    asyncio.run(use())
    assert (len(scheduler.requests("POST")), len(scheduler.jobs)) == (3, 1)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that the client makes before requests; they take no time."""
    pauses: list[float] = []
    monkeypatch.setattr(socket, "time", SimpleNamespace(sleep=pauses.append))
    return pauses


def test_retry_after_is_obeyed_and_bounded(scheduler: Scheduler, slept: list[float]) -> None:
    scheduler.faults = ["wait:1"]
    Client().submit(SPEC)
    assert 1.0 <= sum(slept) < 3.0
    slept.clear()
    scheduler.faults = ["wait:3600"]
    with pytest.raises(TooBusy) as refused:
        Client().submit(SPEC)
    assert refused.value.retry_after_s == 3600
    assert sum(slept) == 0


def test_an_idle_connection_that_the_server_closed_is_replaced_at_once(
    scheduler: Scheduler, slept: list[float]
) -> None:
    client = Client()
    client.backends()
    scheduler.faults = ["drop"]
    assert client.backends()[0]["name"] == "statevector"
    assert sum(slept) == 0


def test_threads_may_share_a_client(scheduler: Scheduler) -> None:
    client = Client()
    ids: list[str] = []

    def work() -> None:
        ids.extend(client.submit(SPEC).id for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == 20


def test_waiting_survives_a_scheduler_that_is_restarted(scheduler: Scheduler, later: Any) -> None:
    other = Scheduler(jobs=scheduler.jobs, events=scheduler.events)
    first = serve(other)
    port = first.server_address[1]
    job = Client(url=other.url).submit(SPEC)
    first.shutdown()
    first.server_close()
    servers: list[Any] = []
    later(1.0, lambda: servers.append(serve(other, port)))
    try:
        assert job.result(timeout=PATIENCE_S).energy == -1.0
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def test_failed_and_cancelled_jobs_raise_their_cause(scheduler: Scheduler) -> None:
    scheduler.outcome = "failed"
    with pytest.raises(JobFailed, match="matrix is singular") as failed:
        Client().submit(SPEC).result()
    assert failed.value.error_class == "user"
    scheduler.outcome = "cancelled"
    with pytest.raises(JobCancelled):
        Client().submit(SPEC).result()


def test_waiting_ends_at_its_limit_and_asks_no_more_than_it_must(scheduler: Scheduler) -> None:
    scheduler.outcome = "never"
    job = Client().submit(SPEC)
    with pytest.raises(StillRunning, match="still queued"):
        job.wait(timeout=0.5)
    assert len(scheduler.requests("GET")) <= 6


def test_a_cancel_whose_answer_was_lost_succeeds(scheduler: Scheduler) -> None:
    job = Client().submit(SPEC)
    scheduler.faults = ["lose answer"]
    assert job.cancel().status == "cancelled"


def test_jobs_are_listed_over_all_pages(scheduler: Scheduler) -> None:
    client = Client()
    ids = [client.submit(SPEC).id for _ in range(8)]
    assert [job.id for job in client.jobs()] == ids[::-1]
    assert [job.id for job in client.jobs(limit=4)] == ids[::-1][:4]
    assert client.jobs(status="failed") == []


def test_refusals_are_told_field_by_field(scheduler: Scheduler) -> None:
    entry = {"field": "optimizer.name", "value": "lbgfs", "rule": "unknown", "hint": "did you mean lbfgs?"}
    scheduler.refusal = (422, {"title": "bad spec", "detail": "the spec breaks a rule", "errors": [entry]})
    with pytest.raises(BadInput) as refused:
        Client().submit(SPEC)
    assert (refused.value.field, refused.value.hint) == ("optimizer.name", "did you mean lbfgs?")


def test_refusals_of_a_file_name_the_file_that_holds_the_field(scheduler: Scheduler, tmp_path: Path) -> None:
    (tmp_path / "bell.qasm").write_text("OPENQASM 2.0;\nqreg q[2];\n")
    (tmp_path / "job.yaml").write_text("kind: pure_quantum\ncircuit: bell.qasm\nbackend: auto\n")
    for field, place in (("circuit", ("bell.qasm", None)), ("backend", ("job.yaml", 3))):
        entry = {"field": field, "value": None, "rule": "is refused", "hint": None}
        scheduler.refusal = (422, {"title": "bad spec", "detail": "no", "errors": [entry]})
        for asked in (Client().submit, Client().explain):
            with pytest.raises(BadInput) as refused:
                asked(tmp_path / "job.yaml")
            assert (refused.value.file, refused.value.line) == (str(tmp_path / place[0]), place[1])


def test_wrong_tokens_and_wrong_addresses(scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unauthorized):
        Client(token="other").backends()
    with pytest.raises(BadInput, match="TOKEN"):
        Client(token="two\nlines")
    with pytest.raises(BadInput, match="http://host:port"):
        Client(url="localhost:80")
    scheduler.refusal = (500, {})
    with pytest.raises(ServerError):
        Client().backends()
    monkeypatch.setattr("novacron._transport.flows.CONNECT_S", 0.2)
    monkeypatch.delenv("NOVACRON_URL")
    with pytest.raises(Unreachable, match="novacron up"):
        Client()


def test_nothing_that_json_cannot_hold_is_sent(scheduler: Scheduler) -> None:
    with pytest.raises(BadInput, match="JSON"):
        Client().submit({"kind": "hybrid_vqe", "tolerance": float("nan")})
    with pytest.raises(BadInput, match="dict"):
        Client().submit(7)  # type: ignore[arg-type]
    assert scheduler.seen == []


def test_the_embedded_stack_is_found_and_its_token_goes_nowhere_else(
    scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "stack"
    folder.mkdir()
    (folder / "runtime.json").write_text(json.dumps({"url": scheduler.url, "token": "embedded", "pids": {}}))
    scheduler.token = "embedded"
    monkeypatch.delenv("NOVACRON_TOKEN")
    assert Client().backends()
    monkeypatch.delenv("NOVACRON_URL")
    assert Client().backends()
    other = Scheduler()
    server = serve(other)
    with pytest.raises(Unauthorized):
        Client(url=other.url).backends()
    server.shutdown()
    server.server_close()
    assert "authorization" not in other.seen[0].headers


def test_job_ids_cannot_leave_their_path(scheduler: Scheduler) -> None:
    with pytest.raises(NotFound):
        Client().job("../../tokens?x=1")
    assert scheduler.seen[0].path == "/api/quantum/jobs/..%2F..%2Ftokens%3Fx%3D1"


def test_tokens_are_created_and_the_version_is_told(scheduler: Scheduler) -> None:
    client = Client()
    made = client.tokens.create("ci", "submit", expires_s=60)
    assert (made["token"], made["role"], made["expires_s"]) == ("shown-once", "submit", 60)
    assert "idempotency-key" in scheduler.requests("POST")[0].headers
    assert client.version() == novacron.__version__
    assert scheduler.requests("GET")[-1].path == "/healthz"


def test_a_former_scheduler_tells_its_version_in_its_description(scheduler: Scheduler) -> None:
    scheduler.health = {"status": "ok"}
    assert Client().version() == "0.1.0"
    assert [one.path for one in scheduler.requests("GET")] == ["/healthz", "/openapi.json"]


def test_html_shows_a_job_and_escapes_it(scheduler: Scheduler) -> None:
    html = Client().submit({"kind": "hybrid_vqe", "name": "<b>x</b>"})._repr_html_()
    assert "&lt;b&gt;x" in html and "queued" in html and "<b>x" not in html


def _modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


SERVER = {"scheduler", "workers", "shared", "celery", "sqlalchemy", "fastapi", "redis", "numpy", "psycopg"}
SLOW = {"httpx", "pydantic", "rich", "typer", "matplotlib", "yaml", "asyncio"}


def test_importing_novacron_imports_nothing_slow() -> None:
    assert not _modules_after("import novacron") & (SERVER | SLOW)
    assert not _modules_after("from novacron import Client, Job") & (SERVER | SLOW)
    assert not _modules_after("from novacron import AsyncClient; import novacron.results") & SERVER
    assert not _modules_after("import novacron.cli.app") & (SERVER | SLOW - {"typer"})


def test_the_version_is_that_of_the_package() -> None:
    import tomllib

    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    assert novacron.__version__ == project["project"]["version"]
    with pytest.raises(AttributeError):
        novacron.nothing  # noqa: B018
    assert all(getattr(novacron, name) is not None for name in novacron.__all__)
