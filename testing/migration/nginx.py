"""nginx: many hosts on one address, distinguished by SNI, and addresses with groups of their own."""

from __future__ import annotations

from pathlib import Path

from scheduler.embedded import ports
from testing.migration.authority import Authority
from testing.migration.certificates import self_signed
from testing.migration.process import Server
from testing.migration.service import CertifiedService, GroupService, Service, Spoken
from testing.programs import needed
from workers.crypto.migration.targets import Certificate, Groups

MAIN = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{servers}
}}
"""
HOST = """    server {{ listen 127.0.0.1:{port} ssl; server_name {host}; return 204;
        ssl_certificate {chain}; ssl_certificate_key {key}; {more} }}
"""
LISTS = ("X25519:secp256r1", "auto", '"X25519"')
"""Initial values of `ssl_ecdh_curve`, address by address."""


class Nginx:
    """The server and its services.

    Args:
        folder: folder of its files.
        authority: issuer of the new certificates.
        n_hosts: number of hosts that share one address.
        n_groups: number of further addresses.
    """

    def __init__(self, folder: Path, authority: Authority, n_hosts: int, n_groups: int) -> None:
        self._folder, self._authority = folder, authority
        folder.mkdir()
        self._port = ports.choose()
        self._hosts = [f"host{number}.example" for number in range(n_hosts)]
        self._lists = [LISTS[number % len(LISTS)] for number in range(n_groups)]
        self._group_ports = [ports.choose() for _ in self._lists]
        servers = [self._host(host, self._port) for host in self._hosts]
        for number, (groups, port) in enumerate(zip(self._lists, self._group_ports, strict=True)):
            self._config(number).write_text(f"# one of two files\nssl_ecdh_curve {groups};\n")
            servers.append(self._host(f"groups{number}.example", port, f"include {self._config(number)};"))
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder, servers="".join(servers)))
        nginx = needed("nginx")
        command = [
            nginx,
            "-p",
            str(folder),
            "-e",
            str(folder / "error.log"),
            "-c",
            str(folder / "nginx.conf"),
        ]
        self.server = Server(command, self._port, folder / "log")
        self._check = (*command, "-t")

    def services(self) -> list[Service]:
        """Return a certificate for each host, and groups for each further address."""
        hosts: list[Service] = [self._certified(host) for host in self._hosts]
        return [*hosts, *(self._grouped(number) for number in range(len(self._lists)))]

    def _config(self, number: int) -> Path:
        return self._folder / f"groups{number}.conf"

    def _host(self, host: str, port: int, more: str = "") -> str:
        (self._folder / host).mkdir()
        chain, key = self_signed(self._folder / host, host)
        return HOST.format(port=port, host=host, chain=chain, key=key, more=more)

    def _certified(self, host: str) -> CertifiedService:
        chain, key = self._folder / host / "web.pem", self._folder / host / "web.key"
        target = Certificate(
            host.replace(".", "-"), certificate=chain, key=key, issuer=self._authority.issuer, names=(host,),
            check=self._check, reload=self.server.reload(), probe=f"127.0.0.1:{self._port}", server_name=host,
        )  # fmt: skip
        spoken = Spoken(self._port, host, self._authority.roots_with(chain), self._authority.root)
        return CertifiedService(target.name, target, spoken, (chain, key))

    def _grouped(self, number: int) -> GroupService:
        host, port, config = f"groups{number}.example", self._group_ports[number], self._config(number)
        target = Groups(
            f"nginx-groups-{number}", config=config, groups_directive="ssl_ecdh_curve", check=self._check,
            reload=self.server.reload(), probe=f"127.0.0.1:{port}",
        )  # fmt: skip
        roots = self._authority.roots_with(self._folder / host / "web.pem")
        spoken = Spoken(port, host, roots, self._authority.root)
        takes_new = self._lists[number] == "auto"
        return GroupService(target.name, target, spoken, config, takes_new=takes_new)
