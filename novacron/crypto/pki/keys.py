"""Certificate keys: their names, and hash functions of their signatures."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from novacron.crypto import library_keys
from novacron.errors import BadInput

LEAST_RSA_BITS = 2048

_CURVES = {"secp256r1": "ECDSA-P256", "secp384r1": "ECDSA-P384"}


def algorithm_of(public: Any) -> str:
    """Return the name of a public key's algorithm.

    Raises:
        BadInput: certificates do not support such keys.
    """
    for name, classes in library_keys.LATTICES.items():
        if isinstance(public, classes.public):
            return name
    if isinstance(public, ec.EllipticCurvePublicKey) and public.curve.name in _CURVES:
        return _CURVES[public.curve.name]
    if isinstance(public, rsa.RSAPublicKey) and public.key_size >= LEAST_RSA_BITS:
        return f"RSA-{public.key_size}"
    known = ", ".join([*library_keys.LATTICES, *_CURVES.values()])
    raise BadInput(
        "certificates are not made for keys of this kind",
        hint=f"use {known} or RSA of {LEAST_RSA_BITS} bits and more",
    )


def signature_hash(private: Any) -> hashes.SHA256 | hashes.SHA384 | None:
    """Return the hash function for a key's signatures; None if the algorithm has its own."""
    if isinstance(private, rsa.RSAPrivateKey | dsa.DSAPrivateKey):
        return hashes.SHA256()
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return hashes.SHA384() if private.key_size > 256 else hashes.SHA256()
    return None
