"""A service to be migrated, and those that are verified by a handshake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from testing.migration.judges import JudgementError, Shaken, expect, shake
from workers.crypto.migration.targets import Target

NEW_GROUP, NEW_SIGNATURE = "X25519MLKEM768", "mldsa65"


class Service(Protocol):
    """The interface of a service to the campaign."""

    @property
    def name(self) -> str:
        """Name of component and target."""

    @property
    def component(self) -> Mapping[str, Any]:
        """The component as requested; without name and target."""

    @property
    def target(self) -> Target | None:
        """The target as declared by the operator; None: changed manually."""

    def serves(self) -> None:
        """Check what holds at any instant."""

    def migrated(self) -> None:
        """Check what holds when the plan is done."""

    def original(self) -> None:
        """Check what holds before the plan and after its rollback."""


@dataclass
class Spoken:
    """Address of a TLS server, and how to probe it.

    Attributes:
        port: on loopback.
        host: name in its certificate.
        roots: file with the roots that the judge trusts: old and new.
        new_root: file with the new root only.
        starttls: protocol before TLS.
    """

    port: int
    host: str
    roots: Path
    new_root: Path
    starttls: str | None = None

    def shake(self, groups: str | None = None, roots: Path | None = None) -> Shaken | None:
        """Return a handshake."""
        return shake(self.port, self.host, roots or self.roots, groups=groups, starttls=self.starttls)


@dataclass
class CertifiedService:
    """A certificate, as presented by its server.

    Attributes:
        name: of component and target.
        target: as declared.
        spoken: address for probing.
        files: files restored by a rollback.
    """

    name: str
    target: Target
    spoken: Spoken
    files: tuple[Path, ...]
    component: Mapping[str, Any] = field(
        default_factory=lambda: {"kind": "certificate", "algorithm": "ECDSA-P256"}
    )

    def __post_init__(self) -> None:
        self._before = [path.read_bytes() for path in self.files]

    def serves(self) -> None:
        """Check that a client that trusts the old and the new root connects."""

        def judge() -> bool:
            seen = self.spoken.shake()
            return seen is not None and seen.verified

        expect(f"{self.name} does not serve a certificate that can be verified", judge)

    def migrated(self) -> None:
        """Check that it presents a chain of ML-DSA that leads to the new root."""

        def judge() -> bool:
            seen = self.spoken.shake(roots=self.spoken.new_root)
            return seen is not None and seen.verified and seen.signature == NEW_SIGNATURE

        expect(f"{self.name} does not show its new certificate", judge)

    def original(self) -> None:
        """Check that it presents the old one, and its files are unchanged."""

        def judge() -> bool:
            seen = self.spoken.shake()
            return seen is not None and seen.verified and seen.signature.startswith("ecdsa")

        expect(f"{self.name} does not show its old certificate", judge)
        for path, before in zip(self.files, self._before, strict=True):
            if path.read_bytes() != before or path.is_symlink():
                raise JudgementError(f"{path} is not what it was")


@dataclass
class GroupService:
    """A server's groups.

    Attributes:
        name: of component and target.
        target: as declared.
        spoken: address for probing.
        config: file restored by a rollback.
        kind: of the component.
        takes_new: whether the server also accepts the new group before the migration.
        old_group: a group accepted before.
    """

    name: str
    target: Target
    spoken: Spoken
    config: Path
    kind: str = "tls_endpoint"
    takes_new: bool = False
    old_group: str = "X25519"

    def __post_init__(self) -> None:
        self._before = self.config.read_bytes()

    @property
    def component(self) -> Mapping[str, Any]:
        """The component to be migrated."""
        return {"kind": self.kind, "algorithm": self.old_group}

    def serves(self) -> None:
        """Check that a current client connects."""
        expect(f"{self.name} does not serve a current client", lambda: self.spoken.shake() is not None)

    def migrated(self) -> None:
        """Check that it gets the new group, and a client without it is rejected."""

        def judge() -> bool:
            seen = self.spoken.shake()
            return seen is not None and seen.group == NEW_GROUP and self.spoken.shake(self.old_group) is None

        expect(f"{self.name} does not insist on {NEW_GROUP}", judge)

    def original(self) -> None:
        """Check that an old client connects, and the configuration is unchanged."""

        def judge() -> bool:
            old, new = self.spoken.shake(self.old_group), self.spoken.shake(NEW_GROUP)
            return old is not None and (new is not None) == self.takes_new

        expect(f"{self.name} does not take its old groups", judge)
        if self.config.read_bytes() != self._before:
            raise JudgementError(f"{self.config} is not what it was")
