"""Findings of inventory parsers, and the assets built from them."""

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
"""The algorithm of an unencrypted connection."""


@dataclass(frozen=True, slots=True)
class Found:
    """One cryptographic object found by a parser.

    Attributes:
        kind: kind of the asset.
        name: display name.
        location: `host:port`, a file path or a key id.
        also_at: further locations of the same object.
        algorithm: its name in the registry, else the name it was found under.
        key_bits: size of the key, if it has one.
        purposes: what it protects; derived from its algorithm if empty.
        fingerprint: fingerprint of the public key.
        vulnerable: whether a quantum computer breaks it; None derives it from its algorithm.
        findings: remarks, each with a severity.
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
        """Return the asset; the same object in the same place always has the same id."""
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
        """Return whether it is vulnerable; unknown algorithms count as such, so that they are reviewed."""
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
"""What a parser yields: found objects, and parts that could not be read."""


def unread(location: str, why: str) -> InventoryError:
    """Return the error for a target, or a part of one, that could not be read."""
    return InventoryError(target=placed(location), error=why)


def _purposes(known: Classification | None) -> tuple[Purpose, ...]:
    if known is None or known.type == "any":
        return ("confidentiality", "authenticity")
    return ("authenticity",) if known.type == "signature" else ("confidentiality",)


def shown(text: str, longest: int = LONGEST_NAME) -> str:
    """Return a text as one printable line."""
    return "".join(one if one.isprintable() else "?" for one in text[:longest]).strip() or "?"


def placed(text: str) -> str:
    """Return a path or an address that JSON and PostgreSQL accept; bytes that are not UTF-8 are escaped."""
    plain = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return plain.replace("\0", "\\0")[:LONGEST_PLACE]
