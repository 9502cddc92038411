"""A database for all tests of a module, and the authorities of tenants that are new in every test."""

import base64
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from shared.db.session import Connection
from testing import programs
from workers.crypto.keys.kek import FileKeyring
from workers.crypto.keys.keystore import KeyStore
from workers.crypto.pki.authority import Authority

Authorities = Callable[..., Authority]
# Where tests run unattended, they fail without OpenSSL 3.5.
NOT_RUN = programs.find("openssl") is None and not os.environ.get("CI")
collect_ignore = ["test_openssl.py", "test_key_forms.py"] if NOT_RUN else []


def pytest_not_run() -> list[str]:
    return [f"tests of certificates with OpenSSL not run: {programs.WHY}"] if NOT_RUN else []


@pytest.fixture
def connect(database_url: str, connect_to: Callable[[str], Connection]) -> Callable[[], Connection]:
    return partial(connect_to, database_url)


@pytest.fixture(scope="module")
def kek(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kek") / "kek"
    path.write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
    return path


@pytest.fixture
def authorities(connect: Callable[[], Connection], kek: Path, tmp_path: Path) -> Authorities:
    """The authority of a tenant, made if new, with a connection of its own."""

    def of(tenant: str = "one") -> Authority:
        connection, tenant = connect(), f"{tenant} {tmp_path}"
        connection.execute("INSERT INTO tenants (name) VALUES (%s) ON CONFLICT DO NOTHING", (tenant,))
        row = connection.execute("SELECT id FROM tenants WHERE name = %s", (tenant,)).fetchone()
        assert row is not None
        store = KeyStore(connection, FileKeyring(kek), row[0], "tester")
        return Authority(connection, store, row[0], "tester")

    return of


@pytest.fixture
def authority(authorities: Authorities) -> Authority:
    return authorities()
