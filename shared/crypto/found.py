"""What a parser has found, and the asset made of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from novacron.migration import Asset, Classification, Finding, InventoryError, Protocol, classify
from novacron.migration.asset import AssetKind, Purpose

LONGEST_NAME = 190
LONGEST_PLACE = 4000
WEAK_BITS = 112
NO_TLS = "none"
"""The algorithm of a connection in the clear."""


@dataclass(frozen=True, slots=True)
class Found:
    """One cryptographic thing.

    Attributes:
        kind: what it is.
        name: for people.
        location: `host:port`, a file's path or a key id.
        also_at: further places where the very same thing was seen.
        algorithm: its name in the registry, else the name it was found under.
        key_bits: of the key, where it has a size.
        purposes: what it protects; by its algorithm where none are given.
        fingerprint: of the public key.
        vulnerable: whether a quantum computer breaks it; None is by its algorithm.
        findings: what is worth saying, with its severity.
    """

    kind: AssetKind
    name: str
    location: str
    algorithm: str
    key_bits: int | None = None
    purposes: tuple[Purpose, ...] = ()
    fingerprint: str | None = None
    vulnerable: bool | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    also_at: tuple[str, ...] = ()
    protocol: Protocol | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def asset(self, found_at: datetime) -> Asset:
        """The asset; the same thing in the same place always has the same id."""
        known = classify(self.algorithm, self.key_bits)
        more = {"fingerprint": self.fingerprint} if self.fingerprint else {}
        return Asset(
            asset_id=self._id(), kind=self.kind, name=shown(self.name), location=placed(self.location),
            also_at=tuple(map(placed, self.also_at)),
            algorithm=shown(self.algorithm), key_bits=self.key_bits,
            purposes=self.purposes or _purposes(known), quantum_vulnerable=self._vulnerable(known),
            protocol=self.protocol, not_before=self.not_before, not_after=self.not_after,
            found_at=found_at, details={**self.details, **more},
            findings=(*self.findings, *self._remarks(known)),
        )  # fmt: skip

    def _id(self) -> str:
        parts = (self.kind, placed(self.location), self.name, self.algorithm, self.fingerprint or "")
        named = "\0".join(parts).encode("utf-8", "backslashreplace")
        return "asset_" + hashlib.sha256(named).hexdigest()[:24]

    def _vulnerable(self, known: Classification | None) -> bool:
        """What is not known is taken for vulnerable, so that somebody looks at it."""
        if self.vulnerable is not None:
            return self.vulnerable
        return known is None or known.quantum_vulnerable

    def _remarks(self, known: Classification | None) -> Iterator[Finding]:
        if known is None and self.algorithm != NO_TLS:
            yield Finding(severity="medium", text="the algorithm is not known: it is taken for vulnerable")
        elif known and known.strength_bits is not None and known.strength_bits < WEAK_BITS:
            yield Finding(
                severity="high", text=f"weaker than {WEAK_BITS} bits even without a quantum computer"
            )
        elif known and known.status == "round3":
            yield Finding(severity="medium", text="a submission of NIST's third round, not the standard")


Findings: TypeAlias = Iterator[Found | InventoryError]
"""What a parser yields: things found, and parts that could not be read."""


def unread(location: str, why: str) -> InventoryError:
    """A target, or a part of one, that could not be read."""
    return InventoryError(target=placed(location), error=why)


def _purposes(known: Classification | None) -> tuple[Purpose, ...]:
    if known is None or known.type == "any":
        return ("confidentiality", "authenticity")
    return ("authenticity",) if known.type == "signature" else ("confidentiality",)


def shown(text: str, longest: int = LONGEST_NAME) -> str:
    """A text as one printable line."""
    return "".join(one if one.isprintable() else "?" for one in text[:longest]).strip() or "?"


def placed(text: str) -> str:
    """A path or an address as JSON and PostgreSQL take it; bytes that are no UTF-8 are escaped."""
    plain = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return plain.replace("\0", "\\0")[:LONGEST_PLACE]
