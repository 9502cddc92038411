"""Targets of known programs: how each is configured, tested and probed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from novacron.errors import BadInput
from workers.crypto.migration.served import Certified, Served

if TYPE_CHECKING:
    from shared.crypto.tls.probe import Protocol


@dataclass(frozen=True, slots=True)
class HAProxy(Certified, Served):
    """HAProxy: a certificate with its key in one PEM file, and the groups of its configuration.

    Attributes:
        certificate: PEM file of the chain and the private key, as `crt` names it.
        issuer: certificate id of the CA that issues its next certificate.
        names: see `Certificate`.
        days: validity of the next certificate.
        purposes: see `Certificate`.
        dropped: see `Certificate`.
        config: its configuration, validated by `haproxy -c` unless another command is given.
        groups_directive: directive of that file, `ssl-default-bind-curves` or `curves`; empty if another
            target has it.
    """

    certificate: Path
    issuer: str
    names: tuple[str, ...]
    days: int = 90
    purposes: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    config: Path | None = None
    groups_directive: str = ""

    def __post_init__(self) -> None:
        """Set HAProxy's own configuration check as default."""
        if self.config and not self.check:
            object.__setattr__(self, "check", ("haproxy", "-c", "-q", "-f", str(self.config)))

    def paths(self) -> dict[str, Path]:
        """Return the files it changes: a configuration belongs to the target that has its groups."""
        return {
            key: path for key, path in Served.paths(self).items() if key != "config" or self.groups_directive
        }

    def wrong(self) -> Iterator[BadInput]:
        """Yield errors, including a directive without a file."""
        yield from Certified.wrong(self)
        if self.groups_directive and not self.config:
            yield self.refused("groups_directive", "is of no use without `config`")


@dataclass(frozen=True, slots=True)
class PostgreSQL(Certified, Served):
    """PostgreSQL: the groups of its configuration, and its server certificate and key.

    Attributes:
        config: `postgresql.conf` or a file that it includes; `postgresql.auto.conf` if ALTER SYSTEM has set
            it.
        certificate: the file that `ssl_cert_file` names.
        key: the file that `ssl_key_file` names.
        issuer: certificate id of the CA that issues its next certificate.
        names: see `Certificate`.
        days: validity of the next certificate.
        purposes: see `Certificate`.
        dropped: see `Certificate`.
        groups_directive: `ssl_groups`, or `ssl_ecdh_curve` as it was called before PostgreSQL 18.
    """

    CERTIFIED: ClassVar[tuple[str, ...]] = ("certificate", "key", "issuer", "names")

    config: Path
    certificate: Path | None = None
    key: Path | None = None
    issuer: str = ""
    names: tuple[str, ...] = ()
    days: int = 90
    purposes: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    groups_directive: str = "ssl_groups"

    @property
    def protocol(self) -> Protocol:
        """How TLS is started at its address."""
        return "postgresql"

    def wrong(self) -> Iterator[BadInput]:
        """Yield errors, including an incompletely declared certificate."""
        given = [key for key in self.CERTIFIED if getattr(self, key)]
        yield from Certified.wrong(self) if given else Served.wrong(self)
        for key in self.CERTIFIED:
            if given and key not in given:
                yield self.refused(key, f"is required with {', '.join(given)}")


@dataclass(frozen=True, slots=True)
class OpenSSH(Served):
    """An OpenSSH server's key exchange methods.

    Attributes:
        config: `sshd_config`, or a file that it includes; validated by `sshd -t` unless another command is
            given.
    """

    groups_directive: ClassVar[str] = "KexAlgorithms"

    config: Path

    def __post_init__(self) -> None:
        """Set sshd's own configuration check as default."""
        if not self.check:
            object.__setattr__(self, "check", ("/usr/sbin/sshd", "-t", "-f", str(self.config)))


@dataclass(frozen=True, slots=True)
class KeyFiles(Served):
    """A service that signs with a key in a file, and the file with its public keys for verifiers.

    Attributes:
        key: the private key in use: PKCS#8 in PEM, a JSON Web Key, or a set whose first one is.
        public: the public keys: a JSON Web Key Set, or PEM; None if verifiers get them from elsewhere.
        url: where the service publishes that file, `http://` or `https://`.
    """

    key: Path
    public: Path | None = None
    url: str = ""

    def wrong(self) -> Iterator[BadInput]:
        """Yield errors, including an invalid address."""
        yield from Served.wrong(self)
        if self.probe:
            yield self.refused("probe", "is not asked: `url` is where the service publishes its keys")
        if self.url and not self.public:
            yield self.refused("url", "is of no use without `public`")
        if self.url and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", self.url):
            yield self.refused("url", "must be http://HOST/PATH or https://HOST/PATH")
