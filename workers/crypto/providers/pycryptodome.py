"""The `pycryptodome` library (its wheel brings mlkem-native and mldsa-native)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import Crypto
from Crypto.Protocol import HPKE
from Crypto.Protocol.DH import import_x25519_public_key
from Crypto.PublicKey import ECC, MLDSA, MLKEM, Hybrid
from Crypto.Signature import mldsa

from novacron.algorithms import ALGORITHMS, COMPONENTS
from novacron.algorithms.encryption import encapsulated_bytes
from workers.crypto.providers.base import CiphertextError, KeyPair, SealError

KNOWN_PUBLIC_KEYS = 1024
"""Maximum number of parsed public keys in the cache."""

_KEMS = {one.value: one for one in MLKEM.ParamSet}
_SIGNATURES = {one.value: one for one in MLDSA.ParamSet}
# The library's public interface encapsulates only within HPKE, and builds no hybrid key from its components.
_PRIVATE_NAMES = (
    (MLKEM.MLKEMKey, "_encaps"),
    (MLKEM.MLKEMKey, "_decaps"),
    (Hybrid.HybridKey, "_decaps"),
    (Hybrid, "_construct"),
)


class PycryptodomeProvider:
    """See `workers.crypto.providers.base.Provider`. Signing is hedged: signatures differ every time.

    A private key is the library's object, possibly in the standard's expanded form without a seed.

    Raises:
        ImportError: the library's version lacks a required private function.
    """

    name = "pycryptodome"

    def __init__(self) -> None:
        missing = [name for owner, name in _PRIVATE_NAMES if not hasattr(owner, name)]
        if missing:
            raise ImportError(f"pycryptodome {self.version()} has no {', '.join(missing)}: use 4.4")

    def version(self) -> str:
        """Version of the library."""
        return ".".join(map(str, Crypto.version_info))

    def generate(self, algorithm: str) -> KeyPair:
        """Generate a pair."""
        private = _generated(algorithm)
        return KeyPair(_public_bytes(private), private)

    def private_bytes(self, algorithm: str, private: Any) -> bytes:
        """Return the seed, or the expanded form if no seed is known; for a hybrid, its components' forms."""
        return _private_bytes(private)

    def load_private(self, algorithm: str, stored: bytes) -> Any:
        """Load a stored private key.

        Raises:
            ValueError: the bytes are no private key of that algorithm.
        """
        if algorithm == "X-Wing":
            end = COMPONENTS["ML-KEM-768"].private_key_bytes
            kem, point = stored[:end], stored[end:]
            return _HybridKey(_kem("ML-KEM-768", kem), _x25519(point))
        return _x25519(stored) if algorithm == "HPKE-X25519" else _loaded(algorithm, stored)

    def public_bytes(self, algorithm: str, private: Any) -> bytes:
        """Return the public key that belongs to a private one."""
        return _public_bytes(private)

    def encapsulate(self, algorithm: str, public: bytes) -> tuple[bytes, bytes]:
        """Return (ciphertext, secret); the library itself returns them in reverse order.

        Source: FIPS 203, algorithm 20.
        """
        secret, ciphertext = _public(algorithm, public)._encaps()
        return ciphertext, secret

    def decapsulate(self, algorithm: str, private: Any, ciphertext: bytes) -> bytes:
        """Return the secret; for a modified ciphertext, a random one by implicit rejection.

        Source: FIPS 203, algorithm 21.
        """
        try:
            secret: bytes = private._decaps(ciphertext)
        except ValueError as error:
            raise CiphertextError(str(error)) from None
        return secret

    def sign(self, algorithm: str, private: Any, message: bytes, context: bytes = b"") -> bytes:
        """Return a pure ML-DSA signature.

        Source: FIPS 204, algorithm 2.
        """
        signature: bytes = mldsa.new(private, context).sign(message)
        return signature

    def verify(
        self, algorithm: str, public: bytes, message: bytes, signature: bytes, context: bytes = b""
    ) -> bool:
        """Return whether the signature is valid.

        Source: FIPS 204, algorithm 3.
        """
        scheme = mldsa.new(_public(algorithm, public), context)
        try:
            scheme.verify(message, signature)
        except ValueError:
            return False
        return True

    def seal(self, algorithm: str, public: bytes, plaintext: bytes, info: bytes = b"") -> bytes:
        """Return encapsulated key and ciphertext.

        Source: RFC 9180, section 6.1.
        """
        sender = HPKE.new(receiver_key=_public(algorithm, public), aead_id=HPKE.AEAD.AES256_GCM, info=info)
        sealed: bytes = sender.enc + sender.seal(plaintext)
        return sealed

    def open(self, algorithm: str, private: Any, sealed: bytes, info: bytes = b"") -> bytes:
        """Return the plaintext.

        Source: RFC 9180, section 6.1.
        """
        end = encapsulated_bytes(ALGORITHMS[algorithm])
        try:
            receiver = HPKE.new(
                receiver_key=private, aead_id=HPKE.AEAD.AES256_GCM, enc=sealed[:end], info=info
            )
            plaintext: bytes = receiver.unseal(sealed[end:])
        except ValueError:
            raise SealError("does not open with this key") from None
        return plaintext


class _HybridKey(Hybrid.HybridKey):  # type: ignore[misc]
    """X-Wing from its component keys; the library derives both only from a common seed."""

    def __init__(self, kem: MLKEM.MLKEMKey, point: ECC.EccKey) -> None:
        super().__init__(param_set=Hybrid.MLKEM768_X25519, pk=kem.ek + _public_bytes(point))
        self._key_pq, self._key_t = kem, point
        self._seed = b""


def _generated(algorithm: str) -> Any:
    if algorithm == "X-Wing":
        return _HybridKey(MLKEM.generate(param_set=MLKEM.ML_KEM_768), ECC.generate(curve="Curve25519"))
    if algorithm == "HPKE-X25519":
        return ECC.generate(curve="Curve25519")
    name = algorithm.removeprefix("HPKE-")
    if name in _KEMS:
        return MLKEM.generate(param_set=_KEMS[name])
    return MLDSA.generate(param_set=_SIGNATURES[name])


def _loaded(algorithm: str, stored: bytes) -> Any:
    name = algorithm.removeprefix("HPKE-")
    return _kem(name, stored) if name in _KEMS else _signature(name, stored)


def _kem(name: str, stored: bytes) -> MLKEM.MLKEMKey:
    form = "seed" if len(stored) == COMPONENTS[name].private_key_bytes else "expanded_dk"
    return MLKEM.construct(param_set=_KEMS[name], **{form: stored})


def _signature(name: str, stored: bytes) -> MLDSA.MLDSAKey:
    form = "seed" if len(stored) == COMPONENTS[name].private_key_bytes else "sk"
    return MLDSA.construct(param_set=_SIGNATURES[name], **{form: stored})


def _x25519(stored: bytes) -> ECC.EccKey:
    if len(stored) != COMPONENTS["X25519"].private_key_bytes:
        raise ValueError("is no private key of X25519")
    return ECC.construct(curve="Curve25519", seed=stored)


def _private_bytes(private: Any) -> bytes:
    if isinstance(private, _HybridKey):
        return _private_bytes(private._key_pq) + _private_bytes(private._key_t)
    try:
        return bytes(private.seed)
    except ValueError:
        return bytes(private.expanded_dk if isinstance(private, MLKEM.MLKEMKey) else private.sk)


def _public_bytes(private: Any) -> bytes:
    if isinstance(private, _HybridKey):
        return bytes(private._key_pq.ek) + _public_bytes(private._key_t)
    if isinstance(private, ECC.EccKey):
        return bytes(private.public_key().export_key(format="raw"))
    return bytes(private.ek if isinstance(private, MLKEM.MLKEMKey) else private.pk)


@lru_cache(maxsize=KNOWN_PUBLIC_KEYS)
def _public(algorithm: str, public: bytes) -> Any:
    if algorithm == "X-Wing":
        return Hybrid._construct(param_set=Hybrid.MLKEM768_X25519, pk=public)
    if algorithm == "HPKE-X25519":
        return import_x25519_public_key(public)
    name = algorithm.removeprefix("HPKE-")
    if name in _KEMS:
        return MLKEM.construct(param_set=_KEMS[name], ek=public)
    return MLDSA.construct(param_set=_SIGNATURES[name], pk=public)
