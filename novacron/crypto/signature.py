"""Signatures by a single key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from novacron.crypto.keys import PrivateKey, PublicKey
from novacron.errors import BadInput

POST_QUANTUM = ("ML-DSA-44", "ML-DSA-65", "ML-DSA-87")
CLASSICAL = ("Ed25519", "ECDSA-P256", "ECDSA-P384")
_ECDSA = {"ECDSA-P256": ec.ECDSA(hashes.SHA256()), "ECDSA-P384": ec.ECDSA(hashes.SHA384())}


@dataclass(frozen=True, slots=True)
class Signer:
    """A signing key, wherever the private key is stored.

    Attributes:
        public: the public key.
        key_id: name of the key in the signature; by default the key's fingerprint.
        sign: signs a message under a context string, which classical algorithms ignore.
    """

    public: PublicKey
    key_id: str
    sign: Callable[[bytes, bytes], bytes] = field(repr=False)

    @classmethod
    def of(cls, key: PrivateKey) -> Signer:
        """Return the signer for a private key.

        Raises:
            BadInput: keys of its algorithm cannot sign.
        """
        checked(key.algorithm)
        return cls(key.public, key.public.fingerprint, lambda message, context: _sign(key, message, context))


def checked(algorithm: str) -> str:
    """Return the algorithm if its keys can sign.

    Raises:
        BadInput: its keys cannot sign.
    """
    known = (*POST_QUANTUM, *CLASSICAL)
    if algorithm not in known:
        raise BadInput(f"a key of {algorithm} cannot sign", hint=f"use one of {', '.join(known)}")
    return algorithm


def _sign(key: PrivateKey, message: bytes, context: bytes) -> bytes:
    private: Any = key.components[0]
    if key.algorithm in POST_QUANTUM:
        return bytes(private.sign(message, context))
    if key.algorithm in _ECDSA:
        return bytes(private.sign(message, _ECDSA[key.algorithm]))
    return bytes(private.sign(message))


def verify(key: PublicKey, message: bytes, signature: bytes, context: bytes) -> bool:
    """Return whether the signature is valid for this key, message and context.

    Raises:
        BadInput: keys of that algorithm cannot sign.
    """
    checked(key.algorithm)
    public: Any = key.components[0]
    try:
        if key.algorithm in POST_QUANTUM:
            public.verify(signature, message, context)
        elif key.algorithm in _ECDSA:
            public.verify(signature, message, _ECDSA[key.algorithm])
        else:
            public.verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
