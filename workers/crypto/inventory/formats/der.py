"""Files in DER, told apart by trying: nothing in them says what they are."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives.serialization import pkcs7

from novacron.crypto import der
from shared.crypto.found import Found
from workers.crypto.inventory.formats import pkcs12, private_key, public_key, x509
from workers.crypto.inventory.formats.public_key import UNREADABLE

SIGNED_DATA = "1.2.840.113549.1.7.2"


def public(data: bytes, location: str) -> Found:
    """The asset of a public key.

    Raises:
        ValueError: it is none; and the rest of `UNREADABLE`.
    """
    key = public_key.of_der(data)
    return Found(
        "key", f"public key {key.algorithm}", location, key.algorithm, key.bits, (), key.fingerprint,
        details={"form": "SubjectPublicKeyInfo", "private": False},
    )  # fmt: skip


_FORMS: tuple[Callable[[bytes, str], Found], ...] = (x509.certificate, public, private_key.der, x509.request)


def is_one(data: bytes) -> bool:
    """Whether bytes are one sequence, from their first to their last."""
    try:
        return len(der.first(data).expect(der.SEQUENCE).whole) == len(data)
    except ValueError:
        return False


def read(data: bytes, location: str) -> list[Found] | None:
    """What a file in DER holds; None where it is nothing that is known here."""
    if (stored := pkcs12.read(data, location)) is not None:
        return stored
    for form in _FORMS:
        try:
            return [form(data, location)]
        except UNREADABLE:
            continue
    return _signed(data, location)


def _signed(data: bytes, location: str) -> list[Found] | None:
    """The certificates of PKCS #7, such as the signatures in a jar have."""
    try:
        if der.sequence(data)[0].oid() != SIGNED_DATA:
            return None
        return [x509.of_certificate(one, location) for one in pkcs7.load_der_pkcs7_certificates(data)]
    except UNREADABLE:
        return None
