"""Properties of a public key: its algorithm, its size and its fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from Crypto.Util.asn1 import DerObjectId, DerSequence
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from novacron.algorithms.lattices import LATTICES
from novacron.algorithms.liboqs import LIBOQS
from novacron.crypto.composite import COMPOSITES
from novacron.crypto.keys import PublicKey
from novacron.crypto.lattice_keys import XWING

UNREADABLE = (ValueError, TypeError, IndexError, OverflowError, UnsupportedAlgorithm)
"""Exceptions the libraries raise for malformed bytes."""
NAMES = {one.oid: one.name for one in (*LATTICES, *LIBOQS) if one.oid} | {
    **{one.oid: name for name, one in COMPOSITES.items()},
    "1.3.101.110": "X25519",  # RFC 8410, section 3
    "1.3.101.111": "X448",
    "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448",
    "1.2.840.113549.1.3.1": "DH",  # PKCS #3, section 9
    XWING: "X-Wing",
}
"""Object identifier -> algorithm, if the identifier determines it."""
CURVES = {"secp256r1": "P256", "secp384r1": "P384", "secp521r1": "P521"}
_SIZED: dict[str, type[Any]] = {"RSA": rsa.RSAPublicKey, "DSA": dsa.DSAPublicKey}


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, as far as it is known.

    Attributes:
        algorithm: its name; an object identifier if the name is unknown.
        bits: its size, for algorithms with several sizes.
        fingerprint: `sha256:` and the SHA-256 of its SubjectPublicKeyInfo in hexadecimal.
    """

    algorithm: str
    bits: int | None = None
    fingerprint: str | None = None


def of_library(public: Any) -> Key:
    """Return the properties of a library key.

    Raises:
        ValueError: it has no encoding.
    """
    return of_der(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def of_components(privates: Iterable[Any]) -> Key:
    """Return the public key of a hybrid, given the private keys of its components."""
    public = PublicKey.from_components([one.public_key() for one in privates])
    return Key(public.algorithm, None, public.fingerprint)


def of_der(der: bytes) -> Key:
    """Parse a SubjectPublicKeyInfo in DER (RFC 5280, section 4.1.2.7).

    Raises:
        ValueError: it is none; or another of `UNREADABLE`.
    """
    oid = _identifier(der)
    algorithm, bits = (NAMES[oid], None) if oid in NAMES else _named(der, oid)
    return Key(algorithm, bits, "sha256:" + hashlib.sha256(der).hexdigest())


def _identifier(der: bytes) -> str:
    info = DerSequence().decode(der, strict=True, nr_elements=2)
    oid: str = DerObjectId().decode(DerSequence().decode(info[0])[0]).value
    return oid


def _named(der: bytes, oid: str) -> tuple[str, int | None]:
    try:
        public = load_der_public_key(der)
    except UnsupportedAlgorithm:
        return oid, None
    if isinstance(public, ec.EllipticCurvePublicKey):
        return f"EC-{CURVES.get(public.curve.name, public.curve.name)}", public.key_size
    for name, kind in _SIZED.items():
        if isinstance(public, kind):
            return f"{name}-{public.key_size}", public.key_size
    return oid, None
