"""Private keys at rest: each under a data key of its own (AES-256-GCM), which a KEK wraps.

Both layers are bound to whose key it is, its id, version, algorithm and usage: a sealed key that is moved to
another row does not open.
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
"""First of what a sealed key is bound to; the number is the format's."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a sealed private key is bound to."""

    tenant_id: int
    key_id: str
    version: int
    algorithm: str
    usage: str

    def encoded(self) -> bytes:
        """The associated data of both layers."""
        return canonical([LABEL, *astuple(self)])


def seal(kek: Kek, private: bytes, binding: Binding) -> Sealed:
    """Seal a private key under a new data key."""
    bound = binding.encoded()
    dek = AESGCM.generate_key(256)
    nonce = os.urandom(NONCE_BYTES)
    ciphertext = nonce + AESGCM(dek).encrypt(nonce, private, bound)
    return Sealed(kek.kek_id, kek.wrap(dek, bound), ciphertext)


def unseal(kek: Kek, sealed: Sealed, binding: Binding) -> bytes:
    """The private key.

    Raises:
        KekError: it was changed, moved to another row, or is not of this KEK.
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
    """The same sealed key with its data key under another KEK; the private key is not touched.

    Raises:
        KekError: as `unseal`.
    """
    bound = binding.encoded()
    return Sealed(new.kek_id, new.wrap(old.unwrap(sealed.wrapped_dek, bound), bound), sealed.ciphertext)
