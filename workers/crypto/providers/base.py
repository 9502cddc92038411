"""The interface of all providers of cryptographic algorithms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol


class CiphertextError(ValueError):
    """A ciphertext of a wrong length for this algorithm."""


class SealError(ValueError):
    """Sealed data cannot be opened: wrong key, wrong info, or modified data."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A new key pair.

    Attributes:
        public: encoded as the standard specifies.
        private: the provider's own object; never printed, written or sent.
    """

    public: bytes
    private: Any = field(repr=False)


class Provider(Protocol):
    """One library. Methods take the algorithm's name in `novacron.algorithms.ALGORITHMS`.

    A malformed public key is a ValueError everywhere.
    """

    name: str

    def version(self) -> str:
        """Version of the library, for receipts."""
        ...

    def generate(self, algorithm: str) -> KeyPair:
        """Generate a pair from the system's random source."""
        ...

    def private_bytes(self, algorithm: str, private: Any) -> bytes:
        """Return the stored form of a private key: a seed if the algorithm has one."""
        ...

    def load_private(self, algorithm: str, stored: bytes) -> Any:
        """Load a stored private key as this provider's object.

        Raises:
            ValueError: the bytes are no private key of that algorithm.
        """
        ...

    def public_bytes(self, algorithm: str, private: Any) -> bytes:
        """Return the public key that belongs to a private one."""
        ...

    def encapsulate(self, algorithm: str, public: bytes) -> tuple[bytes, bytes]:
        """Encapsulate a fresh shared secret for the owner of a public key: (ciphertext, secret)."""
        ...

    def decapsulate(self, algorithm: str, private: Any, ciphertext: bytes) -> bytes:
        """Return the shared secret; for a modified ciphertext, an unrelated secret (implicit rejection).

        Raises:
            CiphertextError: its length is wrong.
        """
        ...

    def sign(self, algorithm: str, private: Any, message: bytes, context: bytes = b"") -> bytes:
        """Sign under a context string of at most 255 bytes, which only ML-DSA and SLH-DSA use.

        Raises:
            ValueError: the context is too long.
        """
        ...

    def verify(
        self, algorithm: str, public: bytes, message: bytes, signature: bytes, context: bytes = b""
    ) -> bool:
        """Return whether the owner of the public key signed exactly this message under this context."""
        ...

    def seal(self, algorithm: str, public: bytes, plaintext: bytes, info: bytes = b"") -> bytes:
        """Return encapsulated key and ciphertext for the owner of a public key, bound to `info`."""
        ...

    def open(self, algorithm: str, private: Any, sealed: bytes, info: bytes = b"") -> bytes:
        """Return the plaintext of sealed data.

        Raises:
            SealError: it cannot be opened.
        """
        ...
