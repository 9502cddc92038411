"""Composite keys in files: PKCS#8 and SubjectPublicKeyInfo, as PEM.

Source: draft-ietf-lamps-pq-composite-sigs; RFC 5958, RFC 5280.
"""

from __future__ import annotations

import base64
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat import asn1

from novacron.crypto import pem
from novacron.crypto.composite import COMPOSITES, generate
from novacron.errors import BadInput

Form = TypeVar("Form")


@asn1.sequence
class AlgorithmIdentifier:
    """Algorithm identifier; composites have no parameters."""

    algorithm: x509.ObjectIdentifier


@asn1.sequence
class PrivateKeyInfo:
    """A private key."""

    version: int
    algorithm: AlgorithmIdentifier
    private_key: bytes


@asn1.sequence
class PublicKeyInfo:
    """A public key."""

    algorithm: AlgorithmIdentifier
    public_key: asn1.BitString


def generate_pem(algorithm: str, *, draft: bool = False) -> tuple[str, str]:
    """Generate a pair as PEM: (public key, private key).

    Raises:
        BadInput: there is no such composite, or drafts are not enabled.
    """
    public, private = generate(algorithm, draft=draft)
    named = AlgorithmIdentifier(algorithm=x509.ObjectIdentifier(COMPOSITES[algorithm].oid))
    public_info = PublicKeyInfo(algorithm=named, public_key=asn1.BitString(public, 0))
    private_info = PrivateKeyInfo(version=0, algorithm=named, private_key=private)
    return _pem("PUBLIC KEY", public_info), _pem("PRIVATE KEY", private_info)


def read_private(data: bytes) -> tuple[str, bytes]:
    """Return the name of the composite and the private key in a PEM block.

    Raises:
        BadInput: it holds none.
    """
    info = _info(PrivateKeyInfo, data, "PRIVATE KEY")
    return _name(info.algorithm), info.private_key


def read_public(data: bytes) -> tuple[str, bytes]:
    """Return the name of the composite and the public key in a PEM block.

    Raises:
        BadInput: it holds none.
    """
    info = _info(PublicKeyInfo, data, "PUBLIC KEY")
    return _name(info.algorithm), info.public_key.as_bytes()


def _pem(label: str, info: object) -> str:
    return pem.armoured(label, base64.b64encode(asn1.encode_der(info))).decode()


def _info(form: type[Form], data: bytes, label: str) -> Form:
    try:
        (block,) = (one for one in pem.blocks(data) if one.label == label)
        return asn1.decode_der(form, block.der())
    except ValueError:
        raise BadInput(f"is not a composite key: one PEM block {label} is wanted") from None


def _name(identifier: AlgorithmIdentifier) -> str:
    for name, composite in COMPOSITES.items():
        if composite.oid == identifier.algorithm.dotted_string:
            return name
    raise BadInput("is not a composite key", hint=f"known: {', '.join(COMPOSITES)}")
