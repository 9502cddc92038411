"""Builds certificates from key objects, independently of how keys or certificates are stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from novacron.crypto.pki.keys import signature_hash
from novacron.crypto.pki.names import general_name, name_of, text_of
from novacron.errors import BadInput
from novacron.specs.crypto.extensions import PURPOSES, Extensions
from novacron.specs.crypto.key_usage import USAGES
from novacron.specs.crypto.subject import Attribute


@dataclass(frozen=True, slots=True)
class Profile:
    """A certificate's content except its key and issuer.

    Attributes:
        subject: its subject; may be empty if there are alternative names.
        not_before: first moment of its validity.
        not_after: last moment.
        usages: key usages.
        extensions: further extensions.
    """

    subject: tuple[Attribute, ...]
    not_before: datetime
    not_after: datetime
    usages: tuple[str, ...]
    extensions: Extensions

    @property
    def ca(self) -> bool:
        """Whether the subject is a CA."""
        return self.extensions.basic_constraints.ca


@dataclass(frozen=True, slots=True)
class Issuer:
    """A CA with its private key, which is never printed."""

    certificate: x509.Certificate
    private: Any = field(repr=False)


def issue(profile: Profile, public: Any, issuer: Issuer) -> x509.Certificate:
    """Issue a certificate for a public key.

    Raises:
        BadInput: the issuer may not issue this.
    """
    check_issuer(profile, issuer.certificate)
    name = issuer.certificate.subject
    identifier = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    above = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    builder = _builder(profile, public).issuer_name(name).add_extension(above, critical=False)
    return builder.sign(issuer.private, signature_hash(issuer.private))


def self_signed(profile: Profile, private: Any) -> x509.Certificate:
    """Issue a certificate signed with the certified key itself."""
    public = private.public_key()
    above = x509.AuthorityKeyIdentifier(_identifier(public).digest, None, None)
    builder = _builder(profile, public).issuer_name(name_of(profile.subject))
    return builder.add_extension(above, critical=False).sign(private, signature_hash(private))


def check_issuer(profile: Profile, issuer: x509.Certificate) -> None:
    """Check that a CA may issue such a certificate (RFC 5280, section 6.1).

    Raises:
        BadInput: names the obstacle.
    """
    constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    if not constraints.ca:
        raise BadInput("is not a CA", field="issuer", value=text_of(issuer.subject))
    if profile.ca and constraints.path_length is not None:
        _check_path_length(profile.extensions.basic_constraints.path_length, constraints.path_length)
    first, last = issuer.not_valid_before_utc, issuer.not_valid_after_utc
    if not first <= profile.not_before < profile.not_after <= last:
        raise BadInput(
            f"must lie within the issuer's, {first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S} UTC",
            field="validity_period",
            value=f"{profile.not_before:%Y-%m-%d %H:%M:%S} to {profile.not_after:%Y-%m-%d %H:%M:%S}",
        )


def _check_path_length(asked: int | None, left: int) -> None:
    field = "extensions.basic_constraints.path_length"
    if left == 0:
        raise BadInput("the issuer may have no CA below it", field="extensions.basic_constraints.ca")
    if asked is None or asked >= left:
        raise BadInput(f"must be less than the issuer's, {left}", field=field, value=asked)


def _builder(profile: Profile, public: Any) -> x509.CertificateBuilder:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name_of(profile.subject))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(profile.not_before)
        .not_valid_after(profile.not_after)
        .add_extension(_identifier(public), critical=False)
    )
    for extension, critical in _extensions(profile):
        builder = builder.add_extension(extension, critical=critical)
    return builder


def _identifier(public: Any) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(public)


def _extensions(profile: Profile) -> list[tuple[x509.ExtensionType, bool]]:
    """Return the extensions of a profile, each with its criticality (RFC 5280, section 4.2.1)."""
    wanted = profile.extensions
    constraints = x509.BasicConstraints(profile.ca, wanted.basic_constraints.path_length)
    usage = x509.KeyUsage(**{name: name in profile.usages for name in USAGES})
    made: list[tuple[x509.ExtensionType, bool]] = [(constraints, True), (usage, True)]
    if wanted.subject_alternative_names:
        names = [general_name(one) for one in wanted.subject_alternative_names]
        made.append((x509.SubjectAlternativeName(names), not profile.subject))
    if wanted.extended_key_usage:
        purposes = [x509.ObjectIdentifier(PURPOSES.get(one, one)) for one in wanted.extended_key_usage]
        made.append((x509.ExtendedKeyUsage(purposes), False))
    if wanted.crl_distribution_points:
        points = [_point(one) for one in wanted.crl_distribution_points]
        made.append((x509.CRLDistributionPoints(points), False))
    if wanted.ocsp_responders:
        responders = [_responder(one) for one in wanted.ocsp_responders]
        made.append((x509.AuthorityInformationAccess(responders), False))
    return made


def _point(address: str) -> x509.DistributionPoint:
    return x509.DistributionPoint([x509.UniformResourceIdentifier(address)], None, None, None)


def _responder(address: str) -> x509.AccessDescription:
    location = x509.UniformResourceIdentifier(address)
    return x509.AccessDescription(AuthorityInformationAccessOID.OCSP, location)
