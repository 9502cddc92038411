"""Two installations with one Redis and one PostgreSQL server: neither takes the other's tasks or results.

Both databases number their tasks from 1, so a message read by the wrong worker would run the wrong task.
"""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
import redis

from testing.patience import PATIENCE_S, eventually
from tests.integration.conftest import JOBS, NOOP, Api
from tests.releases import WORKER, await_worker, start
from tests.servers import ROOT, RunningPostgres

PREFIXES = ("blue:", "green:")
BY = "SELECT DISTINCT split_part(claimed_by, ':', 2)::int FROM tasks"


class Installation:
    """A database with a scheduler, and a worker when it is started."""

    def __init__(
        self, prefix: str, database_url: str, redis_url: str, folder: Path, opened: ExitStack
    ) -> None:
        folder.mkdir()
        self.api = Api(database_url, redis_url, folder, NOVACRON_KEY_PREFIX=prefix)
        opened.callback(self.api.stop)
        self.api.wait()
        self.database = opened.enter_context(psycopg.connect(database_url, autocommit=True))
        self._settings = {
            "NOVACRON_DATABASE_URL": database_url, "NOVACRON_REDIS_URL": redis_url,
            "NOVACRON_KEY_PREFIX": prefix,
        }  # fmt: skip
        self._log = folder / "worker.log"
        self._opened = opened

    def submit(self, count: int) -> None:
        """Submit calls that differ in their seed."""
        for seed in range(count):
            answer = self.api.http.post(JOBS, json=NOOP | {"seed": seed})
            assert answer.status_code in (200, 202), answer.text

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker."""
        process = start(ROOT, *WORKER, output=self._log, **self._settings)
        self._opened.callback(process.wait, PATIENCE_S)
        self._opened.callback(process.terminate)
        self._opened.callback(process.send_signal, signal.SIGCONT)
        await_worker(self.database, process, self._log)
        return process

    def states(self) -> dict[str, int]:
        """Jobs by state."""
        return dict(self.database.execute("SELECT state::text, count(*) FROM jobs GROUP BY 1").fetchall())

    def published(self) -> bool:
        """Whether the broker has messages for it."""
        return self.database.execute("SELECT 1 FROM tasks WHERE state = 'queued'").fetchone() is not None


@pytest.fixture
def two(postgres_server: RunningPostgres, redis_url: str, tmp_path: Path) -> Iterator[list[Installation]]:
    postgres_server.ensure()
    urls = [postgres_server.fresh() for _ in PREFIXES]
    with ExitStack() as opened:
        yield [
            Installation(prefix, url, redis_url, tmp_path / prefix[:-1], opened)
            for prefix, url in zip(PREFIXES, urls, strict=True)
        ]
    for url in urls:
        postgres_server.drop(url)


def test_neither_takes_what_is_the_others(two: list[Installation], redis_url: str) -> None:
    blue, green = two
    first, second = blue.start_worker(), green.start_worker()
    second.send_signal(signal.SIGSTOP)  # as good as alive for a while: it is sent messages
    green.submit(8)
    eventually(green.published, "green's tasks are on the broker")
    blue.submit(8)
    eventually(lambda: blue.states() == {"completed": 8}, "blue's jobs ran")
    assert green.states() == {"queued": 8}, "nobody has taken green's"
    with redis.Redis.from_url(redis_url, decode_responses=True) as broker:
        keys = set(broker.scan_iter(count=1000))
        assert keys and all(key.startswith(PREFIXES) for key in keys), keys
        assert {prefix for prefix in PREFIXES for key in keys if key.startswith(prefix)} == set(PREFIXES)

    second.send_signal(signal.SIGCONT)
    eventually(lambda: green.states() == {"completed": 8}, "green's jobs ran")
    assert (blue.database.execute(BY).fetchall(), green.database.execute(BY).fetchall()) == (
        [(first.pid,)], [(second.pid,)],
    )  # fmt: skip
    from_cache = "SELECT count(*) FROM jobs WHERE from_cache"
    assert green.database.execute(from_cache).fetchone() == (0,), "results of blue's are not green's"
    blue.submit(8)
    eventually(lambda: blue.states() == {"completed": 16}, "its own results are blue's")
    assert blue.database.execute(from_cache).fetchone() == (8,)
