"""All running services of a rig, and their names in a plan."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testing.migration.authority import Authority
from testing.migration.haproxy import Balancer
from testing.migration.nginx import Nginx
from testing.migration.postgresql import Cluster
from testing.migration.service import Service
from testing.migration.sshd import NEW, OLD, Daemon
from testing.migration.stored import Sealed, Signer
from testing.migration.tokens import FORMS, Issuer
from workers.crypto.migration.targets import Target


@dataclass(frozen=True, slots=True)
class Size:
    """Number of services of each kind.

    Attributes:
        hosts: hosts of nginx, on one address.
        nginx_groups: further addresses of nginx with groups of their own.
        balancers: HAProxy processes.
        sites: addresses of each.
        clusters: PostgreSQL clusters.
        daemons: OpenSSH servers.
        issuers: token services.
        archives: folders of envelopes.
        signers: stored keys.
    """

    hosts: int = 0
    nginx_groups: int = 0
    balancers: int = 0
    sites: int = 0
    clusters: int = 0
    daemons: int = 0
    issuers: int = 0
    archives: int = 0
    signers: int = 0


FULL = Size(
    hosts=10, nginx_groups=3, balancers=2, sites=2, clusters=2, daemons=4, issuers=5, archives=4, signers=3
)  # fmt: skip
"""Forty services including the authority, which every rig has."""

BALANCED = ("X25519:P-256", "")
CLUSTERED = (
    ("ssl_groups = 'X25519:prime256v1'", "X25519"),
    ("SSL_ECDH_CURVE = prime256v1  # as it was called before", "secp256r1"),
)
METHODS = (f"KexAlgorithms {OLD},ecdh-sha2-nistp256\n", "", f"kexalgorithms -{NEW}\n")
"""Initial forms of a server's groups, server by server."""


@dataclass(frozen=True)
class Rig:
    """The services, by name."""

    services: Mapping[str, Service]

    def components(self) -> list[dict[str, Any]]:
        """Return the components as requested from a plan."""
        return [
            {**one.component, "name": name, **({"target": one.target.name} if one.target else {})}
            for name, one in self.services.items()
        ]

    def targets(self) -> dict[str, Target]:
        """Return the targets as declared by the operator."""
        return {one.target.name: one.target for one in self.services.values() if one.target is not None}


def _started(stack: ExitStack, make: Callable[..., Any], *arguments: Any) -> Any:
    """Start a service with a server, which is stopped at the end."""
    made = make(*arguments)
    stack.callback(made.server.stop)
    return made


@contextmanager
def rig(url: str, size: Size) -> Iterator[Rig]:
    """Start all services; they are stopped at the end.

    Args:
        url: URL of a database with the newest schema and a first tenant; its key-encryption key is that of
            the settings.
        size: number of each.
    """
    home = Path(tempfile.mkdtemp(prefix="novacron-rig-"))
    home.chmod(0o711)  # some programs run under an unprivileged account
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        authority = Authority(url, home / "authority")
        found: list[Service] = [authority]
        servers: list[Any] = [
            *(
                _started(stack, Nginx, home / f"nginx{n}", authority, size.hosts, size.nginx_groups)
                for n in range(min(1, size.hosts))
            ),
            *(
                _started(stack, Balancer, home / f"haproxy{n}", authority, size.sites, BALANCED[n % 2])
                for n in range(size.balancers)
            ),
            *(
                _started(stack, Cluster, home / f"postgresql{n}", authority, *CLUSTERED[n % 2])
                for n in range(size.clusters)
            ),
        ]
        found += [service for server in servers for service in server.services()]
        for number in range(size.daemons):
            found.append(_started(stack, Daemon, home / f"sshd{number}", METHODS[number % len(METHODS)]))
        for number in range(size.issuers):
            found.append(_started(stack, Issuer, home / f"tokens{number}", [*FORMS][number % len(FORMS)]))
        found += [Sealed(url, home / f"archive{number}") for number in range(size.archives)]
        found += [Signer(url, f"signer{number}") for number in range(size.signers)]
        yield Rig({one.name: one for one in found})
