"""Certificates: generation, issue for external requests, revocation; revocation lists and OCSP responses."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from novacron.specs.base import Spec
from novacron.specs.crypto import key_usage
from novacron.specs.crypto.extensions import Extensions
from novacron.specs.crypto.key_usage import FAMILIES, Algorithm, KeyUsage
from novacron.specs.crypto.subject import Subject
from novacron.specs.crypto.validity import Validity
from novacron.specs.record import Record
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Text, matching

LARGEST_REQUEST_CHARACTERS = 1 << 16
# Source: RFC 5280, section 5.3.1; hold and its removal are excluded: they make past validity uncertain.
Reason = Literal[
    "unspecified", "key_compromise", "ca_compromise", "affiliation_changed", "superseded",
    "cessation_of_operation", "privilege_withdrawn",
]  # fmt: skip

CertificateId = Annotated[
    str,
    Field(strict=True),
    matching(r"cert_[0-9A-HJKMNP-TV-Z]{26}", "must be a certificate's id: cert_ and 26 characters"),
]
KeyUsages = Annotated[tuple[KeyUsage, ...], Field(max_length=len(key_usage.USAGES))]


class Companion(Record):
    """A second certificate for the same subject, names and dates, for servers that present two.

    Attributes:
        algorithm: algorithm of its key.
        issuer: the CA that issues it; None makes it self-signed.
    """

    algorithm: Algorithm
    issuer: CertificateId | None = None


class GenerateCertificate(Spec):
    """Generate a key in the store and issue a certificate for it.

    Attributes:
        algorithm: algorithm of the key.
        subject: subject of the certificate.
        validity_period: days, a duration such as `90d`, or `not_before` and `not_after`.
        key_usage: permitted uses of the key; by default those of its algorithm and role in the chain.
        extensions: further extensions.
        issuer: the stored CA that issues it; None makes it self-signed.
        companion: a second certificate for the same subject.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["generate_certificate"] = "generate_certificate"
    algorithm: Algorithm
    subject: Subject
    validity_period: Validity
    key_usage: KeyUsages = ()
    extensions: Extensions = Extensions()
    issuer: CertificateId | None = None
    companion: Companion | None = None

    @model_validator(mode="after")
    def _usages_fit(self) -> "GenerateCertificate":
        _check(self.algorithm, self.issuer, self, ())
        if self.companion:
            _check(self.companion.algorithm, self.companion.issuer, self, ("companion",))
        return self


def _check(algorithm: str, issuer: str | None, wanted: GenerateCertificate, at: tuple[str, ...]) -> None:
    ca = wanted.extensions.basic_constraints.ca
    usages = wanted.key_usage or key_usage.default(algorithm, ca=ca)
    if issuer is None and not FAMILIES[algorithm].signs:
        rule = f"is required: a key of {algorithm} cannot sign its own certificate"
        raise refuse(rule, at=(*at, "issuer"))
    if broken := key_usage.broken(algorithm, usages, ca=ca):
        raise refuse(broken, at=("key_usage",), value=", ".join(usages))


class SignCertificateRequest(Spec):
    """Issue a certificate for an external key, requested by PKCS #10 (RFC 2986).

    Subject and alternative names default to the request's; everything else in the request is ignored.

    Attributes:
        csr: request in PEM.
        issuer: the stored CA that issues it.
        validity_period: as for `GenerateCertificate`.
        subject: replaces the request's subject.
        key_usage: as for `GenerateCertificate`.
        extensions: as for `GenerateCertificate`; alternative names replace the request's.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["sign_certificate_request"] = "sign_certificate_request"
    csr: Annotated[Text, Field(max_length=LARGEST_REQUEST_CHARACTERS)]
    issuer: CertificateId
    validity_period: Validity
    subject: Subject | None = None
    key_usage: KeyUsages = ()
    extensions: Extensions = Extensions()


class RevokeCertificate(Spec):
    """Revoke a certificate and issue a new revocation list that contains it.

    Attributes:
        certificate_id: id of the certificate.
        reason: reason for revocation (RFC 5280, section 5.3.1).
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["revoke_certificate"] = "revoke_certificate"
    certificate_id: CertificateId
    reason: Reason = "unspecified"


class MakeCrl(Spec):
    """Return the revocation list of a CA; the existing one if it is still fresh.

    Attributes:
        issuer: the CA.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["make_crl"] = "make_crl"
    issuer: CertificateId


class OcspResponse(Spec):
    """Return a signed OCSP response about a certificate (RFC 6960).

    Attributes:
        certificate_id: id of the certificate.
        hash: hash function by which the request identifies the issuer.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["ocsp_response"] = "ocsp_response"
    certificate_id: CertificateId
    hash: Literal["sha1", "sha256", "sha384", "sha512"] = "sha1"
