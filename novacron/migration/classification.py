"""Classification of algorithm names, and their quantum vulnerability.

Inventories use names from many sources: X.509, TLS groups, SSH, JOSE, this project's registry.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

AlgorithmType = Literal["kem", "signature", "encryption", "group", "ssh_kex", "any", "symmetric"]
Status = Literal["classical", "round3", "draft", "standard"]

# Security strength by size of the modulus. Source: NIST SP 800-57 part 1 rev. 5, table 2.
_MODULUS_BITS = ((15360, 256), (7680, 192), (3072, 128), (2048, 112), (1024, 80))


@dataclass(frozen=True, slots=True)
class Classification:
    """What an algorithm's name reveals about it.

    Attributes:
        name: the name found.
        type: `any` is a key that may both sign and encrypt; `group` is a TLS key exchange with a post-quantum
            part, `ssh_kex` one of SSH.
        status: `round3` are submissions that are incompatible with the standards derived from them.
        strength_bits: strength against classical computers; None if the name does not determine it.
    """

    name: str
    type: AlgorithmType
    status: Status
    strength_bits: int | None = None

    @property
    def quantum_vulnerable(self) -> bool:
        """Whether Shor's algorithm breaks it."""
        return self.status == "classical" and self.type != "symmetric"


def _modulus(name: str) -> int | None:
    sizes = [int(size) for size in re.findall(r"\d{4,5}", name)]
    return next((bits for size, bits in _MODULUS_BITS if sizes and sizes[0] >= size), None)


def _curve(name: str) -> int | None:
    """Return half the size of the curve."""
    if "25519" in name:
        return 128
    if "448" in name:
        return 224
    sizes = [int(size) for size in re.findall(r"(?<!sha)(?:192|224|256|320|384|512|521)", name)]
    return min(sizes[-1] // 2, 256) if sizes else None


def _none(name: str) -> None:
    return None


_CURVES = r"(?:secp|p|prime|nistp|brainpoolp)-?\d{3}[a-z]?\d?"
_Row = tuple[str, AlgorithmType, Status, Callable[[str], int | None]]
_TABLE: tuple[_Row, ...] = (
    # Post-quantum, including hybrids with a post-quantum part.
    (r"(?:x25519|secp\d{3}r1|x448|curvesm2)-?ml-?kem-?\d+", "group", "standard", _none),
    (r"mlkem\d+", "group", "standard", _none),
    (r"sntrup761x25519.*|mlkem768x25519.*", "ssh_kex", "standard", _none),
    (r"(?:x25519|secp\d{3}r1)-?kyber-?\d+.*", "group", "round3", _none),
    (r"x-?wing|mlkem\d+[-_](?:p\d+|x25519)|hpke-(?:x-wing|ml-kem.*)", "encryption", "draft", _none),
    (r"ml-kem-(?:512|768|1024)", "kem", "standard", _none),
    (r"(?:hqc|frodokem|efrodokem|classic-mceliece|sntrup|bike|ntru)\b.*", "kem", "draft", _none),
    (r"kyber-?\d+.*", "kem", "round3", _none),
    (r"(?:id-)?(?:hash)?-?ml-?dsa-?(?:44|65|87).*", "signature", "standard", _none),
    (r"slh-?dsa-.*|(?:hss|lms|xmss|xmssmt)\b.*", "signature", "standard", _none),
    (r"(?:falcon|fn-dsa)-?\d+.*", "signature", "draft", _none),
    (r"dilithium-?\d.*|sphincs.*", "signature", "round3", _none),
    # Classical public-key algorithms.
    (r"hpke-.*|ecies.*", "encryption", "classical", _curve),
    (r"rsa-?(?:oaep|kem|es).*", "encryption", "classical", _modulus),
    (r"rsa-?(?:pss|ssa|pkcs|sign|sha).*|rsassa.*|sha\d*-?withrsa.*", "signature", "classical", _modulus),
    (r"ssh-rsa.*|[rp]s\d{3}", "signature", "classical", _none),
    (r"rsa(?:-?\d+)?|rsaencryption", "any", "classical", _modulus),
    (r"ecdsa.*|es\d{3}k?|sk-(?:ecdsa|ssh).*", "signature", "classical", _curve),
    (r"(?:ssh-)?ed-?(?:25519|448).*|eddsa.*", "signature", "classical", _curve),
    (r"dsa(?:-?\d+)?|ssh-dss", "signature", "classical", _modulus),
    (r"x25519|x448|curve25519.*|ecdhe?.*|" + _CURVES, "kem", "classical", _curve),
    (r"(?:ffdhe|dhe?)(?:-?\d+)?|diffie-hellman.*|modp\d+", "kem", "classical", _modulus),
    (r"ec(?:-?(?:" + _CURVES + r"))?", "any", "classical", _curve),
    # Symmetric: AES-256 and SHA-384 need no replacement.
    (r"(?:aes|chacha20|3des|des|camellia|hmac|sha|blake)\b.*", "symmetric", "classical", _none),
    (r"(?:aes|sha|hs)-?\d+.*|a\d{3}.*", "symmetric", "classical", _none),
)  # fmt: skip
_PATTERNS = [(re.compile(pattern), kind, status, bits) for pattern, kind, status, bits in _TABLE]


def classify(name: str, key_bits: int | None = None) -> Classification | None:
    """Classify a name; None if it is unknown.

    Args:
        name: an algorithm, group or signature scheme; case and `_` do not matter.
        key_bits: size of the key, if the name does not contain it.
    """
    plain = name.strip().lower().replace("_", "-")
    for pattern, kind, status, bits in _PATTERNS:
        if pattern.fullmatch(plain):
            sized = f"{plain}-{key_bits}" if key_bits and bits(plain) is None else plain
            return Classification(name, kind, status, bits(sized))
    return None
