"""An upgrade without a stop: processes of this release and of the next side by side on the schema of that."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.db.compatibility import newest
from shared.db.schema import Base
from testing.patience import PATIENCE_S, eventually
from tests.integration.conftest import JOBS, NOOP, Api
from tests.releases import WORKER, Release, await_worker, start
from tests.servers import ROOT

EXPANDING = [f"ALTER TABLE {table} ADD later text DEFAULT 'new'" for table in Base.metadata.tables]
BACK = [f"ALTER TABLE {table} DROP later" for table in Base.metadata.tables]


class Side:
    """A database, and workers of two releases on it."""

    def __init__(self, database_url: str, redis_url: str, folder: Path, opened: ExitStack) -> None:
        self.release = Release(folder / "next")
        self.release.add("; ".join(EXPANDING), "; ".join(BACK), serves=newest())
        self.folder = folder
        self.settings = {"NOVACRON_DATABASE_URL": database_url, "NOVACRON_REDIS_URL": redis_url}
        self.database = opened.enter_context(psycopg.connect(database_url, autocommit=True))
        self._opened = opened
        self._n_started = 0

    def scheduler(self, **settings: str) -> Api:
        """One of this release."""
        url, redis = self.settings.values()
        (folder := self.folder / f"scheduler-{self._next()}").mkdir()
        started = Api(url, redis, folder, **settings)
        self._opened.callback(_stop, started)
        started.wait()
        return started

    def worker(self, *, of_next: bool = False) -> subprocess.Popen[bytes]:
        """One of this release or of the next, which is there when this returns."""
        output = self.folder / f"worker-{self._next()}.log"
        started = self.release.start if of_next else partial(start, ROOT)
        process = started(*WORKER, output=output, **self.settings)
        self._opened.callback(_end, process)
        await_worker(self.database, process, output)
        return process

    def _next(self) -> int:
        self._n_started += 1
        return self._n_started

    def run(self, api: Api, count: int) -> set[int]:
        """Run jobs to their end; returns the workers that did them."""
        made: list[dict[str, Any]] = [
            api.http.post(JOBS, json=NOOP | {"seed": self._next(), "cache": False}).json()
            for _ in range(count)
        ]
        ids = [job["job_id"] for job in made]
        ended = "SELECT state::text, count(*) FROM jobs WHERE id = ANY(%s) GROUP BY 1"
        eventually(
            lambda: self.database.execute(ended, (ids,)).fetchall() == [("completed", count)], "all ran"
        )
        by = "SELECT DISTINCT split_part(claimed_by, ':', 2)::int FROM tasks WHERE job_id = ANY(%s)"
        return {pid for (pid,) in self.database.execute(by, (ids,))}

    def logs(self) -> str:
        """All that was logged."""
        return "".join(path.read_text() for path in self.folder.rglob("*.log") if "next" not in path.parts)


def _stop(scheduler: Api) -> None:
    if scheduler.process.poll() is None:
        scheduler.stop()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@pytest.fixture
def side(new_database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Side]:
    with ExitStack() as opened:
        yield Side(new_database_url, redis_url, tmp_path, opened)


def test_jobs_run_through_an_upgrade_and_back(side: Side) -> None:
    api, old = side.scheduler(), side.worker()
    assert side.run(api, 10) == {old.pid}

    side.release.migrate(side.settings["NOVACRON_DATABASE_URL"])
    assert side.run(api, 10) == {old.pid}, "processes of before go on"

    old.send_signal(signal.SIGTERM)
    assert old.wait(PATIENCE_S) == 0
    api.stop()
    again, new = side.worker(), side.worker(of_next=True)
    api = side.scheduler()
    seen: set[int] = set()
    for _ in range(100):
        if seen != {again.pid, new.pid}:
            seen |= side.run(api, 10)
    assert seen == {again.pid, new.pid}, "both take tasks"

    new.send_signal(signal.SIGTERM)
    assert new.wait(PATIENCE_S) == 0
    side.release.downgrade(side.settings["NOVACRON_DATABASE_URL"], newest())
    assert side.run(api, 10) == {again.pid}, "and go on when the schema is taken back"
    told = side.logs()
    assert "Traceback" not in told and "cached plan" not in told, told


@pytest.mark.parametrize(
    "accepted",
    [
        "UPDATE jobs SET spec = jsonb_set(spec::jsonb, '{later}', '1')::json",
        "UPDATE tasks SET operation = 'later'",
    ],
    ids=["a field of the job", "an operation"],
)
def test_jobs_of_the_next_release_are_left_to_its_workers(side: Side, accepted: str) -> None:
    base, line = (
        "novacron/specs/base.py",
        '    granularity: Literal["auto", "fused", "fanned_out"] = "auto"\n',
    )
    side.release.edit(base, line, f"{line}    later: int = 0\n")
    operations, line = "workers/operations/__init__.py", '    "noop": "workers.operations.noop:noop",\n'
    side.release.edit(operations, line, line + line.replace('"noop"', '"later"'))
    side.release.migrate(side.settings["NOVACRON_DATABASE_URL"])
    api = side.scheduler()
    job_id = api.http.post(JOBS, json=NOOP | {"cache": False}).json()["job_id"]
    side.database.execute(accepted.encode())

    def read(what: str) -> Any:
        query = f"SELECT {what} FROM jobs JOIN tasks ON job_id = jobs.id WHERE jobs.id = %s"
        found = side.database.execute(query.encode(), (job_id,)).fetchone()
        return found and found[0]

    side.worker()
    eventually(lambda: read("attempt > 1"), "the former release gave it back")
    new = side.worker(of_next=True)
    eventually(lambda: read("jobs.state = 'completed'"), "the next one ran it")
    assert int(read("claimed_by").split(":")[1]) == new.pid
