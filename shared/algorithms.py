"""The post-quantum algorithms on offer, as data: what they are, how big, and who implements them here."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from novacron.errors import BadInput, nearest


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One parameter set of a standard. All sizes are in bytes.

    Attributes:
        name: as the standard writes it.
        type: key encapsulation or signature.
        nist_level: NIST security category, 1 to 5.
        standard: the standard it is defined in.
        oid: object identifier in dotted form.
        public_key_bytes: encoded public key.
        private_key_bytes: private key as its seed, the form that is stored.
        expanded_private_key_bytes: private key in the standard's expanded form.
        ciphertext_bytes: encapsulated key; None for signatures.
        shared_secret_bytes: None for signatures.
        signature_bytes: None for key encapsulation.
        providers: names in `workers.crypto.PROVIDERS`, the preferred one first.
    """

    name: str
    type: Literal["kem", "signature"]
    nist_level: int
    standard: str
    oid: str
    public_key_bytes: int
    private_key_bytes: int
    expanded_private_key_bytes: int
    ciphertext_bytes: int | None = None
    shared_secret_bytes: int | None = None
    signature_bytes: int | None = None
    providers: tuple[str, ...] = ("cryptography",)


ALGORITHMS: dict[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (
        # Source: FIPS 203, tables 2 and 3; OID from RFC 9935.
        Algorithm(
            name="ML-KEM-768",
            type="kem",
            nist_level=3,
            standard="FIPS 203",
            oid="2.16.840.1.101.3.4.4.2",
            public_key_bytes=1184,
            private_key_bytes=64,
            expanded_private_key_bytes=2400,
            ciphertext_bytes=1088,
            shared_secret_bytes=32,
        ),
        # Source: FIPS 204, tables 1 and 2; OID from RFC 9881.
        Algorithm(
            name="ML-DSA-65",
            type="signature",
            nist_level=3,
            standard="FIPS 204",
            oid="2.16.840.1.101.3.4.3.18",
            public_key_bytes=1952,
            private_key_bytes=32,
            expanded_private_key_bytes=4032,
            signature_bytes=3309,
        ),
    )
}

# The submissions the standards grew from. Not wire compatible with them, so never taken as another name.
_FORERUNNERS = {"kyber768": "ML-KEM-768", "dilithium3": "ML-DSA-65"}


def find(name: object) -> Algorithm:
    """The algorithm of this name.

    Raises:
        BadInput: when there is none; the hint is the nearest right name.
    """
    if isinstance(name, str) and name in ALGORITHMS:
        return ALGORITHMS[name]
    successor = _FORERUNNERS.get(str(name).lower().replace("-", ""))
    if successor:
        hint = f"its standardised successor is {successor}; the two do not understand each other"
    else:
        close = nearest(name, ALGORITHMS)
        hint = f"did you mean {close!r}?" if close else f"known: {', '.join(ALGORITHMS)}"
    raise BadInput("is not a known algorithm", field="algorithm", value=name, hint=hint)


def listing() -> list[dict[str, Any]]:
    """All algorithms as JSON, for `GET /api/crypto/algorithms`."""
    return [{**asdict(one), "providers": list(one.providers)} for one in ALGORITHMS.values()]
