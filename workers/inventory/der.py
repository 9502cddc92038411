"""Files in DER, told apart by trying: nothing in them says what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from shared.found import Found
from workers.inventory import pkcs12, private_key, public_key, x509
from workers.inventory.public_key import UNREADABLE


def public(der: bytes, location: str) -> Found:
    """The asset of a public key.

    Raises:
        ValueError: it is none; and the rest of `UNREADABLE`.
    """
    key = public_key.of_der(der)
    return Found(
        "key", f"public key {key.algorithm}", location, key.algorithm, key.bits, (), key.fingerprint,
        details={"form": "SubjectPublicKeyInfo", "private": False},
    )  # fmt: skip


def _private(der: bytes, location: str) -> Found:
    return private_key.der(der, location)


_FORMS: tuple[Callable[[bytes, str], Found], ...] = (x509.certificate, public, _private, x509.request)


def read(data: bytes, location: str) -> Iterator[Found] | None:
    """What a file in DER holds; None where it is nothing that is known here."""
    if (stored := pkcs12.read(data, location)) is not None:
        return iter(stored)
    for form in _FORMS:
        try:
            return iter([form(data, location)])
        except UNREADABLE:
            continue
    return None
