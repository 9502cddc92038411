"""Key exchange groups, signature schemes, and the modes composed of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

ModeName = Literal["hybrid", "pq-only"]

POST_QUANTUM_GROUPS = ("X25519MLKEM768", "SecP384r1MLKEM1024", "SecP256r1MLKEM768", "MLKEM1024", "MLKEM768")
CLASSICAL_GROUPS = ("X25519", "secp256r1", "secp384r1", "secp521r1")

# Source: IANA, TLS SignatureScheme registry; the names are OpenSSL's.
SCHEMES = {
    0x0904: "mldsa44",
    0x0905: "mldsa65",
    0x0906: "mldsa87",
    0x0403: "ecdsa_secp256r1_sha256",
    0x0503: "ecdsa_secp384r1_sha384",
    0x0603: "ecdsa_secp521r1_sha512",
    0x0807: "ed25519",
    0x0808: "ed448",
    0x0804: "rsa_pss_rsae_sha256",
    0x0805: "rsa_pss_rsae_sha384",
    0x0806: "rsa_pss_rsae_sha512",
    0x0809: "rsa_pss_pss_sha256",
    0x080A: "rsa_pss_pss_sha384",
    0x080B: "rsa_pss_pss_sha512",
    0x0401: "rsa_pkcs1_sha256",
    0x0501: "rsa_pkcs1_sha384",
    0x0601: "rsa_pkcs1_sha512",
}
POST_QUANTUM_SIGNATURES = ("mldsa65", "mldsa87", "mldsa44")
CLASSICAL_SIGNATURES = tuple(name for name in SCHEMES.values() if name not in POST_QUANTUM_SIGNATURES)

_NAMES = {name.lower(): name for name in (*POST_QUANTUM_GROUPS, *CLASSICAL_GROUPS)}


@dataclass(frozen=True, slots=True)
class Mode:
    """What one side of a connection accepts.

    Attributes:
        groups: OpenSSL's group list: `/` separates tuples of equal preference, whose order the server
            enforces whatever the client's order. With `:` alone, a client that sent a key share for X25519
            would get X25519. A `*` makes a client send a key share at once, so that neither kind of server
            costs another round trip.
        signatures: OpenSSL's list of signature schemes, in order of preference.
    """

    groups: str
    signatures: str


def mode(name: ModeName, groups: Sequence[str], signatures: Sequence[str]) -> Mode:
    """Return a mode with some of the post-quantum groups and signatures, in order of preference."""
    if name == "pq-only":
        return Mode("*" + ":".join(groups), ":".join(signatures))
    return Mode(
        "*" + ":".join(groups) + "/*" + ":".join(CLASSICAL_GROUPS),
        ":".join((*signatures, *CLASSICAL_SIGNATURES)),
    )


MODES: dict[ModeName, Mode] = {
    name: mode(name, POST_QUANTUM_GROUPS, POST_QUANTUM_SIGNATURES) for name in get_args(ModeName)
}
DEFAULT_MODE: ModeName = "hybrid"


def group_name(name: str | None) -> str:
    """Return the registered spelling of OpenSSL's group name; no group means RSA key transport."""
    return "RSA" if name is None else _NAMES.get(name.lower(), name)


def scheme_name(code: int) -> str:
    """Return the name of a signature scheme."""
    return SCHEMES.get(code, f"0x{code:04x}")
