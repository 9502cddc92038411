"""HPKE: encryption for the owner of a public key. `novacron.crypto.suites` has what the names stand for."""

from __future__ import annotations

from shared.crypto.algorithms.algorithm import Algorithm, Status

TAG_BYTES = 16


def _hpke(
    name: str, level: int, standard: str, status: Status, public: int, private: int, encapsulated: int,
    *aliases: str,
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
        providers=("cryptography",) if name == "MLKEM1024-P384" else ("cryptography", "pycryptodome"),
    )


ENCRYPTION = (
    _hpke(
        "X-Wing", 3, "draft-connolly-cfrg-xwing-kem", "draft", 1216, 96, 1120,
        "MLKEM768-X25519", "HPKE-X-Wing",
    ),
    _hpke("MLKEM1024-P384", 5, "draft-ietf-hpke-pq", "draft", 1665, 112, 1665, "HPKE-MLKEM1024-P384"),
    _hpke("HPKE-ML-KEM-1024", 5, "draft-ietf-hpke-pq", "draft", 1568, 64, 1568),
    _hpke("HPKE-X25519", 0, "RFC 9180", "classical", 32, 32, 32),
)  # fmt: skip
