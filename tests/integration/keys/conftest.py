"""A database of its own for every test, a file with a KEK, and the stores of its tenants."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from shared.crypto.permitted import EVERYTHING, Permitted
from shared.db.session import Connection
from workers.crypto.keys.kek import FileKeyring
from workers.crypto.keys.keystore import KeyStore

Stores = Callable[..., KeyStore]


@pytest.fixture
def connect(new_database_url: str, connect_to: Callable[[str], Connection]) -> Callable[[], Connection]:
    return partial(connect_to, new_database_url)


@pytest.fixture
def connection(connect: Callable[[], Connection]) -> Connection:
    return connect()


@pytest.fixture
def store(connection: Connection, kek_file: Path) -> Stores:
    """The store of a tenant, made if new."""

    def of(
        tenant: str = "one", *, actor: str = "tester", using: Connection | None = None,
        allowed: Permitted = EVERYTHING,
    ) -> KeyStore:  # fmt: skip
        connection.execute("INSERT INTO tenants (name) VALUES (%s) ON CONFLICT DO NOTHING", (tenant,))
        row = connection.execute("SELECT id FROM tenants WHERE name = %s", (tenant,)).fetchone()
        assert row is not None
        return KeyStore(using or connection, FileKeyring(kek_file), row[0], actor, permitted=allowed)

    return of
