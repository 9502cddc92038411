"""The scheduler's process alone, on a database and a Redis of its own: what it accepts stays queued."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from scheduler.embedded import ports
from shared.db import session
from testing import copies, plain_http
from testing.patience import PATIENCE_S
from tests.servers import KEPT

ROOT = Path(__file__).resolve().parents[2]
JOBS = "/api/quantum/jobs"
NOOP = {"kind": "pure_classical", "function": "noop"}


class Api:
    """A running API and the database behind it; `log` is what it wrote so far."""

    def __init__(self, database_url: str, redis_url: str, folder: Path, **settings: str) -> None:
        self.database_url = database_url
        self.token = "nc_" + "integration" * 3
        (folder / "token").write_text(self.token)
        self._log = folder / "scheduler.log"
        self.port = ports.choose()
        variables = {
            "NOVACRON_DATABASE_URL": database_url, "NOVACRON_REDIS_URL": redis_url,
            "NOVACRON_TOKEN_FILE": str(folder / "token"), "NOVACRON_PORT": str(self.port),
        }  # fmt: skip
        with self._log.open("wb") as log:
            environment = KEPT | variables | settings
            origin = copies.origin("scheduler.__main__", environment)
            self.process = copies.Copy(origin, environment, ROOT, log.fileno())
        headers = {"Authorization": f"Bearer {self.token}"}
        self.http = self.client(headers)

    @property
    def log(self) -> str:
        return self._log.read_text()

    def client(self, headers: dict[str, str]) -> httpx.Client:
        """One more client, who sends these headers."""
        return plain_http.client(f"http://127.0.0.1:{self.port}", headers=headers)

    def wait(self) -> None:
        """Until it answers."""
        deadline = time.monotonic() + PATIENCE_S
        while not ports.accepts(self.port):
            assert self.process.poll() is None and time.monotonic() < deadline, self.log
            time.sleep(0.02)

    def stop(self) -> None:
        self.http.close()
        self.process.terminate()
        assert self.process.wait(PATIENCE_S) in (0, -15), self.log

    def n_rows(self) -> int:
        """Jobs, tasks, events and tokens there are."""
        with psycopg.connect(self.database_url) as connection:
            row = connection.execute(
                "SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM tasks)"
                " + (SELECT count(*) FROM events) + (SELECT count(*) FROM tokens)"
            ).fetchone()
        assert row is not None
        return int(row[0])

    def token_for(self, tenant: str, role: str = "submit") -> dict[str, str]:
        """Headers of a new token."""
        wanted = {"name": "test", "role": role, "tenant": tenant}
        made = self.http.post("/api/tokens", json=wanted).json()
        return {"Authorization": f"Bearer {made['token']}"}


@pytest.fixture
def connect_to() -> Iterator[Callable[[str], session.Connection]]:
    """Opens connections as workers have them, closed at the end of the test."""
    with ExitStack() as opened:
        yield lambda url: opened.enter_context(session.connect(url, name="tests"))


@contextmanager
def serving(database_url: str, redis_url: str, folder: Path, **settings: str) -> Iterator[Api]:
    """An API that answers, and must not have met anything unforeseen by the end."""
    running = Api(database_url, redis_url, folder, **settings)
    try:
        running.wait()
        yield running
    finally:
        running.stop()
    assert "Traceback" not in running.log, running.log
    assert running.token not in running.log


@pytest.fixture(scope="module")
def api(database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The API with no setting of its own."""
    with serving(database_url, redis_url, tmp_path_factory.mktemp("api")) as running:
        yield running


@pytest.fixture
def problem(api: Api):
    """Checks that an answer is a problem document of this status."""

    def check(answer: httpx.Response, status: int) -> dict[str, Any]:
        assert answer.status_code == status, answer.text[:2000]
        assert answer.headers["content-type"] == "application/problem+json"
        document: dict[str, Any] = answer.json()
        assert document["status"] == status
        assert document["type"].startswith("https://novacron.dev/problems/")
        assert document["title"] and document["detail"]
        assert "Traceback" not in answer.text and api.token not in answer.text
        return document

    return check
