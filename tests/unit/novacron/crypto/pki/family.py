"""Certificates of made-up CAs and servers, with real keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import mlkem, rsa

from novacron.crypto import PrivateKey
from novacron.specs.crypto import key_usage
from novacron.specs.crypto.extensions import Extensions
from workers.crypto.pki.issuing import Issuer, Profile, issue, self_signed

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HOST = "web.example.org"


@cache
def key(algorithm: str, whose: str = "") -> Any:
    """One private key for each name: making them anew would only cost time."""
    match algorithm:
        case "ML-KEM-768":
            return mlkem.MLKEM768PrivateKey.generate()
        case "RSA-3072":
            return rsa.generate_private_key(65537, 3072)
        case _:
            return PrivateKey.generate(algorithm).components[0]


def profile(
    name: str, algorithm: str, *, ca: bool = False, path_length: int | None = None, days: float = 90,
    begin: datetime = NOW, usages: tuple[str, ...] = (), **extensions: Any,
) -> Profile:  # fmt: skip
    """What a certificate of that name says."""
    constraints = {"ca": ca, "path_length": path_length}
    return Profile(
        (("CN", name), ("O", "Example")), begin, begin + days * DAY,
        usages or key_usage.default(algorithm, ca=ca),
        Extensions(basic_constraints=constraints, **extensions),
    )  # fmt: skip


@dataclass(frozen=True)
class Family:
    """A root, a CA below it, and a server's certificate."""

    root: Issuer
    middle: Issuer
    leaf: x509.Certificate


def root(algorithm: str = "ML-DSA-65", name: str = "root", **more: Any) -> Issuer:
    private = key(algorithm, name)
    return Issuer(self_signed(profile(name, algorithm, ca=True, **{"days": 3650, **more}), private), private)


def below(issuer: Issuer, algorithm: str, name: str = "middle", **more: Any) -> Issuer:
    private = key(algorithm, name)
    wanted = profile(name, algorithm, ca=True, **{"days": 1000, **more})
    return Issuer(issue(wanted, private.public_key(), issuer), private)


def server(issuer: Issuer, algorithm: str = "ML-DSA-65", **more: Any) -> x509.Certificate:
    names = {"subject_alternative_names": (HOST, "127.0.0.1"), "extended_key_usage": ("server_auth",)}
    return issue(profile("web", algorithm, **{**names, **more}), key(algorithm, "web").public_key(), issuer)


def family(top: str = "ML-DSA-65", middle: str = "ML-DSA-65", leaf: str = "ML-DSA-65") -> Family:
    first = root(top)
    second = below(first, middle, path_length=0)
    return Family(first, second, server(second, leaf))
