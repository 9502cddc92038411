"""The `cryptography` library (its wheel brings its own OpenSSL)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cryptography
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from novacron.algorithms.lattices import LATTICES
from novacron.crypto.keys import ALGORITHMS as COMPONENTS
from novacron.crypto.keys import PrivateKey, PublicKey
from novacron.crypto.suites import SUITES
from workers.crypto.providers.base import CiphertextError, KeyPair, SealError
from workers.crypto.providers.pyca_keys import KEY_TYPES, KeyType

KNOWN_PUBLIC_KEYS = 1024
"""Maximum number of parsed public keys in the cache: parsing one costs as much as using it."""

EXPANDED_BYTES = {
    one.name: one.expanded_private_key_bytes for one in LATTICES if one.expanded_private_key_bytes
}
"""Length of a private key in the standard's expanded form."""

# Signature parameters besides the message; the post-quantum algorithms take the context.
_PSS = (padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH), hashes.SHA256())
SCHEMES: dict[str, tuple[Any, ...]] = {
    "Ed25519": (),
    "ECDSA-P256": (ec.ECDSA(hashes.SHA256()),),
    "ECDSA-P384": (ec.ECDSA(hashes.SHA384()),),
    "RSA-2048": _PSS,
    "RSA-3072": _PSS,
    "RSA-4096": _PSS,
}


class PycaProvider:
    """See `workers.crypto.providers.base.Provider`. Signing is hedged: signatures differ every time.

    A private key is the library's object; for encryption, a `novacron.crypto.PrivateKey`.
    """

    name = "cryptography"

    def version(self) -> str:
        """Version of the library."""
        return str(cryptography.__version__)

    def generate(self, algorithm: str) -> KeyPair:
        """Generate a pair."""
        if algorithm in SUITES:
            made = PrivateKey.generate(algorithm)
            return KeyPair(made.public.raw, made)
        private = _type(algorithm).generate()
        return KeyPair(_type(algorithm).dump_public(private.public_key()), private)

    def private_bytes(self, algorithm: str, private: Any) -> bytes:
        """Return the stored form; for a hybrid, the concatenated forms of its components."""
        if algorithm in SUITES:
            pairs = zip(_parts(algorithm), private.components, strict=True)
            return b"".join(part.dump_private(key) for part, key in pairs)
        return _type(algorithm).dump_private(private)

    def load_private(self, algorithm: str, stored: bytes) -> Any:
        """Load a stored private key.

        Raises:
            ValueError: the bytes are no private key of that algorithm.
        """
        if algorithm not in SUITES:
            return _loaded(algorithm, _type(algorithm), stored)
        keys, at = [], 0
        for part in _parts(algorithm):
            end = at + (part.private_bytes or 0)
            keys.append(_loaded(algorithm, part, stored[at:end]))
            at = end
        if at != len(stored):
            raise ValueError(f"is no private key of {algorithm}")
        return PrivateKey(PublicKey.from_components([key.public_key() for key in keys]), tuple(keys))

    def public_bytes(self, algorithm: str, private: Any) -> bytes:
        """Return the public key that belongs to a private one."""
        if algorithm in SUITES:
            raw: bytes = private.public.raw
            return raw
        return _type(algorithm).dump_public(private.public_key())

    def encapsulate(self, algorithm: str, public: bytes) -> tuple[bytes, bytes]:
        """Return (ciphertext, secret); the library itself returns them in reverse order.

        Source: FIPS 203, algorithm 20.
        """
        secret, ciphertext = _public(algorithm, public).encapsulate()
        return ciphertext, secret

    def decapsulate(self, algorithm: str, private: Any, ciphertext: bytes) -> bytes:
        """Return the secret; for a modified ciphertext, a random one by implicit rejection.

        Source: FIPS 203, algorithm 21.
        """
        try:
            secret: bytes = private.decapsulate(ciphertext)
        except ValueError as error:
            raise CiphertextError(str(error)) from None
        return secret

    def sign(self, algorithm: str, private: Any, message: bytes, context: bytes = b"") -> bytes:
        """Return a pure ML-DSA signature, or a classical one, which has no context.

        Source: FIPS 204, algorithm 2; FIPS 186-5; RFC 8017, section 8.1.
        """
        scheme = SCHEMES.get(algorithm)
        extra = (context,) if scheme is None else scheme
        signature: bytes = private.sign(message, *extra)
        return signature

    def verify(
        self, algorithm: str, public: bytes, message: bytes, signature: bytes, context: bytes = b""
    ) -> bool:
        """Return whether the signature is valid.

        Source: FIPS 204, algorithm 3; FIPS 186-5; RFC 8017, section 8.1.
        """
        scheme = SCHEMES.get(algorithm)
        extra = (context,) if scheme is None else scheme
        try:
            _public(algorithm, public).verify(signature, message, *extra)
        except InvalidSignature:
            return False
        return True

    def seal(self, algorithm: str, public: bytes, plaintext: bytes, info: bytes = b"") -> bytes:
        """Return encapsulated key and ciphertext.

        Source: RFC 9180, section 6.1.
        """
        sealed: bytes = SUITES[algorithm].hpke.encrypt(plaintext, _public(algorithm, public), info)
        return sealed

    def open(self, algorithm: str, private: Any, sealed: bytes, info: bytes = b"") -> bytes:
        """Return the plaintext.

        Source: RFC 9180, section 6.1.
        """
        try:
            plaintext: bytes = SUITES[algorithm].hpke.decrypt(sealed, private.hpke, info)
        except (InvalidTag, ValueError):
            raise SealError("does not open with this key") from None
        return plaintext


def _parts(algorithm: str) -> tuple[KeyType, ...]:
    return tuple(KEY_TYPES[name] for name in COMPONENTS.get(algorithm, (algorithm,)))


def _type(algorithm: str) -> KeyType:
    return _parts(algorithm)[0]


def _loaded(algorithm: str, part: KeyType, stored: bytes) -> Any:
    if len(stored) == EXPANDED_BYTES.get(algorithm):
        from workers.crypto.providers.expanded import ExpandedKey

        return ExpandedKey(algorithm, stored)
    if part.private_bytes not in (None, len(stored)):
        raise ValueError(f"is no private key of {algorithm}")
    return part.load_private(stored)


@lru_cache(maxsize=KNOWN_PUBLIC_KEYS)
def _public(algorithm: str, public: bytes) -> Any:
    if algorithm in SUITES:
        return PublicKey(algorithm, public).hpke
    return _type(algorithm).load_public(public)
