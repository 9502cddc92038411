"""The module-lattice standards, and the third-round submissions they are derived from."""

from __future__ import annotations

from novacron.algorithms.algorithm import Algorithm


def _kem(
    name: str, level: int, oid: str, public: int, expanded: int, ciphertext: int,
    tls_groups: tuple[str, ...] = (), hpke: tuple[str, ...] = (), ssh_kex: tuple[str, ...] = (),
) -> Algorithm:  # fmt: skip
    return Algorithm(
        name=name,
        type="kem",
        nist_level=level,
        standard="FIPS 203",
        oid=f"2.16.840.1.101.3.4.4.{oid}",
        public_key_bytes=public,
        private_key_bytes=64,
        expanded_private_key_bytes=expanded,
        ciphertext_bytes=ciphertext,
        shared_secret_bytes=32,
        providers=("pycryptodome",) if name == "ML-KEM-512" else ("cryptography", "pycryptodome"),
        tls_groups=tls_groups,
        hpke=hpke,
        ssh_kex=ssh_kex,
    )


def _signature(name: str, level: int, oid: str, public: int, expanded: int, signature: int) -> Algorithm:
    return Algorithm(
        name=name,
        type="signature",
        nist_level=level,
        standard="FIPS 204",
        oid=f"2.16.840.1.101.3.4.3.{oid}",
        public_key_bytes=public,
        private_key_bytes=32,
        expanded_private_key_bytes=expanded,
        signature_bytes=signature,
        providers=("cryptography", "pycryptodome"),
    )


def _kyber(name: str, successor: str, level: int, public: int, private: int, ciphertext: int) -> Algorithm:
    return Algorithm(
        name=name,
        type="kem",
        nist_level=level,
        standard="CRYSTALS-Kyber, round 3",
        oid="",
        public_key_bytes=public,
        private_key_bytes=private,
        status="round3",
        ciphertext_bytes=ciphertext,
        shared_secret_bytes=32,
        providers=("liboqs",),
        successor=successor,
    )


def _dilithium(name: str, successor: str, level: int, public: int, private: int, signature: int) -> Algorithm:
    return Algorithm(
        name=name,
        type="signature",
        nist_level=level,
        standard="CRYSTALS-Dilithium, round 3",
        oid="",
        public_key_bytes=public,
        private_key_bytes=private,
        status="round3",
        signature_bytes=signature,
        providers=("liboqs",),
        successor=successor,
    )


LATTICES = (
    # Source: FIPS 203, tables 2 and 3; identifiers from RFC 9935.
    _kem("ML-KEM-512", 1, "1", 800, 1632, 768),
    _kem(
        "ML-KEM-768", 3, "2", 1184, 2400, 1088,
        tls_groups=("X25519MLKEM768", "MLKEM768"), hpke=("X-Wing",), ssh_kex=("mlkem768x25519-sha256",),
    ),
    _kem(
        "ML-KEM-1024", 5, "3", 1568, 3168, 1568,
        tls_groups=("SecP384r1MLKEM1024", "MLKEM1024"), hpke=("MLKEM1024-P384", "HPKE-ML-KEM-1024"),
    ),
    # Source: FIPS 204, tables 1 and 2; identifiers from RFC 9881.
    _signature("ML-DSA-44", 2, "17", 1312, 2560, 2420),
    _signature("ML-DSA-65", 3, "18", 1952, 4032, 3309),
    _signature("ML-DSA-87", 5, "19", 2592, 4896, 4627),
    # Source: CRYSTALS-Kyber 3.02, section 1.5; CRYSTALS-Dilithium 3.1, table 1 and section 5.4.
    _kyber("Kyber512", "ML-KEM-512", 1, 800, 1632, 768),
    _kyber("Kyber768", "ML-KEM-768", 3, 1184, 2400, 1088),
    _kyber("Kyber1024", "ML-KEM-1024", 5, 1568, 3168, 1568),
    _dilithium("Dilithium2", "ML-DSA-44", 2, 1312, 2528, 2420),
    _dilithium("Dilithium3", "ML-DSA-65", 3, 1952, 4000, 3293),
    _dilithium("Dilithium5", "ML-DSA-87", 5, 2592, 4864, 4595),
)  # fmt: skip
