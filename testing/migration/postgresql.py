"""PostgreSQL 18: its certificate, and its groups."""

from __future__ import annotations

import subprocess
from pathlib import Path

from scheduler.embedded import ports
from testing.migration.authority import Authority
from testing.migration.certificates import self_signed
from testing.migration.process import Server, account, give
from testing.migration.service import CertifiedService, GroupService, Service, Spoken
from testing.programs import LONGEST_S, needed
from workers.crypto.migration.programs import PostgreSQL

SETTINGS = """
ssl = on
port = {port}
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = '1MB'
max_connections = 20
ssl_cert_file = 'web.pem'
ssl_key_file = 'web.key'
{groups}
"""


class Cluster:
    """The server and its services.

    Args:
        folder: folder of its files.
        authority: issuer of the new certificate.
        groups: the line of its configuration that sets them; empty for none.
        old_group: one of them.
    """

    def __init__(self, folder: Path, authority: Authority, groups: str, old_group: str = "X25519") -> None:
        self._authority, self._name, self._old_group = authority, folder.name, old_group
        folder.mkdir()
        give(folder)
        self._data, self._port = folder / "data", ports.choose()
        command = [needed("initdb"), "-D", str(self._data), "--no-locale", "-E", "UTF8", "-A", "trust", "-N"]
        subprocess.run(  # type: ignore[call-overload]
            command, check=True, capture_output=True, timeout=LONGEST_S, cwd="/", **account()
        )
        self._chain, self._key = self_signed(self._data)
        give(self._chain, self._key)
        self._config = self._data / "postgresql.conf"
        with self._config.open("a") as stream:
            stream.write(SETTINGS.format(port=self._port, groups=groups))
        self.server = Server(
            [needed("postgres"), "-D", str(self._data)],
            self._port,
            folder.with_suffix(".log"),
            unprivileged=True,
        )

    def services(self) -> list[Service]:
        """Return both services."""
        roots = self._authority.roots_with(self._chain)
        spoken = Spoken(self._port, "localhost", roots, self._authority.root, "postgres")
        target = self._target(self._name)
        return [
            CertifiedService(f"{self._name}-certificate", target, spoken, (self._chain, self._key)),
            GroupService(
                f"{self._name}-groups",
                target,
                spoken,
                self._config,
                "database_tls",
                old_group=self._old_group,
            ),
        ]

    def _target(self, name: str) -> PostgreSQL:
        return PostgreSQL(
            name, config=self._config, certificate=self._chain, key=self._key, issuer=self._authority.issuer,
            names=("localhost",), reload=self.server.reload(), probe=f"127.0.0.1:{self._port}",
        )  # fmt: skip
