"""Quantum-vulnerable signatures: what migrations replace, and the classical half of a hybrid."""

from __future__ import annotations

from novacron.algorithms.algorithm import Algorithm


def _signature(
    name: str, standard: str, oid: str, public: int, private: int | None, signature: int, *aliases: str,
    parts: tuple[str, ...] = (),
) -> Algorithm:  # fmt: skip
    return Algorithm(
        name=name,
        type="signature",
        nist_level=0,
        standard=standard,
        oid=oid,
        public_key_bytes=public,
        private_key_bytes=private,
        status="classical",
        aliases=aliases,
        signature_bytes=signature,
        parts=parts,
    )


CLASSICAL = (
    _signature("Ed25519", "RFC 8032", "1.3.101.112", 32, 32, 64, "EdDSA"),
    # Points are uncompressed, signatures DER.
    _signature(
        "ECDSA-P256", "FIPS 186-5", "1.2.840.10045.4.3.2", 65, 32, 72, "ECDSA-secp256r1", "ES256",
        parts=("P-256",),
    ),
    _signature(
        "ECDSA-P384", "FIPS 186-5", "1.2.840.10045.4.3.3", 97, 48, 104, "ECDSA-secp384r1", "ES384",
        parts=("P-384",),
    ),
    # RSASSA-PSS with SHA-256; a public key is PKCS#1, a private key PKCS#8.
    _signature("RSA-2048", "RFC 8017", "1.2.840.113549.1.1.10", 270, None, 256),
    _signature("RSA-3072", "RFC 8017", "1.2.840.113549.1.1.10", 398, None, 384),
    _signature("RSA-4096", "RFC 8017", "1.2.840.113549.1.1.10", 526, None, 512),
)  # fmt: skip
