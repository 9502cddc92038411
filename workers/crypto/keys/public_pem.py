"""Public keys in the interoperable format: SubjectPublicKeyInfo (RFC 5280, section 4.1) as PEM."""

from __future__ import annotations

from Crypto.IO import PEM
from Crypto.Util.asn1 import DerBitString, DerObjectId, DerSequence
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from novacron.algorithms import find
from novacron.crypto.keys import ALGORITHMS, PublicKey
from workers.crypto.providers.pyca_keys import KEY_TYPES


def public_pem(algorithm: str, public: bytes) -> str | None:
    """Return a public key as PEM, one block for each component of a hybrid; None if it has no such encoding.

    Post-quantum keys are their raw bytes under an identifier without parameters.

    Source: RFC 9881, RFC 9935, RFC 9909.
    """
    if algorithm in ALGORITHMS:
        return PublicKey(algorithm, public).pem()
    if algorithm in KEY_TYPES:
        form = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return str(KEY_TYPES[algorithm].load_public(public).public_bytes(*form).decode())
    found = find(algorithm)
    if not found.oid or found.standard not in ("FIPS 203", "FIPS 204", "FIPS 205"):
        return None
    info: bytes = DerSequence([DerSequence([DerObjectId(found.oid)]), DerBitString(public)]).encode()
    return f"{PEM.encode(info, 'PUBLIC KEY')}\n"
