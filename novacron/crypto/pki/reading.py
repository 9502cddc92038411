"""Parsing of certificates, requests and revocation lists, in full: malformed ones are refused here."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from novacron.crypto import der, pem
from novacron.crypto.pem import Block
from novacron.crypto.pki.keys import algorithm_of
from novacron.crypto.pki.names import alternatives_of, pairs_of
from novacron.errors import BadInput
from novacron.specs.crypto.alternative_name import AlternativeName
from novacron.specs.crypto.subject import Attribute, Subject
from novacron.specs.record import Record

LARGEST_BYTES = 1 << 20
MOST_CERTIFICATES = 100
MALFORMED = (
    ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType,
    x509.InvalidVersion, x509.ExtensionNotFound,
)  # fmt: skip
"""Exceptions of the library for malformed input, some raised only on access to a part."""
BROKEN_HASHES = ("md5", "sha1")
_REQUESTS = ("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")

Read = TypeVar("Read")


def _parsed(what: str, read: Callable[[], Read]) -> Read:
    try:
        return read()
    except MALFORMED:
        raise BadInput(f"is not a readable {what}") from None


def _bounded(data: bytes) -> bytes:
    if len(data) > LARGEST_BYTES:
        raise BadInput(f"must have at most {LARGEST_BYTES} bytes")
    return data


def _has_pem(data: bytes) -> bool:
    return pem.MARK in pem.decoded(_bounded(data))


def _der(block: Block, what: str) -> bytes:
    return _parsed(what, block.der)


def certificates_of(data: bytes) -> list[x509.Certificate]:
    """Return the certificates in PEM text, in order, or the one in DER.

    Raises:
        BadInput: there is none, too many, or one that cannot be read.
    """
    if not _has_pem(data):
        return [_certificate(data)]
    found = [one for one in pem.blocks(data) if one.label.endswith("CERTIFICATE")]
    if not 1 <= len(found) <= MOST_CERTIFICATES:
        raise BadInput(f"must hold one to {MOST_CERTIFICATES} certificates, holds {len(found)}")
    return [_certificate(_x509_part(_der(one, "certificate"))) for one in found]


def _x509_part(body: bytes) -> bytes:
    """Return a certificate without the data that OpenSSL appends in a TRUSTED CERTIFICATE."""
    return _parsed("certificate", lambda: der.first(body).whole)


def _certificate(data: bytes) -> x509.Certificate:
    def read() -> x509.Certificate:
        found = x509.load_der_x509_certificate(data)
        _ = (found.subject, found.issuer, found.serial_number, found.version, found.extensions)
        _ = (found.not_valid_before_utc, found.not_valid_after_utc, found.signature_algorithm_oid)
        return found

    return _parsed("certificate", read)


def crl_of(data: bytes) -> x509.CertificateRevocationList:
    """Return a revocation list from PEM or DER.

    Raises:
        BadInput: it cannot be read.
    """
    body = _only(data, ("X509 CRL",), "revocation list")

    def read() -> x509.CertificateRevocationList:
        found = x509.load_der_x509_crl(body)
        _ = (found.issuer, found.last_update_utc, found.next_update_utc, found.extensions, len(found))
        return found

    return _parsed("revocation list", read)


def _only(data: bytes, labels: tuple[str, ...], what: str) -> bytes:
    """Return the one block with these labels in PEM text, or the data if they are DER.

    Raises:
        BadInput: there is none, or several.
    """
    if not _has_pem(data):
        return data
    found = [one for one in pem.blocks(data) if one.label in labels]
    if len(found) != 1:
        raise BadInput(f"must hold one {what}, holds {len(found)}")
    return _der(found[0], what)


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """A certificate request whose signature has been verified with its public key.

    Attributes:
        public: the library's public key.
        algorithm: algorithm of that key.
        subject: subject of the request; may be empty.
        alternatives: alternative names.
    """

    public: Any
    algorithm: str
    subject: tuple[Attribute, ...]
    alternatives: tuple[str, ...]


class _Names(Record):
    subject: Subject | None
    alternatives: tuple[AlternativeName, ...]


def request_text(data: bytes) -> str:
    """Return a PKCS #10 request as PEM.

    Raises:
        BadInput: it is neither PEM nor DER, or there are several.
    """
    body = _only(data, _REQUESTS, "certificate request")
    _parsed("certificate request", lambda: der.sequence(body))
    return pem.armoured(_REQUESTS[0], base64.b64encode(body)).decode()


def request_of(data: bytes) -> CertificateRequest:
    """Return a PKCS #10 request from PEM or DER; its names must follow this project's rules.

    Raises:
        BadInput: it cannot be read, there are several, it is not signed by the key it contains or with a
            broken hash, or it breaks a rule.
    """
    body = _only(data, _REQUESTS, "certificate request")

    def read() -> tuple[x509.CertificateSigningRequest, x509.Name, list[x509.GeneralName]]:
        found = x509.load_der_x509_csr(body)
        names = [
            name
            for one in found.extensions
            if isinstance(one.value, x509.SubjectAlternativeName)
            for name in one.value
        ]
        return found, found.subject, names

    request, subject, names = _parsed("certificate request", read)
    public = _asking(request)
    algorithm = algorithm_of(public)
    _check_signature(request)
    given = _Names(subject=pairs_of(subject) or None, alternatives=tuple(alternatives_of(names)))
    return CertificateRequest(public, algorithm, given.subject or (), given.alternatives)


def _asking(request: x509.CertificateSigningRequest) -> Any:
    """Return the public key of a request."""
    try:
        return request.public_key()
    except UnsupportedAlgorithm:
        raise BadInput("holds a key of an algorithm that certificates are not made for") from None
    except MALFORMED:
        raise BadInput("holds a key that cannot be read") from None


def _check_signature(request: x509.CertificateSigningRequest) -> None:
    name = _signature_name(request)
    if any(broken in name.lower().replace("-", "") for broken in BROKEN_HASHES):
        hint = "create a new one with SHA-256, as `openssl req -new -sha256` does"
        raise BadInput(f"is signed with {name}, whose hash is broken", hint=hint)
    try:
        signed = request.is_signature_valid
    except UnsupportedAlgorithm:
        raise BadInput(f"is signed with {name}, which is not verified here") from None
    except MALFORMED:
        signed = False
    if not signed:
        raise BadInput("is not signed by the key it holds")


def _signature_name(request: x509.CertificateSigningRequest) -> str:
    """Return a request's signature algorithm, for example `ecdsa-with-SHA256`."""
    oid = request.signature_algorithm_oid
    return oid.dotted_string if oid._name == "Unknown OID" else str(oid._name)
