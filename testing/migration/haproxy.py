"""HAProxy: addresses with one PEM file each, and the groups of its configuration."""

from __future__ import annotations

from pathlib import Path

from scheduler.embedded import ports
from testing.migration.authority import Authority
from testing.migration.certificates import self_signed
from testing.migration.process import Server
from testing.migration.service import CertifiedService, GroupService, Service, Spoken
from testing.programs import needed
from workers.crypto.migration.programs import HAProxy

MAIN = """global
    log stderr local0 warning
    stats socket {folder}/admin.sock mode 600 level admin expose-fd listeners
{groups}
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
"""
ADDRESS = """frontend {name}
    bind 127.0.0.1:{port} ssl crt {pem}
    http-request return status 204
"""


class Balancer:
    """The server and its services.

    Args:
        folder: folder of its files.
        authority: issuer of the new certificates.
        n_addresses: number of addresses.
        groups: its list of groups; empty for none of its own.
    """

    def __init__(self, folder: Path, authority: Authority, n_addresses: int, groups: str) -> None:
        self._folder, self._authority, self._groups = folder, authority, groups
        folder.mkdir()
        self._ports = [ports.choose() for _ in range(n_addresses)]
        self._config = folder / "haproxy.cfg"
        line = f"    ssl-default-bind-curves {groups}" if groups else ""
        parts = [MAIN.format(folder=folder, groups=line), *map(self._address, range(n_addresses))]
        self._config.write_text("".join(parts))
        self._check = (needed("haproxy"), "-c", "-q", "-f", str(self._config))
        command = [needed("haproxy"), "-W", "-f", str(self._config), "-p", str(folder / "pid")]
        self.server = Server(command, self._ports[0], folder / "log")

    def services(self) -> list[Service]:
        """Return a certificate for each address, and the groups of all."""
        made: list[Service] = [self._certified(number) for number in range(len(self._ports))]
        return [*made, self._grouped()]

    def _home(self, number: int) -> Path:
        return self._folder / f"site{number}"

    def _address(self, number: int) -> str:
        self._home(number).mkdir()
        chain, key = self_signed(self._home(number), f"site{number}.example")
        pem = self._home(number) / "site.pem"
        pem.write_bytes(chain.read_bytes() + key.read_bytes())
        pem.chmod(0o600)
        return ADDRESS.format(name=f"site{number}", port=self._ports[number], pem=pem)

    def _spoken(self, number: int) -> Spoken:
        roots = self._authority.roots_with(self._home(number) / "web.pem")
        return Spoken(self._ports[number], f"site{number}.example", roots, self._authority.root)

    def _target(self, number: int) -> HAProxy:
        """Return an address; the first one also has the groups of all."""
        return HAProxy(
            f"{self._folder.name}-site{number}", certificate=self._home(number) / "site.pem",
            issuer=self._authority.issuer, names=(f"site{number}.example",), config=self._config,
            check=self._check, groups_directive="" if number else "ssl-default-bind-curves",
            reload=self.server.reload("USR2"), probe=f"127.0.0.1:{self._ports[number]}",
        )  # fmt: skip

    def _certified(self, number: int) -> CertifiedService:
        target = self._target(number)
        name = f"{target.name}-certificate"
        return CertifiedService(name, target, self._spoken(number), (target.certificate,))

    def _grouped(self) -> GroupService:
        name = f"{self._folder.name}-groups"
        return GroupService(name, self._target(0), self._spoken(0), self._config, takes_new=not self._groups)
