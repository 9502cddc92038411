"""Key types of the `cryptography` library: how their halves are made, stored and read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization as encoding
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, rsa, x25519

RSA_EXPONENT = 65537


@dataclass(frozen=True, slots=True)
class KeyType:
    """One key type.

    Attributes:
        generate: makes a private key.
        load_private: private key from its stored form.
        dump_private: the stored form of a private key.
        load_public: public key from its encoding.
        dump_public: the encoding of a public key.
        private_bytes: length of the stored form; None where it varies.
    """

    generate: Callable[[], Any]
    load_private: Callable[[bytes], Any]
    dump_private: Callable[[Any], bytes]
    load_public: Callable[[bytes], Any]
    dump_public: Callable[[Any], bytes]
    private_bytes: int | None


def raw(private: Any, public: Any, private_bytes: int, load: str) -> KeyType:
    """A key type whose encodings are raw bytes, loaded by the method of that name."""
    return KeyType(
        private.generate,
        getattr(private, load),
        lambda key: bytes(key.private_bytes_raw()),
        public.from_public_bytes,
        lambda key: bytes(key.public_bytes_raw()),
        private_bytes,
    )


def _curve(curve: ec.EllipticCurve, private_bytes: int) -> KeyType:
    def load_private(stored: bytes) -> Any:
        return ec.derive_private_key(int.from_bytes(stored, "big"), curve)

    def dump_private(key: Any) -> bytes:
        return int(key.private_numbers().private_value).to_bytes(private_bytes, "big")

    point = (encoding.Encoding.X962, encoding.PublicFormat.UncompressedPoint)
    return KeyType(
        lambda: ec.generate_private_key(curve),
        load_private,
        dump_private,
        lambda data: ec.EllipticCurvePublicKey.from_encoded_point(curve, data),
        lambda key: bytes(key.public_bytes(*point)),
        private_bytes,
    )


def _rsa(bits: int) -> KeyType:
    def sized(key: Any, kind: Any) -> Any:
        if not isinstance(key, kind) or key.key_size != bits:
            raise ValueError(f"is no RSA key of {bits} bits")
        return key

    private = (encoding.Encoding.DER, encoding.PrivateFormat.PKCS8, encoding.NoEncryption())
    public = (encoding.Encoding.DER, encoding.PublicFormat.PKCS1)
    return KeyType(
        lambda: rsa.generate_private_key(RSA_EXPONENT, bits),
        lambda stored: sized(encoding.load_der_private_key(stored, None), rsa.RSAPrivateKey),
        lambda key: bytes(key.private_bytes(*private)),
        lambda data: sized(encoding.load_der_public_key(data), rsa.RSAPublicKey),
        lambda key: bytes(key.public_bytes(*public)),
        None,
    )


KEY_TYPES: dict[str, KeyType] = {
    "ML-KEM-768": raw(mlkem.MLKEM768PrivateKey, mlkem.MLKEM768PublicKey, 64, "from_seed_bytes"),
    "ML-KEM-1024": raw(mlkem.MLKEM1024PrivateKey, mlkem.MLKEM1024PublicKey, 64, "from_seed_bytes"),
    "ML-DSA-44": raw(mldsa.MLDSA44PrivateKey, mldsa.MLDSA44PublicKey, 32, "from_seed_bytes"),
    "ML-DSA-65": raw(mldsa.MLDSA65PrivateKey, mldsa.MLDSA65PublicKey, 32, "from_seed_bytes"),
    "ML-DSA-87": raw(mldsa.MLDSA87PrivateKey, mldsa.MLDSA87PublicKey, 32, "from_seed_bytes"),
    "X25519": raw(x25519.X25519PrivateKey, x25519.X25519PublicKey, 32, "from_private_bytes"),
    "Ed25519": raw(ed25519.Ed25519PrivateKey, ed25519.Ed25519PublicKey, 32, "from_private_bytes"),
    "P-256": _curve(ec.SECP256R1(), 32),
    "P-384": _curve(ec.SECP384R1(), 48),
    "RSA-2048": _rsa(2048),
    "RSA-3072": _rsa(3072),
    "RSA-4096": _rsa(4096),
}
