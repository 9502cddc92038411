"""PKCS #12 files (RFC 7292): opened where they have no password, else recorded as encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from Crypto.Util.asn1 import DerObjectId, DerSequence
from cryptography.hazmat.primitives.serialization import pkcs12

from shared.found import Found
from workers.inventory import private_key, public_key, x509
from workers.inventory.public_key import UNREADABLE

VERSION = 3
CONTENTS = ("1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2")
"""Object identifiers of what a file may be: data, or signed data (RFC 7292, section 4)."""
FORM = "PKCS#12"
MOST_ITERATIONS = 1_000_000
"""A file that asks for more to be opened is not: it could take hours."""
INTEGER, OCTETS, CONSTRUCTED = 0x02, 0x04, 0x20
LONGEST_SHORT = 0x7F
DEEPEST = 24


def read(data: bytes, location: str) -> list[Found] | None:
    """What a file holds; None where it is no PKCS #12."""
    if not _is_one(data):
        return None
    for password in (None, b"") if _is_affordable(data) else ():
        try:
            return _opened(data, password, location)
        except UNREADABLE:
            continue
    return [private_key.encrypted(location, f"{FORM} file")]


def _is_one(data: bytes) -> bool:
    try:
        outer = DerSequence().decode(data, strict=False)
        content = DerSequence().decode(outer[1])
        return outer[0] == VERSION and DerObjectId().decode(content[0]).value in CONTENTS
    except UNREADABLE:
        return False


def _is_affordable(data: bytes) -> bool:
    try:
        return max(_iterations(data, 0), default=0) <= MOST_ITERATIONS
    except UNREADABLE:
        return False


def _iterations(data: bytes, depth: int) -> Iterator[int]:
    """The numbers after salts: how often keys are derived (RFC 8018, appendix A; RFC 7292, section 4)."""
    before = 0
    for tag, content in _elements(data):
        if tag == INTEGER and before == OCTETS:
            yield int.from_bytes(content, "big")
        elif tag & CONSTRUCTED and depth < DEEPEST:
            yield from _iterations(content, depth + 1)
        elif tag == OCTETS and depth < DEEPEST:
            with suppress(ValueError, IndexError):  # most are no DER inside
                yield from list(_iterations(content, depth + 1))
        before = tag


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of the elements in DER.

    Raises:
        ValueError: it is none.
    """
    at = 0
    while at < len(data):
        tag = data[at]
        at, end = _span(data, at + 1)
        yield tag, data[at:end]
        at = end


def _span(data: bytes, at: int) -> tuple[int, int]:
    """Where a content begins and ends whose length stands at this place (X.690, section 8.1.3)."""
    length, at = data[at], at + 1
    if length > LONGEST_SHORT:
        n_bytes = length - LONGEST_SHORT - 1
        length, at = int.from_bytes(data[at : at + n_bytes], "big"), at + n_bytes
        if not n_bytes:
            raise ValueError("without a length")
    if at + length > len(data):
        raise ValueError("cut short")
    return at, at + length


def _opened(data: bytes, password: bytes | None, location: str) -> list[Found]:
    store = pkcs12.load_pkcs12(data, password)
    held = [store.cert, *store.additional_certs]
    found = [x509.of_certificate(one.certificate, location) for one in held if one is not None]
    if store.key is not None:
        found.append(private_key.found(public_key.of_library(store.key.public_key()), location, FORM))
    return found
