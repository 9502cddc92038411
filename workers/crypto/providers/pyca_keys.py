"""Key types of the `cryptography` library: generation, storage and parsing of their keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization as encoding
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from novacron.algorithms import COMPONENTS
from novacron.crypto.library_keys import CURVES, LATTICES, MONTGOMERY_AND_EDWARDS

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
        private_bytes: length of the stored form; None if it varies.
    """

    generate: Callable[[], Any]
    load_private: Callable[[bytes], Any]
    dump_private: Callable[[Any], bytes]
    load_public: Callable[[bytes], Any]
    dump_public: Callable[[Any], bytes]
    private_bytes: int | None


def raw(private: Any, public: Any, private_bytes: int | None, load: str) -> KeyType:
    """Return a key type with raw encodings, loaded by the method of that name."""
    return KeyType(
        private.generate,
        getattr(private, load),
        lambda key: bytes(key.private_bytes_raw()),
        public.from_public_bytes,
        lambda key: bytes(key.public_bytes_raw()),
        private_bytes,
    )


def _curve(curve: ec.EllipticCurve) -> KeyType:
    private_bytes = (curve.key_size + 7) // 8

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
    **{
        name: raw(*classes, COMPONENTS[name].private_key_bytes, "from_seed_bytes")
        for name, classes in LATTICES.items()
    },
    **{
        name: raw(*classes, COMPONENTS[name].private_key_bytes, "from_private_bytes")
        for name, classes in MONTGOMERY_AND_EDWARDS.items()
    },
    **{name: _curve(curve) for name, curve in CURVES.items()},
    "RSA-2048": _rsa(2048),
    "RSA-3072": _rsa(3072),
    "RSA-4096": _rsa(4096),
}
