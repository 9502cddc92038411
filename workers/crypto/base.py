"""What every provider of cryptographic algorithms offers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol


class CiphertextError(ValueError):
    """A ciphertext of a wrong length: it was not made for this algorithm."""


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
    """One library. Methods take the algorithm's name in `shared.algorithms.ALGORITHMS`."""

    name: str

    def version(self) -> str:
        """Version of the library, for receipts."""
        ...

    def generate(self, algorithm: str) -> KeyPair:
        """A new pair from the system's random source."""
        ...

    def encapsulate(self, algorithm: str, public: bytes) -> tuple[bytes, bytes]:
        """A fresh shared secret for the owner of a public key: (ciphertext, secret).

        Raises:
            ValueError: the public key is malformed.
        """
        ...

    def decapsulate(self, algorithm: str, private: Any, ciphertext: bytes) -> bytes:
        """The shared secret; of a ciphertext that was tampered with, a secret nobody else has.

        Raises:
            CiphertextError: its length is wrong.
        """
        ...

    def sign(self, algorithm: str, private: Any, message: bytes) -> bytes:
        """A signature with an empty context string."""
        ...

    def verify(self, algorithm: str, public: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the owner of the public key signed exactly this message.

        Raises:
            ValueError: the public key is malformed.
        """
        ...
