"""Direct use of the libraries: cached key objects, and their methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from Crypto.PublicKey import MLKEM
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, padding, rsa, x25519

MESSAGE, INFO = bytes(1024), b"benchmark"
Actions = dict[str, Callable[[], Any]]

_PSS = (padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH), hashes.SHA256())


def _kem(kind: Any) -> Actions:
    private = kind.generate()
    public = private.public_key()
    _, ciphertext = public.encapsulate()
    return {
        "generate": lambda: kind.generate().public_key().public_bytes_raw(),
        "encapsulate": public.encapsulate,
        "decapsulate": lambda: private.decapsulate(ciphertext),
    }


def _ml_kem_512() -> Actions:
    private = MLKEM.generate(param_set=MLKEM.ML_KEM_512)
    public = private.public_key()
    _, ciphertext = public._encaps()
    return {
        "generate": lambda: MLKEM.generate(param_set=MLKEM.ML_KEM_512).ek,
        "encapsulate": public._encaps,
        "decapsulate": lambda: private._decaps(ciphertext),
    }


def _signature(private: Any, *scheme: Any) -> Actions:
    public, signature = private.public_key(), private.sign(MESSAGE, *scheme)
    return {
        "sign": lambda: private.sign(MESSAGE, *scheme),
        "verify": lambda: public.verify(signature, MESSAGE, *scheme),
    }


def _hpke(private: Any, public: Any, kem: Any, kdf: Any) -> Actions:
    suite = hpke.Suite(kem, kdf, hpke.AEAD.AES_256_GCM)
    sealed = suite.encrypt(MESSAGE, public, INFO)
    return {
        "seal": lambda: suite.encrypt(MESSAGE, public, INFO),
        "open": lambda: suite.decrypt(sealed, private, INFO),
    }


def _x_wing() -> Actions:
    kem, point = mlkem.MLKEM768PrivateKey.generate(), x25519.X25519PrivateKey.generate()
    private = hpke.MLKEM768X25519PrivateKey(kem, point)
    public = hpke.MLKEM768X25519PublicKey(kem.public_key(), point.public_key())
    return _hpke(private, public, hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256)


def _mlkem1024_p384() -> Actions:
    kem, point = mlkem.MLKEM1024PrivateKey.generate(), ec.generate_private_key(ec.SECP384R1())
    private = hpke.MLKEM1024P384PrivateKey(kem, point)
    public = hpke.MLKEM1024P384PublicKey(kem.public_key(), point.public_key())
    return _hpke(private, public, hpke.KEM.MLKEM1024_P384, hpke.KDF.HKDF_SHA384)


def _alone(private: Any, kem: Any, kdf: Any) -> Actions:
    return _hpke(private, private.public_key(), kem, kdf)


BARE: dict[str, Callable[[], Actions]] = {
    "ML-KEM-512": _ml_kem_512,
    "ML-KEM-768": lambda: _kem(mlkem.MLKEM768PrivateKey),
    "ML-KEM-1024": lambda: _kem(mlkem.MLKEM1024PrivateKey),
    "ML-DSA-44": lambda: _signature(mldsa.MLDSA44PrivateKey.generate(), b""),
    "ML-DSA-65": lambda: _signature(mldsa.MLDSA65PrivateKey.generate(), b""),
    "ML-DSA-87": lambda: _signature(mldsa.MLDSA87PrivateKey.generate(), b""),
    "Ed25519": lambda: _signature(ed25519.Ed25519PrivateKey.generate()),
    "ECDSA-P256": lambda: _signature(ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(hashes.SHA256())),
    "RSA-3072": lambda: _signature(rsa.generate_private_key(65537, 3072), *_PSS),
    "X-Wing": _x_wing,
    "MLKEM1024-P384": _mlkem1024_p384,
    "HPKE-ML-KEM-1024": lambda: _alone(
        mlkem.MLKEM1024PrivateKey.generate(), hpke.KEM.MLKEM1024, hpke.KDF.HKDF_SHA384
    ),
    "HPKE-X25519": lambda: _alone(x25519.X25519PrivateKey.generate(), hpke.KEM.X25519, hpke.KDF.HKDF_SHA256),
}
"""Algorithm -> its operations."""
