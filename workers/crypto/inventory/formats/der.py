"""DER files, identified by trial parsing, since nothing in them states their type."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives.serialization import pkcs7

from novacron.crypto import der
from shared.crypto.found import Found
from workers.crypto.inventory.formats import pkcs12, private_key, public_key, x509
from workers.crypto.inventory.formats.public_key import UNREADABLE

SIGNED_DATA = "1.2.840.113549.1.7.2"


def public(data: bytes, location: str) -> Found:
    """Return the asset of a public key.

    Raises:
        ValueError: it is none; or another of `UNREADABLE`.
    """
    key = public_key.of_der(data)
    return Found(
        "key", f"public key {key.algorithm}", location, key.algorithm, key.bits, (), key.fingerprint,
        details={"form": "SubjectPublicKeyInfo", "private": False},
    )  # fmt: skip


_FORMS: tuple[Callable[[bytes, str], Found], ...] = (x509.certificate, public, private_key.der, x509.request)


def is_one(data: bytes) -> bool:
    """Return whether the bytes are exactly one DER sequence."""
    try:
        return len(der.first(data).expect(der.SEQUENCE).whole) == len(data)
    except ValueError:
        return False


def read(data: bytes, location: str) -> list[Found] | None:
    """Return the findings in a DER file; None if its type is unknown."""
    if (stored := pkcs12.read(data, location)) is not None:
        return stored
    for form in _FORMS:
        try:
            return [form(data, location)]
        except UNREADABLE:
            continue
    return _signed(data, location)


def _signed(data: bytes, location: str) -> list[Found] | None:
    """Return the certificates of a PKCS #7 structure, such as a jar's signature."""
    try:
        if der.sequence(data)[0].oid() != SIGNED_DATA:
            return None
        return [x509.of_certificate(one, location) for one in pkcs7.load_der_pkcs7_certificates(data)]
    except UNREADABLE:
        return None
