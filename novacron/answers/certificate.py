"""Certificates issued by CAs of the store."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from novacron.answers.answer import Answer


class Certificate(Answer, shown=("certificate_id", "subject", "algorithm", "status", "not_after")):
    """A certificate in the store.

    Attributes:
        certificate_id: id of the certificate.
        certificate: PEM.
        chain: certificates above it in PEM, its issuer's first; empty in listings.
        serial_number: hexadecimal serial number.
        subject: distinguished name (RFC 4514).
        subject_alternative_names: alternative names of the subject, with their type.
        issuer: distinguished name of the issuer.
        issuer_id: id of the issuer's certificate; null if self-signed.
        companion_of: id of the certificate that it was issued together with; null if there is none.
        not_before: start of its validity.
        not_after: end of its validity.
        algorithm: algorithm of its key.
        key_id: its key, if the store holds it.
        key_version: version of that key.
        key_usage: permitted uses of its key (RFC 5280, section 4.2.1.3).
        ca: whether it may issue certificates.
        fingerprint_sha256: SHA-256 of its DER encoding, in hexadecimal.
        status: whether it is valid, or why it is not.
        revoked_at: time of revocation.
        revocation_reason: reason for revocation (RFC 5280, section 5.3.1).
        created_at: time of issue.
        created_by: name of the token that requested it.
    """

    certificate_id: str
    certificate: str
    chain: list[str]
    serial_number: str
    subject: str
    subject_alternative_names: list[str]
    issuer: str
    issuer_id: str | None
    companion_of: str | None
    not_before: datetime
    not_after: datetime
    algorithm: str
    key_id: str | None
    key_version: int | None
    key_usage: list[str]
    ca: bool
    fingerprint_sha256: str
    status: Literal["valid", "revoked", "expired", "not yet valid"]
    revoked_at: datetime | None
    revocation_reason: str | None
    created_at: datetime
    created_by: str


class IssuedCertificate(Certificate):
    """A newly issued certificate.

    Attributes:
        companion: second certificate for the same subject; absent if none was requested.
    """

    companion: Certificate | None = None
