"""Java key stores, JKS and JCEKS: certificates are stored unencrypted, private keys with their chains.

Source: `sun.security.provider.JavaKeyStore`, which describes the format in its comments.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace

from novacron.migration import Finding
from shared.crypto.found import Findings, Found, shown, unread
from workers.crypto.inventory.formats import x509
from workers.crypto.inventory.formats.public_key import UNREADABLE

MAGICS = {b"\xfe\xed\xfe\xed": "JKS", b"\xce\xce\xce\xce": "JCEKS"}
VERSIONS = (1, 2)
MOST_ENTRIES = 10_000
MOST_CERTIFICATES = 100
PRIVATE, TRUSTED = 1, 2


class _Bytes:
    """The unread bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, n_bytes: int) -> bytes:
        """Consume the next bytes.

        Raises:
            ValueError: there are too few.
        """
        taken = self._data[self._at : self._at + n_bytes]
        if len(taken) < n_bytes:
            raise ValueError("cut short")
        self._at += n_bytes
        return taken

    def number(self) -> int:
        """Consume an integer of 4 bytes."""
        found: int = struct.unpack(">I", self.take(4))[0]
        return found

    def text(self) -> str:
        """Consume a length-prefixed text."""
        (length,) = struct.unpack(">H", self.take(2))
        return self.take(length).decode("utf-8", "replace")


def read(data: bytes, location: str) -> Findings:
    """Yield the findings in a store; if it is damaged, those before the damage."""
    source = _Bytes(data)
    form = MAGICS[source.take(4)]
    try:
        version, count = source.number(), source.number()
        if version not in VERSIONS or count > MOST_ENTRIES:
            raise ValueError("unknown version")
        for _ in range(count):
            yield from _entry(source, version, form, location)
    except UNREADABLE:
        yield unread(location, f"the {form} key store is damaged, or holds keys that are read by Java only")


def _entry(source: _Bytes, version: int, form: str, location: str) -> Iterator[Found]:
    tag, alias = source.number(), shown(source.text())
    source.take(8)  # creation time
    if tag not in (PRIVATE, TRUSTED):
        raise ValueError("a secret key, as a serialised object of Java")
    if tag == PRIVATE:
        source.take(source.number())
    n_certificates = source.number() if tag == PRIVATE else 1
    if n_certificates > MOST_CERTIFICATES:
        raise ValueError("too many certificates")
    chain = [_certificate(source, version, alias, location) for _ in range(n_certificates)]
    yield from chain
    if tag == PRIVATE and chain:
        yield _private(chain[0], alias, form)


def _certificate(source: _Bytes, version: int, alias: str, location: str) -> Found:
    if version == max(VERSIONS):
        source.text()  # X.509
    found = x509.certificate(source.take(source.number()), location)
    return replace(found, details={**found.details, "alias": alias})


def _private(leaf: Found, alias: str, form: str) -> Found:
    """Return the private key of a certificate, which determines its algorithm."""
    return Found(
        "key", f"private key {alias}", leaf.location, leaf.algorithm, leaf.key_bits, (), leaf.fingerprint,
        details={"form": form, "private": True, "encrypted": True, "alias": alias},
        findings=(Finding(severity="info", text=f"protected by the password of a {form} key store"),),
    )  # fmt: skip
