"""Private keys available only in the standard's expanded form, for a library that accepts seeds only."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from workers.crypto.providers.pyca_keys import KEY_TYPES
from workers.crypto.providers.pycryptodome import PycryptodomeProvider


@dataclass(frozen=True)
class ExpandedKey:
    """Interface of a `cryptography` private key, implemented with `pycryptodome`.

    Attributes:
        algorithm: name in `novacron.algorithms`.
        stored: the expanded form.

    Raises:
        ValueError: the bytes are no private key of that algorithm.
    """

    algorithm: str
    stored: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _ = self._key

    @cached_property
    def _provider(self) -> PycryptodomeProvider:
        return PycryptodomeProvider()

    @cached_property
    def _key(self) -> Any:
        return self._provider.load_private(self.algorithm, self.stored)

    def sign(self, message: bytes, context: bytes | None = None) -> bytes:
        """Sign under a context string."""
        return self._provider.sign(self.algorithm, self._key, message, context or b"")

    def decapsulate(self, ciphertext: bytes) -> bytes:
        """Return the shared secret of a ciphertext."""
        return self._provider.decapsulate(self.algorithm, self._key, ciphertext)

    def public_key(self) -> Any:
        """Return the public key, as an object of `cryptography`."""
        public = self._provider.public_bytes(self.algorithm, self._key)
        return KEY_TYPES[self.algorithm].load_public(public)

    def private_bytes_raw(self) -> bytes:
        """Return the stored form."""
        return self.stored
