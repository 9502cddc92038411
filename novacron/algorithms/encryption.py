"""HPKE: public-key encryption. `novacron.crypto.suites` defines the suites."""

from __future__ import annotations

from novacron.algorithms.algorithm import Algorithm, Status

TAG_BYTES = 16


def encapsulated_bytes(algorithm: Algorithm) -> int:
    """Return the length of the encapsulated key, which precedes the ciphertext."""
    assert algorithm.ciphertext_bytes is not None
    return algorithm.ciphertext_bytes - TAG_BYTES


def _hpke(
    name: str, level: int, standard: str, status: Status, public: int, private: int, encapsulated: int,
    *aliases: str, parts: tuple[str, ...], tls_groups: tuple[str, ...] = (),
) -> Algorithm:  # fmt: skip
    return Algorithm(
        name=name,
        type="encryption",
        nist_level=level,
        standard=standard,
        oid="",
        public_key_bytes=public,
        private_key_bytes=private,
        status=status,
        aliases=aliases,
        ciphertext_bytes=encapsulated + TAG_BYTES,
        parts=parts,
        tls_groups=tls_groups,
        providers=("cryptography",) if name == "MLKEM1024-P384" else ("cryptography", "pycryptodome"),
    )


ENCRYPTION = (
    _hpke(
        "X-Wing", 3, "draft-connolly-cfrg-xwing-kem", "draft", 1216, 96, 1120,
        "MLKEM768-X25519", "HPKE-X-Wing", parts=("ML-KEM-768", "X25519"), tls_groups=("X25519MLKEM768",),
    ),
    _hpke(
        "MLKEM1024-P384", 5, "draft-ietf-hpke-pq", "draft", 1665, 112, 1665, "HPKE-MLKEM1024-P384",
        parts=("ML-KEM-1024", "P-384"), tls_groups=("SecP384r1MLKEM1024",),
    ),
    _hpke(
        "HPKE-ML-KEM-1024", 5, "draft-ietf-hpke-pq", "draft", 1568, 64, 1568,
        parts=("ML-KEM-1024",), tls_groups=("MLKEM1024",),
    ),
    _hpke("HPKE-X25519", 0, "RFC 9180", "classical", 32, 32, 32, parts=("X25519",)),
)  # fmt: skip
