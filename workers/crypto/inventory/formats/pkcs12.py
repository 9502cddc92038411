"""PKCS #12 files (RFC 7292): opened if they have no password, otherwise reported as encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from cryptography.hazmat.primitives.serialization import pkcs12

from novacron.crypto import der
from shared.crypto.found import Found
from workers.crypto.inventory.formats import private_key, public_key, x509
from workers.crypto.inventory.formats.public_key import UNREADABLE

VERSION = 3
CONTENTS = ("1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2")
"""Object identifiers of the content types: data, or signed data (RFC 7292, section 4)."""
FORM = "PKCS#12"
MOST_ITERATIONS = 1_000_000
"""Maximum iteration count; a file that requires more is not opened, as it could take hours."""
DEEPEST = 24


def read(data: bytes, location: str) -> list[Found] | None:
    """Return the contents of a file; None if it is not PKCS #12."""
    if not is_one(data):
        return None
    store = opened(data)
    return _held(store, location) if store else [private_key.encrypted(location, f"{FORM} file")]


def opened(data: bytes) -> pkcs12.PKCS12KeyAndCertificates | None:
    """Open a file; return None if it has a password, or is too expensive to open."""
    for password in (None, b"") if _is_affordable(data) else ():
        try:
            return pkcs12.load_pkcs12(data, password)
        except UNREADABLE:
            continue
    return None


def is_one(data: bytes) -> bool:
    """Return whether the bytes are a PKCS #12 file."""
    try:
        version, content, *_ = der.first(data).expect(der.SEQUENCE).parts()
        return version.integer() == VERSION and content.parts()[0].oid() in CONTENTS
    except UNREADABLE:
        return False


def _is_affordable(data: bytes) -> bool:
    try:
        return max(_iterations(data, 0), default=0) <= MOST_ITERATIONS
    except UNREADABLE:
        return False


def _iterations(data: bytes, depth: int) -> Iterator[int]:
    """Yield the iteration counts of key derivations (RFC 8018, appendix A; RFC 7292, section 4)."""
    before = 0
    for one in der.elements(data):
        if one.tag == der.INTEGER and before == der.OCTETS:
            yield one.integer()
        elif one.tag & der.CONSTRUCTED and depth < DEEPEST:
            yield from _iterations(one.content, depth + 1)
        elif one.tag == der.OCTETS and depth < DEEPEST:
            with suppress(ValueError):  # most contain no DER
                yield from list(_iterations(one.content, depth + 1))
        before = one.tag


def _held(store: pkcs12.PKCS12KeyAndCertificates, location: str) -> list[Found]:
    held = [store.cert, *store.additional_certs]
    found = [x509.of_certificate(one.certificate, location) for one in held if one is not None]
    if store.key is not None:
        found.append(private_key.found(public_key.of_library(store.key.public_key()), location, FORM))
    return found
