"""Certificate key usages, and those that each algorithm permits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator

from novacron.specs.refusal import did_you_mean, refuse

# Source: RFC 5280, section 4.2.1.3, in the order of its bits.
USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip
_SIGNING = frozenset({"digital_signature", "content_commitment", "key_cert_sign", "crl_sign"})
_BY_LETTERS = {name.replace("_", ""): name for name in USAGES} | {"nonrepudiation": "content_commitment"}


@dataclass(frozen=True, slots=True)
class Family:
    """The rule for a family of algorithms.

    Attributes:
        allowed: permitted key usages.
        source: where the rule is defined.
        signs: whether such a key can sign, as required of CAs and of certificate requests.
    """

    allowed: frozenset[str]
    source: str
    signs: bool = True


_ML_DSA = Family(_SIGNING, "RFC 9881, section 5")
_ML_KEM = Family(frozenset({"key_encipherment"}), "RFC 9935, section 5", signs=False)
_ECDSA = Family(_SIGNING | {"key_agreement", "encipher_only", "decipher_only"}, "RFC 5480, section 3")
_RSA = Family(_SIGNING | {"key_encipherment", "data_encipherment"}, "RFC 3279, section 2.3.1")

FAMILIES: dict[str, Family] = {
    "ML-DSA-44": _ML_DSA,
    "ML-DSA-65": _ML_DSA,
    "ML-DSA-87": _ML_DSA,
    "ML-KEM-768": _ML_KEM,
    "ML-KEM-1024": _ML_KEM,
    "ECDSA-P256": _ECDSA,
    "ECDSA-P384": _ECDSA,
    "RSA-3072": _RSA,
    "RSA-4096": _RSA,
}
"""Algorithms of certificates; verifiers that follow the web's rules refuse Ed25519."""
_BY_LOWER = {name.lower(): name for name in FAMILIES}


def _algorithm(value: object) -> str:
    known = _BY_LOWER.get(value.lower()) if isinstance(value, str) else None
    if known is None:
        hint = did_you_mean(value, list(FAMILIES))
        raise refuse(f"certificates are made for {', '.join(FAMILIES)}", hint=hint)
    return known


def _usage(value: object) -> str:
    known = _BY_LETTERS.get(value.replace("_", "").lower()) if isinstance(value, str) else None
    if known is None:
        raise refuse(f"must be one of {', '.join(USAGES)}", hint=did_you_mean(value, USAGES))
    return known


Algorithm = Annotated[str, BeforeValidator(_algorithm)]
KeyUsage = Annotated[str, BeforeValidator(_usage)]
"""A key usage by its name here or in RFC 5280: `key_cert_sign` or `keyCertSign`."""


def family_of(algorithm: str) -> Family:
    """Return the rule for an algorithm's keys; RSA has keys of many sizes."""
    return _RSA if algorithm.startswith("RSA-") else FAMILIES[algorithm]


def default(algorithm: str, *, ca: bool) -> tuple[str, ...]:
    """Return the default key usages of a certificate."""
    if ca:
        return ("digital_signature", "key_cert_sign", "crl_sign")
    return ("digital_signature",) if family_of(algorithm).signs else ("key_encipherment",)


def broken(algorithm: str, usages: Sequence[str], *, ca: bool) -> str | None:
    """Return the rule that these usages violate, None if they are valid."""
    family = family_of(algorithm)
    if ca and not family.signs:
        return f"a key of {algorithm} cannot sign, so it is no CA's ({family.source})"
    if wrong := [name for name in usages if name not in family.allowed]:
        allowed = ", ".join(name for name in USAGES if name in family.allowed)
        return f"a key of {algorithm} is not for {wrong[0]}, only for {allowed} ({family.source})"
    if ca and "key_cert_sign" not in usages:
        return "a CA's key must be for key_cert_sign (RFC 5280, section 4.2.1.3)"
    if not ca and "key_cert_sign" in usages:
        return "only a CA's key is for key_cert_sign (RFC 5280, section 4.2.1.9)"
    if {"encipher_only", "decipher_only"} & set(usages) and "key_agreement" not in usages:
        return "encipher_only and decipher_only go with key_agreement (RFC 5280, section 4.2.1.3)"
    return None
