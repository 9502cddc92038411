"""A database of its own for every test, plans as rows of steps, and real servers to be migrated."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from novacron.migration.planned_step import PlannedStep
from shared.db import session
from shared.db.crypto.steps import Holder
from testing import programs
from testing.migration.certificates import authority, self_signed
from testing.migration.plans import Migration
from testing.patience import PATIENCE_S
from workers.crypto.keys.keyring import keyring
from workers.crypto.keys.keystore import KeyStore
from workers.crypto.migration import server as serving
from workers.crypto.migration.executors import sshd
from workers.crypto.migration.targets import Certificate, Groups, Target

ROOT = Path(__file__).resolve().parents[3]
# Where tests run unattended, they fail without these programs.
NOT_RUN = not programs.all_here(programs.TLS) and not os.environ.get("CI")
collect_ignore = ["test_eighty_assets.py", "test_nginx.py"] if NOT_RUN else []
Connect = Callable[[], session.Connection]


@pytest.fixture
def connection(new_database_url: str) -> Iterator[session.Connection]:
    with session.connect(new_database_url, name="tests") as opened:
        opened.execute("INSERT INTO tenants (name) VALUES ('default')")
        yield opened


@pytest.fixture(autouse=True)
def kek(kek_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A key-encryption key, as this process's settings name it."""
    monkeypatch.setenv("NOVACRON_KEK_FILE", str(kek_file))
    return kek_file


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The servers here are one process each, which answers anew at once and shuts nobody out."""
    monkeypatch.setattr(serving, "PAUSE_S", 0.05)
    monkeypatch.setattr(sshd, "PAUSE_S", 0.05)


@pytest.fixture
def migration(connection: session.Connection) -> Callable[..., Migration]:
    """A migration that has begun."""

    def of(
        steps: Sequence[PlannedStep], *targets: Target, job_id: str = "job_1", plan_id: str = "plan_1"
    ) -> Migration:
        holder = Holder(connection, plan_id, 1, job_id, "tester")
        made = Migration(holder, steps, {target.name: target for target in targets})
        made.begin()
        return made

    return of


@pytest.fixture
def store(connection: session.Connection, kek: Path) -> KeyStore:
    """The tenant's keys."""
    return KeyStore(connection, keyring(), 1, "tester")


def job(connection: session.Connection, job_id: str, role: str = "submit") -> str:
    """The id of a job of the first tenant, which is made where there is none of that id."""
    connection.execute(
        "INSERT INTO jobs (id, tenant_id, kind, name, spec, role)"
        " VALUES (%s, 1, 'cryptographic', '', '{}', %s) ON CONFLICT (id) DO NOTHING",
        (job_id, role),
    )
    return job_id


@dataclass
class Server:
    """A running TLS server and the file that configures it."""

    config: Path
    certificate: Path
    key: Path
    port: int
    pid: int

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def reload(self) -> tuple[str, ...]:
        return ("kill", "-HUP", str(self.pid))

    @property
    def check(self) -> tuple[str, ...]:
        module = "testing.migration.tls_server"
        return ("env", f"PYTHONPATH={ROOT}", sys.executable, "-m", module, "--test", str(self.config))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that knows classical groups only."""
    with served(tmp_path / "server") as running:
        yield running


@pytest.fixture
def edge(server: Server) -> Groups:
    """Its groups, to be migrated."""
    return Groups(
        "edge",
        server.config,
        "ssl_ecdh_curve",
        check=server.check,
        reload=server.reload,
        probe=server.address,
    )


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """The server, with its files in a folder that it makes."""
    folder.mkdir()
    certificate, key = self_signed(folder)
    config, port_file = folder / "groups.conf", folder / "port"
    config.write_text(
        f"# ssl_ecdh_curve is what is migrated\nssl_certificate {certificate};\n"
        f"ssl_certificate_key {key};\nssl_ecdh_curve X25519:secp256r1;\n"
    )
    module = "testing.migration.tls_server"
    process = subprocess.Popen([sys.executable, "-m", module, str(config), str(port_file)], cwd=ROOT)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not port_file.exists():
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        yield Server(config, certificate, key, int(port_file.read_text()), process.pid)
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def web(connection: session.Connection, store: KeyStore, server: Server) -> Certificate:
    """A target about the certificate that the server has, from an authority in the store."""
    return Certificate(
        "web", server.certificate, server.key, authority(connection, store).certificate_id, ("localhost",),
        check=server.check, reload=server.reload, probe=server.address,
    )  # fmt: skip
