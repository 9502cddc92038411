"""A real nginx with several hosts, each with a certificate of its own; read again by `nginx -s reload`."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from novacron.errors import Unreachable
from scheduler.embedded import ports
from shared.crypto.tls.probe import Probe, probe
from testing import programs
from testing.migration.certificates import self_signed
from testing.patience import PATIENCE_S

MAIN = """
pid {folder}/nginx.pid;
error_log stderr;
worker_processes 1;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  include {folder}/hosts/*.conf;
}}
"""
HOST = """server {{
  listen 127.0.0.1:{port} ssl;
  server_name {name};
  ssl_certificate {chain};
  ssl_certificate_key {key};
  ssl_ecdh_curve {groups};
}}
"""


@dataclass(frozen=True)
class Nginx:
    """A running nginx.

    Attributes:
        folder: with `nginx.conf`, and `hosts/NAME.conf`, `NAME/web.pem` and `NAME/web.key` of each host.
        ports: of each host.
    """

    folder: Path
    ports: dict[str, int]

    @property
    def command(self) -> tuple[str, ...]:
        """How it is started."""
        program = programs.find("nginx")
        assert program is not None
        return (program, "-p", str(self.folder), "-e", "stderr", "-c", str(self.folder / "nginx.conf"))

    @property
    def check(self) -> tuple[str, ...]:
        return (*self.command, "-t")

    @property
    def reload(self) -> tuple[str, ...]:
        return (*self.command, "-s", "reload")

    def config(self, name: str) -> Path:
        return self.folder / "hosts" / f"{name}.conf"

    def chain(self, name: str) -> Path:
        return self.folder / name / "web.pem"

    def key(self, name: str) -> Path:
        return self.folder / name / "web.key"

    def address(self, name: str) -> str:
        return f"127.0.0.1:{self.ports[name]}"

    def seen(self, name: str) -> Probe:
        return probe("127.0.0.1", self.ports[name], server_name=name)


@contextmanager
def nginx(
    folder: Path, hosts: Sequence[str], *, groups: str = "X25519:prime256v1", shared: bool = False
) -> Iterator[Nginx]:
    """A running nginx.

    Args:
        folder: made for it.
        hosts: their names.
        groups: the value of `ssl_ecdh_curve`, as it stands in the configuration.
        shared: whether all listen at one address.
    """
    (folder / "hosts").mkdir(parents=True)
    one = ports.choose()
    made = Nginx(folder, {name: one if shared else ports.choose() for name in hosts})
    for name, port in made.ports.items():
        (folder / name).mkdir()
        chain, key = self_signed(folder / name, name)
        made.config(name).write_text(HOST.format(port=port, name=name, chain=chain, key=key, groups=groups))
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder))
    process = subprocess.Popen([*made.command, "-g", "daemon off;"])
    try:
        deadline = time.monotonic() + PATIENCE_S
        for name in hosts:
            while not _answers(made, name):
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.02)
        yield made
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _answers(made: Nginx, name: str) -> bool:
    with suppress(Unreachable):
        return made.seen(name).handshake is not None
    return False
