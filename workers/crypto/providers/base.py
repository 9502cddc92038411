"""What every provider of cryptographic algorithms offers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol


class CiphertextError(ValueError):
    """A ciphertext of a wrong length: it was not made for this algorithm."""


class SealError(ValueError):
    """What was sealed does not open: another key, another info, or it was changed."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A fresh pair of keys.

    Attributes:
        public: encoded as the standard says.
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
        """A new pair from the system's random source."""
        ...

    def private_bytes(self, algorithm: str, private: Any) -> bytes:
        """The form in which a private key is stored: a seed wherever the algorithm has one."""
        ...

    def load_private(self, algorithm: str, stored: bytes) -> Any:
        """The private key that was stored, as this provider's object.

        Raises:
            ValueError: the bytes are no private key of that algorithm.
        """
        ...

    def public_bytes(self, algorithm: str, private: Any) -> bytes:
        """The public key that belongs to a private one."""
        ...

    def encapsulate(self, algorithm: str, public: bytes) -> tuple[bytes, bytes]:
        """A fresh shared secret for the owner of a public key: (ciphertext, secret)."""
        ...

    def decapsulate(self, algorithm: str, private: Any, ciphertext: bytes) -> bytes:
        """The shared secret; of a ciphertext that was tampered with, a secret nobody else has.

        Raises:
            CiphertextError: its length is wrong.
        """
        ...

    def sign(self, algorithm: str, private: Any, message: bytes, context: bytes = b"") -> bytes:
        """A signature under a context string of at most 255 bytes, which only ML-DSA and SLH-DSA take in.

        Raises:
            ValueError: the context is too long.
        """
        ...

    def verify(
        self, algorithm: str, public: bytes, message: bytes, signature: bytes, context: bytes = b""
    ) -> bool:
        """Whether the owner of the public key signed exactly this message under this context."""
        ...

    def seal(self, algorithm: str, public: bytes, plaintext: bytes, info: bytes = b"") -> bytes:
        """Encapsulated key and ciphertext for the owner of a public key, bound to `info`."""
        ...

    def open(self, algorithm: str, private: Any, sealed: bytes, info: bytes = b"") -> bytes:
        """The plaintext of what was sealed.

        Raises:
            SealError: it does not open.
        """
        ...
