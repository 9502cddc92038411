"""Files with cryptography in them, made by the libraries that users have."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, mldsa, mlkem, rsa, x448, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

PASSWORD = b"correct horse battery staple"
NOW, DAY = datetime.now(UTC), timedelta(days=1)
KEYS: dict[str, Any] = {
    "RSA-2048": rsa.generate_private_key(65537, 2048),
    "EC-P256": ec.generate_private_key(ec.SECP256R1()),
    "EC-secp256k1": ec.generate_private_key(ec.SECP256K1()),
    "DSA-2048": dsa.generate_private_key(2048),
    "Ed25519": ed25519.Ed25519PrivateKey.generate(),
    "Ed448": ed448.Ed448PrivateKey.generate(),
    "X25519": x25519.X25519PrivateKey.generate(),
    "X448": x448.X448PrivateKey.generate(),
    "ML-DSA-65": mldsa.MLDSA65PrivateKey.generate(),
    "ML-KEM-768": mlkem.MLKEM768PrivateKey.generate(),
}
"""By the names that they are found under."""


def private(
    name: str,
    form: PrivateFormat = PrivateFormat.PKCS8,
    encoding: Encoding = Encoding.PEM,
    secret: bytes = b"",
) -> bytes:
    protection = BestAvailableEncryption(secret) if secret else NoEncryption()
    data: bytes = KEYS[name].private_bytes(encoding, form, protection)
    return data


def public(name: str, encoding: Encoding = Encoding.PEM) -> bytes:
    data: bytes = KEYS[name].public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
    return data


def certificate(name: str = "EC-P256", *, ca: bool = False, ends: timedelta = DAY) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name}.example")])
    key = KEYS[name]
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 7, NOW - 9 * DAY, NOW + ends)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )  # fmt: skip
    return made.sign(key, None if name.startswith(("ML", "Ed")) else hashes.SHA256())


def pem_of(one: x509.Certificate) -> bytes:
    return one.public_bytes(Encoding.PEM)


def pkcs12_of(name: str, secret: bytes = b"") -> bytes:
    protection = BestAvailableEncryption(secret) if secret else NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"web", KEYS[name], certificate(name), None, protection)


def request(name: str = "EC-P256") -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "asks.example")])
    made = x509.CertificateSigningRequestBuilder(subject).sign(KEYS[name], hashes.SHA256())
    return made.public_bytes(Encoding.PEM)


def ssh_public(name: str) -> bytes:
    data: bytes = KEYS[name].public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return data


def coded(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def jwk(**more: Any) -> dict[str, Any]:
    """An RSA key with its private exponent."""
    numbers = KEYS["RSA-2048"].private_numbers()
    return {
        "kty": "RSA", "kid": "r1", "use": "sig", "alg": "RS256", "n": coded(numbers.public_numbers.n),
        "e": coded(numbers.public_numbers.e), "d": coded(numbers.d), **more,
    }  # fmt: skip


def token(header: dict[str, Any], parts: int = 3) -> bytes:
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=")
    return b".".join([head, *[b"c2VjcmV0"] * (parts - 1)])
