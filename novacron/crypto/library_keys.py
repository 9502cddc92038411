"""Key classes of the library `cryptography`, by algorithm, in one table."""

from __future__ import annotations

from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, x25519


class KeyClasses(NamedTuple):
    """The two halves of a key."""

    private: Any
    public: Any


LATTICES = {
    "ML-DSA-44": KeyClasses(mldsa.MLDSA44PrivateKey, mldsa.MLDSA44PublicKey),
    "ML-DSA-65": KeyClasses(mldsa.MLDSA65PrivateKey, mldsa.MLDSA65PublicKey),
    "ML-DSA-87": KeyClasses(mldsa.MLDSA87PrivateKey, mldsa.MLDSA87PublicKey),
    "ML-KEM-768": KeyClasses(mlkem.MLKEM768PrivateKey, mlkem.MLKEM768PublicKey),
    "ML-KEM-1024": KeyClasses(mlkem.MLKEM1024PrivateKey, mlkem.MLKEM1024PublicKey),
}
"""Algorithms whose keys are derived from a seed."""
MONTGOMERY_AND_EDWARDS = {
    "X25519": KeyClasses(x25519.X25519PrivateKey, x25519.X25519PublicKey),
    "Ed25519": KeyClasses(ed25519.Ed25519PrivateKey, ed25519.Ed25519PublicKey),
}
"""Algorithms whose private keys are raw bytes."""
CURVES: dict[str, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}
"""Algorithms that share their classes and differ by curve."""
