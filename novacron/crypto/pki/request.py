"""Creation of PKCS #10 certificate requests, signed where the private key is stored (RFC 2986)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from novacron.crypto.pki.keys import signature_hash
from novacron.crypto.pki.names import general_name, name_of
from novacron.errors import BadInput
from novacron.specs.crypto.alternative_name import AlternativeName
from novacron.specs.crypto.subject import Subject
from novacron.specs.record import Record


class Wanted(Record):
    """The names in a request.

    Attributes:
        subject: subject of the certificate.
        alternatives: hosts, addresses, mail addresses and URIs.
    """

    subject: Subject
    alternatives: tuple[AlternativeName, ...] = ()


def make_request(private: Any, subject: object, alternatives: Sequence[str] = ()) -> str:
    """Return a request in PEM.

    Args:
        private: the library's private key, of a signature algorithm.
        subject: `CN=example.org,O=Example`, or a mapping.
        alternatives: further names, such as `example.org` or `ip:127.0.0.1`.

    Raises:
        BadInput: a name breaks a rule, or such keys cannot sign requests.
    """
    wanted = Wanted(subject=subject, alternatives=tuple(alternatives))
    builder = x509.CertificateSigningRequestBuilder().subject_name(name_of(wanted.subject))
    if wanted.alternatives:
        names = x509.SubjectAlternativeName([general_name(one) for one in wanted.alternatives])
        builder = builder.add_extension(names, critical=False)
    try:
        signed = builder.sign(private, signature_hash(private))
    except (TypeError, ValueError, UnsupportedAlgorithm):
        raise BadInput("keys of this kind do not sign certificate requests") from None
    return signed.public_bytes(Encoding.PEM).decode()
