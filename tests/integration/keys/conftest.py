"""A database of its own for every test, a file with a KEK, and the stores of its tenants."""

import base64
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.db import session
from workers.crypto.kek import FileKeyring
from workers.crypto.keystore import KeyStore

Stores = Callable[..., KeyStore]


@pytest.fixture
def url(postgres_server) -> Iterator[str]:
    """A database with the newest schema."""
    postgres_server.ensure()
    made = postgres_server.fresh()
    yield made
    postgres_server.drop(made)


@pytest.fixture
def connect(url: str) -> Iterator[Callable[[], session.Connection]]:
    """Opens connections as workers have them, closed at the end of the test."""
    opened: list[session.Connection] = []

    def another() -> session.Connection:
        opened.append(session.connect(url, name="tests"))
        return opened[-1]

    yield another
    for connection in opened:
        connection.close()


@pytest.fixture
def connection(connect: Callable[[], session.Connection]) -> session.Connection:
    return connect()


@pytest.fixture
def kek_file(tmp_path: Path) -> Path:
    path = tmp_path / "kek"
    path.write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
    return path


@pytest.fixture
def store(connection: session.Connection, kek_file: Path) -> Stores:
    """The store of a tenant, made if new."""

    def of(
        tenant: str = "one", *, actor: str = "tester", using: session.Connection | None = None
    ) -> KeyStore:
        connection.execute("INSERT INTO tenants (name) VALUES (%s) ON CONFLICT DO NOTHING", (tenant,))
        row = connection.execute("SELECT id FROM tenants WHERE name = %s", (tenant,)).fetchone()
        assert row is not None
        return KeyStore(using or connection, FileKeyring(kek_file), row[0], actor)

    return of
