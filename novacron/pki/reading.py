"""Certificates, requests and revocation lists, read in full at once: what is malformed is refused here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from novacron.errors import BadInput
from novacron.pki.keys import algorithm_of
from novacron.pki.names import alternatives_of, pairs_of
from novacron.specs.crypto.alternative_name import AlternativeName
from novacron.specs.crypto.subject import Attribute, Subject
from novacron.specs.record import Record

LARGEST_BYTES = 1 << 20
MOST_CERTIFICATES = 100
MALFORMED = (
    ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType,
    x509.InvalidVersion, x509.ExtensionNotFound,
)  # fmt: skip
"""What the library raises, at the latest when a part is looked at."""
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)

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


def certificates_of(data: bytes) -> list[x509.Certificate]:
    """The certificates in PEM text, in their order, or the one that is in DER.

    Raises:
        BadInput: there is none, too many, or one that cannot be read.
    """
    if b"-----BEGIN" not in _bounded(data):
        return [_certificate(x509.load_der_x509_certificate, data)]
    blocks = [match[0] for match in _BLOCK.finditer(data) if match[1].endswith(b"CERTIFICATE")]
    if not 1 <= len(blocks) <= MOST_CERTIFICATES:
        raise BadInput(f"must hold one to {MOST_CERTIFICATES} certificates, holds {len(blocks)}")
    return [_certificate(x509.load_pem_x509_certificate, block) for block in blocks]


def _certificate(load: Callable[[bytes], x509.Certificate], data: bytes) -> x509.Certificate:
    def read() -> x509.Certificate:
        found = load(data)
        _ = (found.subject, found.issuer, found.serial_number, found.version, found.extensions)
        _ = (found.not_valid_before_utc, found.not_valid_after_utc, found.signature_algorithm_oid)
        return found

    return _parsed("certificate", read)


def crl_of(data: bytes) -> x509.CertificateRevocationList:
    """A revocation list in PEM or DER.

    Raises:
        BadInput: it cannot be read.
    """
    pem = b"-----BEGIN" in _bounded(data)

    def read() -> x509.CertificateRevocationList:
        found = x509.load_pem_x509_crl(data) if pem else x509.load_der_x509_crl(data)
        _ = (found.issuer, found.last_update_utc, found.next_update_utc, found.extensions, len(found))
        return found

    return _parsed("revocation list", read)


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """What somebody who has a private key asks for, the signature verified with its public key.

    Attributes:
        public: the library's public key.
        algorithm: of that key.
        subject: who asks; may be empty.
        alternatives: further names.
    """

    public: Any
    algorithm: str
    subject: tuple[Attribute, ...]
    alternatives: tuple[str, ...]


class _Names(Record):
    subject: Subject | None
    alternatives: tuple[AlternativeName, ...]


def request_of(data: bytes) -> CertificateRequest:
    """A PKCS #10 request in PEM or DER; its names keep the rules of names here.

    Raises:
        BadInput: it cannot be read, is not signed by the key it holds, or breaks a rule.
    """
    pem = b"-----BEGIN" in _bounded(data)

    def read() -> tuple[x509.CertificateSigningRequest, Any, x509.Name, list[x509.GeneralName]]:
        found = x509.load_pem_x509_csr(data) if pem else x509.load_der_x509_csr(data)
        names = [
            name
            for one in found.extensions
            if isinstance(one.value, x509.SubjectAlternativeName)
            for name in one.value
        ]
        return found, found.public_key(), found.subject, names

    request, public, subject, names = _parsed("certificate request", read)
    algorithm = algorithm_of(public)
    if not _parsed("certificate request", lambda: request.is_signature_valid):
        raise BadInput("is not signed by the key it holds")
    given = _Names(subject=pairs_of(subject) or None, alternatives=tuple(alternatives_of(names)))
    return CertificateRequest(public, algorithm, given.subject or (), given.alternatives)
