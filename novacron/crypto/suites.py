"""The HPKE suites that seal a data key for a recipient.

Source: RFC 9180; draft-ietf-hpke-pq; draft-connolly-cfrg-xwing-kem.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hpke

from novacron.errors import BadInput


@dataclass(frozen=True, slots=True)
class Suite:
    """One choice of key encapsulation, key derivation and cipher.

    Attributes:
        name: as in the registry of algorithms.
        ids: numbers of KEM, KDF and AEAD in the HPKE registry of IANA.
        hpke: the library's suite.
        quantum_safe: whether the KEM withstands a quantum computer.
    """

    name: str
    ids: tuple[int, int, int]
    hpke: Any
    quantum_safe: bool = True


# The suites of 1024 derive keys with SHA-384, which CNSA 2.0 asks for.
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
"""Profile -> the suite it stands for."""

BY_IDS = {suite.ids: suite for suite in SUITES.values()}


def suite_of(algorithm: str) -> Suite:
    """The suite of that name.

    Raises:
        BadInput: it is none: its keys do not encrypt.
    """
    if algorithm not in SUITES:
        rule = f"a key of {algorithm} does not encrypt"
        raise BadInput(rule, hint=f"what does is a key of {', '.join(SUITES)}")
    return SUITES[algorithm]
