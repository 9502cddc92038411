"""One embedded stack as users have it: started, used and stopped by the command line, all it says kept."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import psycopg

from novacron import Client
from novacron.client import Job
from testing import command_line, plain_http
from testing.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
PLUGIN = ROOT / "tests" / "acceptance" / "plugin"
SEEDS = count(1)
LONG_S = 10 * PATIENCE_S
"""For what runs until it is stopped."""


class Stack:
    """A stack in a folder; `said` is every answer and every line that it gave."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.said: list[bytes] = []
        kept = {name: value for name, value in os.environ.items() if not name.startswith("NOVACRON_")}
        paths = os.pathsep.join(filter(None, [str(PLUGIN), kept.get("PYTHONPATH")]))
        self.environment = kept | {"NOVACRON_LEASE_S": "2", "PYTHONPATH": paths} | settings

    def up(self) -> None:
        done = self.run("up", "--data", str(self.data), "--detach")
        assert done.returncode == 0, done.stderr

    def down(self) -> None:
        done = self.run("down", "--data", str(self.data))
        assert (done.returncode, done.stdout) == (0, "stopped\n"), done.stderr

    @property
    def published(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads((self.data / "runtime.json").read_text())
        return state

    @property
    def url(self) -> str:
        return str(self.published["url"])

    @property
    def token(self) -> str:
        return str(self.published["token"])

    @property
    def secrets(self) -> list[bytes]:
        password = urlsplit(self.published["redis_url"]).password
        return [self.token.encode(), (password or "").encode()]

    def processes(self) -> list[psutil.Process]:
        """Every process of the stack, children of the published ones included."""
        heads = [psutil.Process(pid) for pid in self.published["pids"].values()]
        return [process for head in heads for process in (head, *head.children(recursive=True))]

    def run(
        self,
        *arguments: str,
        token: str | None = None,
        url: str | None = None,
        cwd: Path | None = None,
        timeout_s: float = PATIENCE_S,
    ) -> subprocess.CompletedProcess[str]:
        """`novacron ...` with this stack's folder, or with another address, token or working directory."""
        named = {"NOVACRON_DATA": str(self.data)}
        named |= {"NOVACRON_TOKEN": token} if token else {}
        named |= {"NOVACRON_URL": url} if url else {}
        environment = self.environment | named | {"PYTHONPATH": f"{ROOT}{os.pathsep}{PLUGIN}"}
        done = command_line.run(
            *arguments, environment=environment, cwd=cwd or self.data.parent, timeout_s=timeout_s
        )
        self.said += [done.stdout.encode(), done.stderr.encode()]
        return done

    def document(self, *arguments: str, status: int = 0, **more: Any) -> Any:
        """The one JSON document that a command prints."""
        done = self.run(*arguments, "--json", **more)
        assert done.returncode == status, done.stdout + done.stderr
        return json.loads(done.stdout)

    def client(self, token: str | None = None) -> Client:
        return Client(self.url, token or self.token)

    def submit(self, spec: Mapping[str, Any] | str | Path, client: Client | None = None) -> Job:
        job = (client or self.client()).submit(str(spec) if isinstance(spec, Path) else dict(spec))  # type: ignore[arg-type]
        self.said.append(json.dumps(job.document).encode())
        return job

    def finish(self, *specs: Mapping[str, Any] | Path, timeout_s: float = PATIENCE_S) -> list[dict[str, Any]]:
        """The results of jobs submitted all at once."""
        results = []
        for job in [self.submit(spec) for spec in specs]:
            job.wait(timeout_s)
            self.said.append(json.dumps(job.document).encode())
            assert job.status == "completed", job.document["error"]
            results.append(job.document["result"])
        return results

    def result(self, spec: Mapping[str, Any] | Path, **more: Any) -> dict[str, Any]:
        return self.finish(spec | more if isinstance(spec, dict) else spec)[0]

    def at_once(self, *commands: tuple[str, ...]) -> list[subprocess.CompletedProcess[str]]:
        """Several command lines side by side."""
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda command: self.run(*command), commands))

    @contextmanager
    def http(self, token: str | None = None) -> Iterator[httpx.Client]:
        """Bare HTTP with a token; what is answered is kept."""

        def keep(answer: httpx.Response) -> None:
            if "event-stream" not in answer.headers.get("content-type", ""):
                self.said.append(answer.read())

        headers = {"Authorization": f"Bearer {token or self.token}"}
        hooks = {"response": [keep]}
        with plain_http.client(self.url, headers=headers, event_hooks=hooks) as client:
            yield client

    def new_token(self, role: str, tenant: str = "default", **more: Any) -> str:
        with plain_http.client(self.url, headers={"Authorization": f"Bearer {self.token}"}) as client:
            made = client.post(
                "/api/tokens", json={"name": f"test {role}", "role": role, "tenant": tenant, **more}
            )
        assert made.status_code == 201, made.text
        return str(made.json()["token"])

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.published["database_url"], autocommit=True) as connection:
            yield connection

    def n_rows(self) -> tuple[int, int, int]:
        """Jobs, tasks and events there are."""
        with self.database() as connection:
            row = connection.execute(
                "SELECT (SELECT count(*) FROM jobs), (SELECT count(*) FROM tasks),"
                " (SELECT count(*) FROM events)"
            ).fetchone()
        assert row is not None
        return row[0], row[1], row[2]


def sleeping(seconds: float, **more: Any) -> dict[str, Any]:
    """A job that holds a worker for so long, and is no other job's twin."""
    return {
        "kind": "pure_classical", "name": f"sleep {seconds:g}", "function": "sleep",
        "arguments": {"seconds": seconds}, "seed": next(SEEDS), **more,
    }  # fmt: skip


def held(until: Path, **more: Any) -> dict[str, Any]:
    """A job that holds a worker until a file is there, and is no other job's twin."""
    return {
        "kind": "pure_classical", "name": "held", "function": "held",
        "arguments": {"until": str(until)}, "seed": next(SEEDS), **more,
    }  # fmt: skip
