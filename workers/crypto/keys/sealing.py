"""Private keys at rest: each encrypted under its own data key (AES-256-GCM), which a KEK wraps.

Both layers are bound to the tenant, key id, version, algorithm and usage: a sealed key moved to another row
cannot be opened.
"""

from __future__ import annotations

import os
from dataclasses import astuple, dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from novacron.crypto.canonical import canonical
from shared.db.crypto.keys import Sealed
from workers.crypto.keys.kek import NONCE_BYTES, Kek, KekError

LABEL = "novacron private key 1"
"""First component of a sealed key's associated data; the number is the format version."""


@dataclass(frozen=True, slots=True)
class Binding:
    """The associated data of a sealed private key."""

    tenant_id: int
    key_id: str
    version: int
    algorithm: str
    usage: str

    def encoded(self) -> bytes:
        """Return the encoded associated data of both layers."""
        return canonical([LABEL, *astuple(self)])


def seal(kek: Kek, private: bytes, binding: Binding) -> Sealed:
    """Seal a private key under a new data key."""
    bound = binding.encoded()
    dek = AESGCM.generate_key(256)
    nonce = os.urandom(NONCE_BYTES)
    ciphertext = nonce + AESGCM(dek).encrypt(nonce, private, bound)
    return Sealed(kek.kek_id, kek.wrap(dek, bound), ciphertext)


def unseal(kek: Kek, sealed: Sealed, binding: Binding) -> bytes:
    """Return the private key.

    Raises:
        KekError: it was modified, moved to another row, or wrapped by another KEK.
    """
    bound = binding.encoded()
    aead = AESGCM(kek.unwrap(sealed.wrapped_dek, bound))
    try:
        return aead.decrypt(sealed.ciphertext[:NONCE_BYTES], sealed.ciphertext[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError):
        raise KekError(
            f"version {binding.version} of {binding.key_id} does not open: it was changed"
        ) from None


def rewrap(old: Kek, new: Kek, sealed: Sealed, binding: Binding) -> Sealed:
    """Return the same sealed key with its data key wrapped by another KEK; the private key is not decrypted.

    Raises:
        KekError: as `unseal`.
    """
    bound = binding.encoded()
    return Sealed(new.kek_id, new.wrap(old.unwrap(sealed.wrapped_dek, bound), bound), sealed.ciphertext)
