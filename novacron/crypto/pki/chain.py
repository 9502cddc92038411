"""Certificate verification, with the reasons for a refusal."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.x509 import verification

from novacron.crypto.pki import second
from novacron.crypto.pki.diagnosis import diagnose, path_of, revoked
from novacron.crypto.pki.strength import weaknesses
from novacron.errors import BadInput
from novacron.specs.crypto.alternative_name import host

LONGEST_PATH = 8
Certificates = Sequence[x509.Certificate]
Crls = Sequence[x509.CertificateRevocationList]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of verifying a certificate.

    Attributes:
        valid: whether both implementations accept it, and its keys and signatures are strong enough.
        reasons: reasons for a refusal, in plain words.
        path: path from the certificate to the root, as far as it could be built.
        openssl: OpenSSL's reason for refusing the path, None if it accepts it.
    """

    valid: bool
    reasons: tuple[str, ...]
    path: tuple[x509.Certificate, ...]
    openssl: str | None


def verify(
    leaf: x509.Certificate,
    intermediates: Certificates,
    roots: Certificates,
    *,
    at: datetime | None = None,
    name: str | None = None,
    crls: Crls = (),
) -> Verdict:
    """Verify the path from a certificate to a trusted root with two independent implementations.

    Args:
        leaf: certificate to verify.
        intermediates: candidates for intermediate certificates.
        roots: trust anchors.
        at: time of verification, None for now.
        name: required host or address of a server certificate; None verifies the chain only.
        crls: revocation lists; if any is given, each certificate below the root needs a fresh one.

    Raises:
        BadInput: the name is neither a host name nor an address.
    """
    moment = at or datetime.now(UTC)
    path, refused = _path(leaf, intermediates, roots, moment, name)
    weak = weaknesses(path, roots)
    reasons = weak if refused is None else [*diagnose(path, roots, moment), *weak] or [refused]
    reasons += revoked(path, moment, crls) if crls else []
    openssl = second.refusal(leaf, intermediates, roots, moment, crls)
    if openssl and not reasons:
        reasons.append(f"OpenSSL refuses it: {openssl}")
    return Verdict(not reasons, tuple(reasons), tuple(path), openssl)


def _path(
    leaf: x509.Certificate, intermediates: Certificates, roots: Certificates, at: datetime, name: str | None
) -> tuple[list[x509.Certificate], str | None]:
    """Return the verified path; or the path as far as it could be built, and the reason for refusal."""
    if not roots:
        return path_of(leaf, intermediates), "no root is trusted"
    builder = verification.PolicyBuilder().store(verification.Store(list(roots))).time(at)
    builder = builder.max_chain_depth(LONGEST_PATH)
    try:
        if name is not None:
            return builder.build_server_verifier(_subject(name)).verify(leaf, list(intermediates)), None
        policies = {
            "ca_policy": verification.ExtensionPolicy.webpki_defaults_ca(),
            "ee_policy": verification.ExtensionPolicy.permit_all(),
        }
        client = builder.extension_policies(**policies).build_client_verifier()
        return client.verify(leaf, list(intermediates)).chain, None
    except verification.VerificationError as error:
        return path_of(leaf, [*intermediates, *roots]), _plain(str(error))


def _subject(name: str) -> verification.Subject:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        return x509.DNSName(host(name))
    except ValueError as error:
        raise BadInput(str(error), field="name", value=name) from None


def _plain(message: str) -> str:
    if "Forbidden public key algorithm" in message:
        return "one of the keys is of an algorithm that chains may not have"
    return message.removeprefix("validation failed: ").split(" (encountered")[0]
