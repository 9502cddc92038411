"""Real PostgreSQL and Redis servers in folders of their own, for every process that runs tests."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis

from scheduler.embedded import ports
from scheduler.embedded.child import Child
from scheduler.embedded.postgres import DATABASE, Postgres
from scheduler.embedded.redis import Redis
from testing.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[1]
KEPT = {name: value for name, value in os.environ.items() if not name.startswith("NOVACRON_")}
"""The environment of a server process, apart from its settings."""
TEMPLATE = "migrated"
PREPARED = ROOT / "build" / "tests"
"""Where a cluster with the newest schema is kept between runs: initdb and Alembic take seconds."""
# fsync is off: the tests kill processes, not machines, and what a process wrote outlives it. Nothing is
# vacuumed or replicated: hundreds of databases come and go.
QUICK = {
    "autovacuum": "off", "fsync": "off", "full_page_writes": "off", "max_wal_senders": "0",
    "max_wal_size": "256MB", "shared_buffers": "32MB", "wal_level": "minimal",
}  # fmt: skip


class Running:
    """A server that tests may kill; faults are injected through `child`."""

    child: Child

    def _start(self) -> None:
        self.child.start()
        self.child.wait_ready(PATIENCE_S)

    def ensure(self) -> None:
        """Start the server again if a test left it dead."""
        if self.child.ended() is not None:
            self._start()


class RunningPostgres(Running):
    """A server whose `url` has the newest schema."""

    def __init__(self, data: Path) -> None:
        self.server = Postgres(data, "tests", QUICK)
        with _prepared_cluster(self.server) as prepared:
            _copy(prepared, self.server.folder)
        self.child = Child(self.server.service(), data, "tests", bound=True)
        self._start()
        self._n_databases = 0

    def stop(self) -> None:
        """End it, and remove what lies outside its folder."""
        self.child.stop()
        self.server.forget()

    def address(self, database: str) -> str:
        """The URL of a database on this server."""
        return _address(self.server, database)

    def fresh(self) -> str:
        """The URL of a new database with the newest schema."""
        name = f"test_{self._n_databases}"
        with psycopg.connect(self.server.url, autocommit=True) as connection:
            # Copied as files: half the time of copying it block by block through the log.
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY".encode())
        self._n_databases += 1
        return self.address(name)

    def drop(self, url: str) -> None:
        """Drop a database together with its connections."""
        name = urlsplit(url).path.removeprefix("/")
        with psycopg.connect(self.server.url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def _address(server: Postgres, database: str) -> str:
    return server.url.replace(f"/{DATABASE}?", f"/{database}?")


@contextlib.contextmanager
def _prepared_cluster(server: Postgres) -> Iterator[Path]:
    """A cluster with the newest schema, which stays there while it is copied; made by whoever comes first."""
    digest = sha256(" ".join(server.service().command[:1]).encode())
    digest.update(str(server.account).encode())
    for path in sorted((ROOT / "migrations").rglob("*.py")):
        digest.update(path.read_bytes())
    prepared = PREPARED / digest.hexdigest()[:16]
    PREPARED.mkdir(parents=True, mode=0o700, exist_ok=True)
    with (PREPARED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not prepared.exists():
            for old in PREPARED.iterdir():
                if old.is_dir():
                    shutil.rmtree(old)
            _prepare(prepared)
        yield prepared


def _prepare(target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="novacron-prepared-") as folder:
        server = Postgres(Path(folder), "tests", QUICK)
        server.create()
        child = Child(server.service(), Path(folder), "tests", bound=True)
        child.start()
        try:
            child.wait_ready(PATIENCE_S)
            _migrate(server)
        finally:
            child.stop()
            server.forget()
        _copy(server.folder, unfinished := target.with_suffix(".unfinished"))
        unfinished.rename(target)


def _migrate(server: Postgres) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}".encode())
    subprocess.run(
        [sys.executable, "-m", "shared.db.migrate"],
        cwd=ROOT,
        env=os.environ | {"NOVACRON_DATABASE_URL": _address(server, TEMPLATE)},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-Rp", str(source), str(target)], check=True)


class RunningRedis(Running):
    """A server with a password on a loopback port."""

    def __init__(self, data: Path) -> None:
        self.server = Redis(data, ports.choose(), durable=False)
        self.child = Child(self.server.service(), data, "tests", bound=True)
        self._start()

    @property
    def url(self) -> str:
        """Where clients connect."""
        return self.server.url

    def empty(self) -> None:
        """FLUSHALL."""
        with redis.Redis.from_url(self.url) as connection:
            connection.flushall()
