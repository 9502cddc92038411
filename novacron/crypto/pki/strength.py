"""Strength of a path's keys and signatures: signatures that can be forged today prove nothing.

Source: NIST SP 800-131A Rev. 2, tables 2 and 8; SP 800-57 part 1 Rev. 5, table 2; FIPS 186-5 (DSA).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from novacron.crypto.pki.keys import LEAST_RSA_BITS
from novacron.crypto.pki.names import text_of

LEAST_CURVE_BITS = 224
LEAST_EXPONENT = 3
EC_KEY = "1.2.840.10045.2.1"
BROKEN = {"md2": "MD2", "md4": "MD4", "md5": "MD5", "sha1": "SHA-1"}
# Algorithms that the library no longer has a hash for.
_BY_OID = {"1.2.840.113549.1.1.2": "MD2", "1.2.840.113549.1.1.3": "MD4"}

Signed = x509.Certificate | x509.CertificateRevocationList


def weaknesses(path: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]) -> list[str]:
    """Return the weaknesses of a path, from its leaf; a trusted root's own signature is irrelevant."""
    return [reason for one in path for reason in _of(one, trusted=one in roots)]


def _of(one: x509.Certificate, *, trusted: bool) -> Iterator[str]:
    if weak := _weak_key(one):
        yield f"the key of {text_of(one.subject)} is too weak: {weak}"
    if not trusted and (broken := broken_hash(one)):
        yield f"{text_of(one.subject)} is signed with {broken}, for which forgeries can be computed"


def broken_hash(signed: Signed) -> str | None:
    """Return the hash function of a signature if it is broken."""
    try:
        found = signed.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return _BY_OID.get(signed.signature_algorithm_oid.dotted_string)
    return BROKEN.get(found.name) if found else None


def _weak_key(one: x509.Certificate) -> str | None:
    """Return why a certificate's key is too weak, None if it is not, or is of a type not judged here."""
    try:
        public = one.public_key()
    except (UnsupportedAlgorithm, ValueError):
        is_curve = one.public_key_algorithm_oid.dotted_string == EC_KEY
        return "it is on a curve that is not known here" if is_curve else None
    match public:
        case rsa.RSAPublicKey() if public.key_size < LEAST_RSA_BITS:
            return f"RSA of {public.key_size} bits, {LEAST_RSA_BITS} are the least"
        case rsa.RSAPublicKey() if public.public_numbers().e < LEAST_EXPONENT:
            return f"RSA with the exponent {public.public_numbers().e}"
        case dsa.DSAPublicKey():
            return f"DSA of {public.key_size} bits, which is no longer for signatures"
        case ec.EllipticCurvePublicKey() if public.curve.key_size < LEAST_CURVE_BITS:
            bits = public.curve.key_size
            return f"the curve {public.curve.name} of {bits} bits, {LEAST_CURVE_BITS} are the least"
    return None
