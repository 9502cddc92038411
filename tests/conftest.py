"""Real PostgreSQL and Redis servers, started once a test session, fresh for every module that asks."""

import base64
import contextlib
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
import pytest
import redis
from hypothesis import HealthCheck, settings

from scheduler.embedded import ports
from scheduler.embedded.child import Child
from scheduler.embedded.postgres import DATABASE, ROLE, SUPERUSER, Postgres
from scheduler.embedded.redis import Redis
from tests.patience import PATIENCE_S

# The same examples on every machine and however busy it is; `--hypothesis-profile=search` looks for new ones.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", settings.get_profile("search"), derandomize=True)
settings.load_profile("steady")

# As the stack does it for its workers: threads for matrices of a few rows cost more than the whole test.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = "migrated"


class RunningPostgres:
    """A server whose `url` has the newest schema; faults are injected through `child`.

    fsync is off: the tests kill processes, not machines, and what a process wrote outlives it.
    """

    def __init__(self, data: Path) -> None:
        quick = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "256MB", "shared_buffers": "32MB"}
        self.server = Postgres(data, "tests", quick)
        prepared = _prepared_cluster(self.server)
        if known := prepared.exists():
            _copy(prepared, self.server.folder)
        else:
            self.server.create()
        self.child = Child(self.server.service(), data, "tests", bound=True)
        self._start()
        self._n_databases = 0
        if not known:
            self._migrate_template()
            self.child.stop()
            _keep(self.server.folder, prepared)
            self._start()

    def _start(self) -> None:
        self.child.start()
        self.child.wait_ready(PATIENCE_S)

    def ensure(self) -> None:
        """Start the server again if a test left it dead."""
        if self.child.ended() is not None:
            self._start()

    def address(self, database: str) -> str:
        """The URL of a database on this server."""
        return self.server.url.replace(f"/{DATABASE}?", f"/{database}?")

    def fresh(self) -> str:
        """The URL of a new database with the newest schema."""
        name = f"test_{self._n_databases}"
        with psycopg.connect(self.server.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}".encode())
        self._n_databases += 1
        return self.address(name)

    def _migrate_template(self) -> None:
        with psycopg.connect(self.server.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {TEMPLATE}".encode())
        subprocess.run(
            [sys.executable, "-m", "shared.db.migrate"],
            cwd=ROOT,
            env=os.environ | {"NOVACRON_DATABASE_URL": self.address(TEMPLATE)},
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def drop(self, url: str) -> None:
        """Drop a database together with its connections."""
        name = urlsplit(url).path.removeprefix("/")
        # A vacuum under way in it belongs to the superuser, and only he may end it.
        allowed = self.server.url.replace(f"//{ROLE}@", f"//{SUPERUSER}@")
        with psycopg.connect(allowed, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def _prepared_cluster(server: Postgres) -> Path:
    """Where a cluster with the newest schema is kept between sessions: initdb and Alembic take 2 s."""
    digest = sha256(" ".join(server.service().command[:1]).encode())
    digest.update(str(server.account).encode())
    for path in sorted((ROOT / "migrations").rglob("*.py")):
        digest.update(path.read_bytes())
    return Path(sys.prefix) / "novacron-tests" / digest.hexdigest()[:16]


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-Rp", str(source), str(target)], check=True)


def _keep(folder: Path, prepared: Path) -> None:
    with contextlib.suppress(OSError):  # an environment that is not ours to write to, or somebody was first
        shutil.rmtree(prepared.parent, ignore_errors=True)
        prepared.parent.mkdir(mode=0o700)
        partial = Path(tempfile.mkdtemp(dir=prepared.parent))
        _copy(folder, partial / "cluster")
        (partial / "cluster").rename(prepared)
        partial.rmdir()


class RunningRedis:
    """A server with a password on a loopback port; faults are injected through `child`."""

    def __init__(self, data: Path) -> None:
        self.server = Redis(data, ports.choose(), durable=False)
        self.child = Child(self.server.service(), data, "tests", bound=True)
        self._start()

    def _start(self) -> None:
        self.child.start()
        self.child.wait_ready(PATIENCE_S)

    def ensure(self) -> None:
        """Start the server again if a test left it dead."""
        if self.child.ended() is not None:
            self._start()

    @property
    def url(self) -> str:
        """Where clients connect."""
        return self.server.url

    def empty(self) -> None:
        """FLUSHALL."""
        with redis.Redis.from_url(self.url) as connection:
            connection.flushall()


@pytest.fixture(scope="session")
def server_data() -> Iterator[Path]:
    """The folder of the session's servers, removed at the end."""
    data = Path(tempfile.mkdtemp(prefix=f"novacron-tests-{os.getpid()}-"))
    yield data
    shutil.rmtree(data)


@pytest.fixture(scope="session")
def postgres_server(server_data: Path) -> Iterator[RunningPostgres]:
    """One PostgreSQL server for the whole session."""
    running = RunningPostgres(server_data)
    yield running
    running.child.stop()
    running.server.forget()


@pytest.fixture(scope="session")
def redis_server(server_data: Path) -> Iterator[RunningRedis]:
    """One Redis server for the whole session; `redis_url` gives a module one of its own."""
    running = RunningRedis(server_data)
    yield running
    running.child.stop()


def _database(server: RunningPostgres) -> Iterator[str]:
    server.ensure()
    url = server.fresh()
    yield url
    server.ensure()
    server.drop(url)


@pytest.fixture(scope="module")
def database_url(postgres_server: RunningPostgres) -> Iterator[str]:
    """A database with the newest schema that no other module uses."""
    yield from _database(postgres_server)


@pytest.fixture
def new_database_url(postgres_server: RunningPostgres) -> Iterator[str]:
    """A database with the newest schema that no other test uses."""
    yield from _database(postgres_server)


@pytest.fixture
def kek_file(tmp_path: Path) -> Path:
    """A file with a new key-encryption key."""
    path = tmp_path / "kek"
    path.write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
    return path


@pytest.fixture(scope="module")
def redis_url(redis_server: RunningRedis) -> str:
    """An empty Redis."""
    redis_server.ensure()
    redis_server.empty()
    return redis_server.url
