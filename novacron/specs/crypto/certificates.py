"""Certificates: made, issued for requests from outside, revoked; revocation lists and OCSP responses."""

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
# Source: RFC 5280, section 5.3.1; a hold and its end are left out: they make the past uncertain.
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
    """A second certificate for the same subject, names and dates, for servers that offer two.

    Attributes:
        algorithm: of its key.
        issuer: the CA that issues it; None signs it with its own key.
    """

    algorithm: Algorithm
    issuer: CertificateId | None = None


class GenerateCertificate(Spec):
    """A new key in the store and a certificate for it.

    Attributes:
        algorithm: of the key.
        subject: whose it is.
        validity_period: days, a length such as `90d`, or `not_before` and `not_after`.
        key_usage: what the key may be used for; none given is what its algorithm and place call for.
        extensions: further ones.
        issuer: the stored CA that issues it; None signs it with its own key.
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
    """A certificate for a key whose owner asks for it by a PKCS #10 request (RFC 2986).

    Subject and alternative names are the request's where none are given here; everything else that it asks
    for is left out.

    Attributes:
        csr: the request in PEM.
        issuer: the stored CA that issues it.
        validity_period: as for `GenerateCertificate`.
        subject: instead of the request's.
        key_usage: as for `GenerateCertificate`.
        extensions: as for `GenerateCertificate`; alternative names instead of the request's.
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
    """The end of a certificate before its time, and a new revocation list that says so.

    Attributes:
        certificate_id: which one.
        reason: why (RFC 5280, section 5.3.1).
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["revoke_certificate"] = "revoke_certificate"
    certificate_id: CertificateId
    reason: Reason = "unspecified"


class MakeCrl(Spec):
    """The revocation list of a CA; the one that is still fresh where there is one.

    Attributes:
        issuer: the CA.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["make_crl"] = "make_crl"
    issuer: CertificateId


class OcspResponse(Spec):
    """A signed answer to whether a certificate is revoked (RFC 6960).

    Attributes:
        certificate_id: which one.
        hash: that the question names the issuer by.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["ocsp_response"] = "ocsp_response"
    certificate_id: CertificateId
    hash: Literal["sha1", "sha256", "sha384", "sha512"] = "sha1"
