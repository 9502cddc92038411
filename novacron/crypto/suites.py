"""The HPKE suites for sealing a data key to a recipient.

Source: RFC 9180; draft-ietf-hpke-pq; draft-connolly-cfrg-xwing-kem.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hpke

from novacron.errors import BadInput


@dataclass(frozen=True, slots=True)
class Suite:
    """A combination of KEM, KDF and AEAD.

    Attributes:
        name: name in the registry of algorithms.
        ids: identifiers of KEM, KDF and AEAD in IANA's HPKE registry.
        hpke: the library's suite.
        quantum_safe: whether the KEM is post-quantum.
    """

    name: str
    ids: tuple[int, int, int]
    hpke: Any
    quantum_safe: bool = True


# Suites with ML-KEM-1024 derive keys with SHA-384, as CNSA 2.0 requires.
SUITES: dict[str, Suite] = {
    suite.name: suite
    for suite in (
        Suite(
            "X-Wing",
            (0x647A, 0x0001, 0x0002),
            hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM),
        ),
        Suite(
            "MLKEM1024-P384",
            (0x0051, 0x0002, 0x0002),
            hpke.Suite(hpke.KEM.MLKEM1024_P384, hpke.KDF.HKDF_SHA384, hpke.AEAD.AES_256_GCM),
        ),
        Suite(
            "HPKE-ML-KEM-1024",
            (0x0042, 0x0002, 0x0002),
            hpke.Suite(hpke.KEM.MLKEM1024, hpke.KDF.HKDF_SHA384, hpke.AEAD.AES_256_GCM),
        ),
        Suite(
            "HPKE-X25519",
            (0x0020, 0x0001, 0x0002),
            hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM),
            quantum_safe=False,
        ),
    )
}

PROFILES = {"default": "X-Wing", "high": "MLKEM1024-P384", "cnsa": "HPKE-ML-KEM-1024"}
"""Profile -> suite."""

BY_IDS = {suite.ids: suite for suite in SUITES.values()}


def suite_of(algorithm: str) -> Suite:
    """Return the suite of that name.

    Raises:
        BadInput: there is none: keys of this algorithm cannot encrypt.
    """
    if algorithm not in SUITES:
        rule = f"a key of {algorithm} does not encrypt"
        raise BadInput(rule, hint=f"what does is a key of {', '.join(SUITES)}")
    return SUITES[algorithm]
