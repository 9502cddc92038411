"""Probes of real processes: what an orchestrator runs beside them, and the line that it shows."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from scheduler.embedded import certificates, ports
from testing.patience import PATIENCE_S, eventually
from tests.servers import KEPT, RunningPostgres

ROOT = Path(__file__).resolve().parents[2]


def probe(whose: str, *arguments: str, **settings: str) -> tuple[int, str]:
    """Exit status of a probe, and all that it says."""
    command = [sys.executable, "-m", f"{whose}.probe", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=KEPT | settings, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def test_a_scheduler_without_workers_lives_and_is_not_ready(api):
    port = {"NOVACRON_PORT": str(api.port), "NOVACRON_HOST": "0.0.0.0"}
    status, said = probe("scheduler", "--live", **port)
    assert (status, "/healthz answers 200" in said) == (0, True)
    status, said = probe("scheduler", **port)
    assert status == 3 and "/readyz answers 503" in said and "queues_without_worker" in said
    assert len(said.splitlines()) == 1


def test_where_no_scheduler_is_one_line_says_so():
    port = str(ports.choose())
    status, said = probe("scheduler", NOVACRON_PORT=port)
    assert (status, len(said.splitlines())) == (3, 1)
    assert f"no scheduler answers at 127.0.0.1 port {port}" in said
    assert probe("scheduler", NOVACRON_PORT="x")[0] == 2


def test_a_scheduler_that_speaks_post_quantum_tls_alone(database_url, redis_url, tmp_path):
    certificates.ensure(tmp_path / "tls")
    settings = {
        "NOVACRON_DATABASE_URL": database_url, "NOVACRON_REDIS_URL": redis_url,
        "NOVACRON_PORT": str(ports.choose()), "NOVACRON_TLS_MODE": "pq-only",
        "NOVACRON_TLS_FOLDER": str(tmp_path / "tls"),
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "scheduler"], cwd=ROOT, env=KEPT | settings)
    try:
        eventually(lambda: probe("scheduler", "--live", **settings)[0] == 0, "it answers")
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


@pytest.fixture
def worker(
    database_url: str, redis_url: str, tmp_path: Path
) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, str]]]:
    """A worker of the queue crypto and what it is told."""
    settings = {
        "NOVACRON_DATABASE_URL": database_url, "NOVACRON_REDIS_URL": redis_url,
        "NOVACRON_HEARTBEAT_FILE": str(tmp_path / "heartbeat"),
    }  # fmt: skip
    command = [sys.executable, "-m", "workers", "--queue", "crypto", "--concurrency", "1"]
    process = subprocess.Popen(command, cwd=ROOT, env=KEPT | settings)
    yield process, settings
    process.send_signal(signal.SIGCONT)
    process.terminate()
    process.wait(PATIENCE_S)


@contextmanager
def locked(server: RunningPostgres, url: str) -> Iterator[None]:
    """A database that nobody is connected to, and nobody can connect to."""
    name = urlsplit(url).path.removeprefix("/")
    with psycopg.connect(server.server.url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        try:
            yield
        finally:
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())


def test_a_worker_that_loses_its_database_lives_on(worker, postgres_server, database_url):
    process, settings = worker
    eventually(lambda: probe("workers", **settings) == (0, "the worker takes tasks"), "it takes tasks")
    with locked(postgres_server, database_url):
        eventually(lambda: "cannot reach the database" in probe("workers", **settings)[1], "it says so")
        assert probe("workers", "--live", **settings)[0] == 0
    eventually(lambda: probe("workers", **settings)[0] == 0, "it takes tasks again")
    process.terminate()
    eventually(lambda: "takes no more tasks" in probe("workers", **settings)[1], "it says that it ends")


def test_a_worker_needs_a_file_to_be_probed():
    status, said = probe("workers")
    assert status == 2 and "NOVACRON_HEARTBEAT_FILE: names no file" in said
