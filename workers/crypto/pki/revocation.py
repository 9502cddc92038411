"""Builds revocation lists and OCSP responses from key objects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp

from novacron.crypto.pki.keys import signature_hash
from workers.crypto.pki.issuing import Issuer

VALID = timedelta(days=7)
"""Validity of a list or a response."""
HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
"""Hash algorithms by which OCSP identifies issuers."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """A revoked certificate.

    Attributes:
        serial: the certificate's serial number.
        at: time of revocation.
        reason: the name in RFC 5280, section 5.3.1, in lower case with underscores.
    """

    serial: int
    at: datetime
    reason: str

    @property
    def flag(self) -> x509.ReasonFlags:
        """The library's value for the reason."""
        return x509.ReasonFlags[self.reason]


def make_crl(
    issuer: Issuer, revoked: Iterable[Revocation], number: int, now: datetime
) -> x509.CertificateRevocationList:
    """Build a revocation list (RFC 5280, section 5).

    Args:
        issuer: the CA.
        revoked: its entries.
        number: number of the list, larger than every previous one.
        now: time of issue.
    """
    identifier = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    above = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now)
        .next_update(now + VALID)
        .add_extension(above, critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for one in revoked:
        builder = builder.add_revoked_certificate(_entry(one))
    return builder.sign(issuer.private, signature_hash(issuer.private))


def _entry(one: Revocation) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder().serial_number(one.serial).revocation_date(one.at)
    if one.flag is not x509.ReasonFlags.unspecified:  # omitted as required by RFC 5280, section 5.3.1
        builder = builder.add_extension(x509.CRLReason(one.flag), critical=False)
    return builder.build()


def make_ocsp_response(
    certificate: x509.Certificate, issuer: Issuer, revoked: Revocation | None, hash_name: str, now: datetime
) -> ocsp.OCSPResponse:
    """Build the status of a certificate, signed by its issuer (RFC 6960, section 4.2).

    Args:
        certificate: the requested certificate.
        issuer: the CA that issued it.
        revoked: its revocation, None if it is good.
        hash_name: name in `HASHES` of the request's hash algorithm.
        now: time of issue.
    """
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=certificate,
            issuer=issuer.certificate,
            algorithm=HASHES[hash_name](),
            cert_status=ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD,
            this_update=now,
            next_update=now + VALID,
            revocation_time=revoked.at if revoked else None,
            revocation_reason=revoked.flag if revoked else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, issuer.certificate)
    )
    return builder.sign(issuer.private, signature_hash(issuer.private))
