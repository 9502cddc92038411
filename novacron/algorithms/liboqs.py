"""Algorithms implemented only by liboqs: SLH-DSA, and KEMs and signatures in standardization."""

from __future__ import annotations

from novacron.algorithms.algorithm import Algorithm, Status


def _slh_dsa(number: int, name: str, level: int, public: int, signature: int) -> Algorithm:
    return Algorithm(
        name=f"SLH-DSA-{name}",
        type="signature",
        nist_level=level,
        standard="FIPS 205",
        oid=f"2.16.840.1.101.3.4.3.{number}",
        public_key_bytes=public,
        private_key_bytes=2 * public,
        signature_bytes=signature,
        providers=("liboqs",),
    )


def _falcon(name: str, level: int, public: int, private: int, signature: int) -> Algorithm:
    return Algorithm(
        name=name,
        type="signature",
        nist_level=level,
        standard="Falcon 1.2, round 3",
        oid="",
        public_key_bytes=public,
        private_key_bytes=private,
        status="candidate",
        signature_bytes=signature,
        providers=("liboqs",),
    )


def _kem(
    name: str, level: int, standard: str, status: Status,
    public: int, private: int, ciphertext: int, secret: int = 32,
) -> Algorithm:  # fmt: skip
    return Algorithm(
        name=name,
        type="kem",
        nist_level=level,
        standard=standard,
        oid="",
        public_key_bytes=public,
        private_key_bytes=private,
        status=status,
        ciphertext_bytes=ciphertext,
        shared_secret_bytes=secret,
        providers=("liboqs",),
    )


_HQC = "HQC, 2025-08-22"
_FRODO = "FrodoKEM, ISO/IEC 18033-2 draft amendment"
_MCELIECE = "Classic McEliece, ISO/IEC 18033-2 draft amendment"

# Source: FIPS 205, table 2; identifiers from RFC 9909.
_SLH_DSA_SETS = (
    ("128s", 1, 32, 7856),
    ("128f", 1, 32, 17088),
    ("192s", 3, 48, 16224),
    ("192f", 3, 48, 35664),
    ("256s", 5, 64, 29792),
    ("256f", 5, 64, 49856),
)

LIBOQS = (
    *(
        _slh_dsa(number + first, f"{hash_}-{name}", level, public, signature)
        for first, hash_ in ((20, "SHA2"), (26, "SHAKE"))
        for number, (name, level, public, signature) in enumerate(_SLH_DSA_SETS)
    ),
    # Source: liboqs 0.16.0, docs/algorithms; the secret keys hold the public ones.
    _falcon("Falcon-512", 1, 897, 1281, 752),
    _falcon("Falcon-1024", 5, 1793, 2305, 1462),
    _kem("HQC-1", 1, _HQC, "candidate", 2241, 2321, 4433),
    _kem("HQC-3", 3, _HQC, "candidate", 4514, 4602, 8978),
    _kem("HQC-5", 5, _HQC, "candidate", 7237, 7333, 14421),
    _kem("FrodoKEM-640-AES", 1, _FRODO, "draft", 9616, 19888, 9752, 16),
    _kem("FrodoKEM-640-SHAKE", 1, _FRODO, "draft", 9616, 19888, 9752, 16),
    _kem("FrodoKEM-976-AES", 3, _FRODO, "draft", 15632, 31296, 15792, 24),
    _kem("FrodoKEM-976-SHAKE", 3, _FRODO, "draft", 15632, 31296, 15792, 24),
    _kem("FrodoKEM-1344-AES", 5, _FRODO, "draft", 21520, 43088, 21696),
    _kem("FrodoKEM-1344-SHAKE", 5, _FRODO, "draft", 21520, 43088, 21696),
    _kem("Classic-McEliece-348864", 1, _MCELIECE, "draft", 261120, 6492, 96),
    _kem("Classic-McEliece-460896", 3, _MCELIECE, "draft", 524160, 13608, 156),
    _kem("Classic-McEliece-6688128", 5, _MCELIECE, "draft", 1044992, 13932, 208),
    _kem("Classic-McEliece-6960119", 5, _MCELIECE, "draft", 1047319, 13948, 194),
    _kem("Classic-McEliece-8192128", 5, _MCELIECE, "draft", 1357824, 14120, 208),
)
