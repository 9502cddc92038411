"""A benchmark's own PostgreSQL and Redis, in a temporary folder, fsync on."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from scheduler.embedded import ports
from scheduler.embedded.child import Child
from scheduler.embedded.postgres import DATABASE, Postgres
from scheduler.embedded.redis import Redis


@dataclass(frozen=True, slots=True)
class Servers:
    """Addresses of the servers, and the ids of their first processes."""

    database_url: str
    redis_url: str
    pids: tuple[int, ...] = ()

    def database(self, name: str) -> str:
        """Create an empty database and return its URL."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.database_url.replace(f"/{DATABASE}?", f"/{name}?")

    def migrated(self, name: str) -> str:
        """Create a database with the newest schema and return its URL."""
        url = self.database(name)
        environment = os.environ | {"NOVACRON_DATABASE_URL": url}
        subprocess.run(
            [sys.executable, "-m", "shared.db.migrate"],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return url

    def redis_database(self, number: int) -> str:
        """Return the URL of one of Redis's databases."""
        return self.redis_url.rsplit("/", 1)[0] + f"/{number}"


@contextmanager
def servers() -> Iterator[Servers]:
    """Yield both servers, stopped at the end."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        postgres, redis = Postgres(data, "benchmark"), Redis(data, ports.choose())
        postgres.create()
        children = [Child(server.service(), data, "benchmark", bound=True) for server in (postgres, redis)]
        for child in children:
            child.start()
        try:
            for child in children:
                child.wait_ready(30.0)
            yield Servers(postgres.url, redis.url, tuple(child.pid for child in children if child.pid))
        finally:
            for child in reversed(children):
                child.stop()
