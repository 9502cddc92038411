"""The `cryptography` library (its wheel brings its own OpenSSL)."""

from __future__ import annotations

from typing import Any

import cryptography
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mldsa, mlkem

from workers.crypto.base import CiphertextError, KeyPair

KEYS: dict[str, tuple[Any, Any]] = {
    "ML-KEM-768": (mlkem.MLKEM768PrivateKey, mlkem.MLKEM768PublicKey),
    "ML-DSA-65": (mldsa.MLDSA65PrivateKey, mldsa.MLDSA65PublicKey),
}
"""Algorithm -> the library's classes for its private and its public key."""


class PycaProvider:
    """See `workers.crypto.base.Provider`. Signing is hedged: no two signatures are the same."""

    name = "cryptography"

    def version(self) -> str:
        """Version of the library."""
        return str(cryptography.__version__)

    def generate(self, algorithm: str) -> KeyPair:
        """A new pair; the private key is the library's object."""
        private = KEYS[algorithm][0].generate()
        return KeyPair(private.public_key().public_bytes_raw(), private)

    def encapsulate(self, algorithm: str, public: bytes) -> tuple[bytes, bytes]:
        """(ciphertext, secret); the library itself returns them the other way round.

        Source: FIPS 203, algorithm 20.
        """
        secret, ciphertext = KEYS[algorithm][1].from_public_bytes(public).encapsulate()
        return ciphertext, secret

    def decapsulate(self, algorithm: str, private: Any, ciphertext: bytes) -> bytes:
        """The secret, by implicit rejection a random one for a tampered ciphertext.

        Source: FIPS 203, algorithm 21.
        """
        try:
            return bytes(private.decapsulate(ciphertext))
        except ValueError as error:
            raise CiphertextError(str(error)) from None

    def sign(self, algorithm: str, private: Any, message: bytes) -> bytes:
        """A pure ML-DSA signature.

        Source: FIPS 204, algorithm 2.
        """
        return bytes(private.sign(message))

    def verify(self, algorithm: str, public: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the signature is good.

        Source: FIPS 204, algorithm 3.
        """
        try:
            KEYS[algorithm][1].from_public_bytes(public).verify(signature, message)
        except InvalidSignature:
            return False
        return True
