"""Certificates and certificate requests, in DER or as library objects."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from novacron.crypto.pki.reading import BROKEN_HASHES, MALFORMED
from novacron.migration import Finding
from shared.crypto.found import Found, shown
from workers.crypto.inventory.formats import public_key
from workers.crypto.inventory.formats.public_key import Key

Read = TypeVar("Read")


def certificate(der: bytes, location: str) -> Found:
    """Return the asset of a certificate.

    Raises:
        ValueError: it is none, or malformed in an examined field.
    """
    return of_certificate(_checked(lambda: x509.load_der_x509_certificate(der)), location)


def of_certificate(one: x509.Certificate, location: str) -> Found:
    """Return the asset of a parsed certificate.

    Raises:
        ValueError: it is malformed in an examined field.
    """
    return _checked(lambda: _certificate(one, location))


def request(der: bytes, location: str) -> Found:
    """Return the asset of a certificate request (PKCS #10): the requested key.

    Raises:
        ValueError: it is none, or malformed in an examined field.
    """

    def read() -> Found:
        one = x509.load_der_x509_csr(der)
        key = public_key.of_library(one.public_key())
        return Found(
            "key", one.subject.rfc4514_string() or "certificate request", location, key.algorithm, key.bits,
            fingerprint=key.fingerprint, details={"form": "certificate request", "private": False},
        )  # fmt: skip

    return _checked(read)


def _checked(read: Callable[[], Read]) -> Read:
    try:
        return read()
    except (*MALFORMED, *public_key.UNREADABLE):
        raise ValueError("malformed") from None


def _certificate(one: x509.Certificate, location: str) -> Found:
    key = _key(one)
    return Found(
        "certificate", one.subject.rfc4514_string() or f"serial {one.serial_number:x}", location,
        key.algorithm.replace("EC-P", "ECDSA-P"), key.bits, ("authenticity",), key.fingerprint,
        not_before=one.not_valid_before_utc, not_after=one.not_valid_after_utc,
        details={
            "issuer": shown(one.issuer.rfc4514_string(), 500), "serial": f"{one.serial_number:x}",
            "ca": _is_ca(one), "self_signed": one.issuer == one.subject,
            "signature_algorithm": signature_name(one),
            "certificate_fingerprint": "sha256:" + hashlib.sha256(one.public_bytes(Encoding.DER)).hexdigest(),
        },
        findings=tuple(_remarks(one)),
    )  # fmt: skip


def _key(one: x509.Certificate) -> Key:
    """Return the certified key; of an unsupported type, what its object identifier determines."""
    try:
        return public_key.of_library(one.public_key())
    except public_key.UNREADABLE:
        oid = one.public_key_algorithm_oid.dotted_string
        return Key(public_key.NAMES.get(oid, oid))


def _is_ca(one: x509.Certificate) -> bool:
    try:
        return one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def signature_name(one: x509.Certificate) -> str:
    """Return the signature algorithm of a certificate, `ecdsa-with-SHA256` for instance."""
    oid = one.signature_algorithm_oid
    return public_key.NAMES.get(oid.dotted_string) or shown(
        oid._name if oid._name != "Unknown OID" else oid.dotted_string
    )


def _remarks(one: x509.Certificate) -> Iterator[Finding]:
    now = datetime.now(UTC)
    if one.not_valid_after_utc < now:
        yield Finding(severity="low", text=f"it expired on {one.not_valid_after_utc.date()}")
    if one.not_valid_before_utc > now:
        yield Finding(severity="low", text=f"it is not valid before {one.not_valid_before_utc.date()}")
    if any(name in signature_name(one).lower() for name in BROKEN_HASHES) and one.issuer != one.subject:
        yield Finding(severity="high", text=f"signed with {signature_name(one)}, whose hash is broken")
