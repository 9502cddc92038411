"""Key files of services: PEM, JSON Web Keys, and sets of these.

Keys are identified by their SubjectPublicKeyInfo. Unreadable keys are left unchanged.

Source: RFC 7517 (sets), RFC 7518 and RFC 8037 (members), RFC 7638 (thumbprints), the registered type AKP of
ML-DSA.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, TypedDict, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization as encoding
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

from novacron.algorithms import ALGORITHMS
from novacron.crypto import PrivateKey, PublicKey
from novacron.crypto.library_keys import LATTICES
from novacron.errors import BadInput
from novacron.json_types import JsonObject

UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, UnsupportedAlgorithm)
_CURVES: dict[str, ec.EllipticCurve] = {
    "P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1(),
}  # fmt: skip
_MLDSA = {name: classes for name, classes in LATTICES.items() if ALGORITHMS[name].type == "signature"}


class Edwards(NamedTuple):
    """The library's classes for the keys of a curve."""

    public: type[ed25519.Ed25519PublicKey | ed448.Ed448PublicKey]
    private: type[ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey]


_OKP = {
    "Ed25519": Edwards(ed25519.Ed25519PublicKey, ed25519.Ed25519PrivateKey),
    "Ed448": Edwards(ed448.Ed448PublicKey, ed448.Ed448PrivateKey),
}


class Jwk(TypedDict, total=False):
    """A JSON Web Key, as standardized: numbers and keys in URL-safe base64."""

    kty: str
    alg: str
    crv: str
    x: str
    y: str
    n: str
    e: str
    d: str
    pub: str
    priv: str


_PUBLIC_PEM = re.compile(r"-----BEGIN ((?:RSA )?PUBLIC KEY)-----.*?-----END \1-----\n?", re.DOTALL)


def identity(public: Any) -> str:
    """Return the SHA-256 of a public key's SubjectPublicKeyInfo."""
    form = (encoding.Encoding.DER, encoding.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(public.public_bytes(*form)).hexdigest()


class Published:
    """The public keys in a text.

    Args:
        text: a JSON Web Key Set, or PEM.

    Raises:
        BadInput: it is neither.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._set = _json(text)
        if self._set is None and "-----BEGIN" not in text and text.strip():
            raise BadInput("is neither a JSON Web Key Set nor PEM")
        if self._set is not None and not isinstance(self._set.get("keys"), list):
            raise BadInput('is JSON without a list of "keys"')

    def keys(self) -> dict[str, PublicKeyTypes]:
        """Return identity -> the library's public key, for readable keys."""
        return dict(self._readable())

    def added(self, public: PublicKey) -> str:
        """Return the text with a key appended, unless it contains it."""
        if identity(public.components[0]) in self.keys():
            return self._text
        if self._set is None:
            return self._text + ("" if self._text.endswith("\n") or not self._text else "\n") + public.pem()
        return self._written([*self._set["keys"], public_jwk(public)])

    def removed(self, name: str) -> str:
        """Return the text without the key of this identity, if it contains it."""
        if name not in self.keys():
            return self._text
        if self._set is None:
            return _PUBLIC_PEM.sub(
                lambda block: "" if _pem_identity(block[0]) == name else block[0], self._text
            )
        return self._written([one for one in self._set["keys"] if _jwk_identity(one) != name])

    def _readable(self) -> Iterator[tuple[str, PublicKeyTypes]]:
        blocks = _PUBLIC_PEM.finditer(self._text) if self._set is None else ()
        for one in (*(block[0] for block in blocks), *(self._set["keys"] if self._set else ())):
            try:
                key = encoding.load_pem_public_key(one.encode()) if isinstance(one, str) else public_of(one)
                yield identity(key), key
            except UNREADABLE:
                continue

    def _written(self, keys: list[Any]) -> str:
        return _as_before(self._text, {**(self._set or {}), "keys": keys})


def in_use(text: str) -> Any:
    """Return the library's private key that a service signs with: the only one, or the first of a set.

    Raises:
        BadInput: none can be read without a password.
    """
    document = _json(text)
    try:
        if document is None:
            return encoding.load_pem_private_key(text.encode(), None)
        return _private_of(cast(Jwk, document["keys"][0] if "keys" in document else document))
    except (*UNREADABLE, IndexError):
        raise BadInput("holds no private key that can be read without a password") from None


def with_in_use(text: str, key: PrivateKey) -> str:
    """Return the text with another key in use, in the previous format; a set keeps its other keys after it.

    Raises:
        BadInput: the format cannot represent the key.
    """
    document = _json(text)
    if document is None and text.count("-----BEGIN") > 1:
        hint = "a key with its certificate is a target of the kind haproxy or certificate"
        raise BadInput("holds more than a private key", hint=hint)
    if document is None:
        return key.pem()
    if "keys" in document:
        return _as_before(text, {**document, "keys": [private_jwk(key), *document["keys"]]})
    return _as_before(text, private_jwk(key))


def without_others(text: str, name: str) -> str:
    """Return the text without the private key of this identity, if it is a set with others."""
    document = _json(text)
    if document is None or "keys" not in document:
        return text
    return _as_before(
        text, {**document, "keys": [one for one in document["keys"] if _jwk_identity(one) != name]}
    )


def public_jwk(key: PublicKey) -> dict[str, str]:
    """Return a public key as a JSON Web Key for signatures, with its thumbprint as id.

    Raises:
        BadInput: no standard form exists for it.
    """
    if key.algorithm in _MLDSA:
        made = {"alg": key.algorithm, "kty": "AKP", "pub": _text(key.raw)}
    elif key.algorithm == "Ed25519":
        made = {"crv": "Ed25519", "kty": "OKP", "x": _text(key.raw)}
    else:
        raise BadInput(
            f"no JSON Web Key is made of {key.algorithm}", hint=f"use {', '.join(_MLDSA)} or Ed25519"
        )
    canonical = json.dumps(made, sort_keys=True, separators=(",", ":")).encode()
    return {**made, "use": "sig", "kid": _text(hashlib.sha256(canonical).digest())}


def private_jwk(key: PrivateKey) -> dict[str, str]:
    """Return a private key as a JSON Web Key."""
    secret = _text(key.components[0].private_bytes_raw())
    return {**public_jwk(key.public), "priv" if key.algorithm in _MLDSA else "d": secret}


def public_of(jwk: Jwk) -> PublicKeyTypes:
    """Return the library's public key of a JSON Web Key.

    Raises:
        ValueError: it is malformed, or of a type that does not sign.
    """
    kind = jwk["kty"]
    if kind == "RSA":
        return rsa.RSAPublicNumbers(_number(jwk["e"]), _number(jwk["n"])).public_key()
    if kind == "EC":
        point = ec.EllipticCurvePublicNumbers(_number(jwk["x"]), _number(jwk["y"]), _CURVES[jwk["crv"]])
        return point.public_key()
    if kind == "OKP":
        return _OKP[jwk["crv"]].public.from_public_bytes(_bytes(jwk["x"]))
    if kind == "AKP":
        found: PublicKeyTypes = _MLDSA[jwk["alg"]].public.from_public_bytes(_bytes(jwk["pub"]))
        return found
    raise ValueError(f"unknown type of key {kind}")


def _private_of(jwk: Jwk) -> PrivateKeyTypes:
    kind = jwk["kty"]
    if kind == "AKP":
        found: PrivateKeyTypes = _MLDSA[jwk["alg"]].private.from_seed_bytes(_bytes(jwk["priv"]))
        return found
    if kind == "OKP":
        return _OKP[jwk["crv"]].private.from_private_bytes(_bytes(jwk["d"]))
    if kind == "EC":
        return ec.derive_private_key(_number(jwk["d"]), _CURVES[jwk["crv"]])
    if kind == "RSA":
        n, e, d = (_number(jwk[name]) for name in ("n", "e", "d"))
        p, q = rsa.rsa_recover_prime_factors(n, e, d)
        parts = (rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q))
        return rsa.RSAPrivateNumbers(p, q, d, *parts, rsa.RSAPublicNumbers(e, n)).private_key()
    raise ValueError(f"unknown type of key {kind}")


def _jwk_identity(jwk: Any) -> str | None:
    try:
        return identity(public_of(jwk))
    except UNREADABLE:
        return None


def _pem_identity(block: str) -> str | None:
    try:
        return identity(encoding.load_pem_public_key(block.encode()))
    except UNREADABLE:
        return None


def _json(text: str) -> dict[str, Any] | None:
    """Return the object in a text; None if it is no JSON object."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _as_before(before: str, document: JsonObject) -> str:
    """Format JSON like the previous text: on one line or several, with or without a final newline."""
    one_line = "\n" not in before.strip()
    made = json.dumps(document, separators=(",", ":")) if one_line else json.dumps(document, indent=2)
    return made + ("\n" if before.endswith("\n") else "")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _number(text: str) -> int:
    return int.from_bytes(_bytes(text), "big")
