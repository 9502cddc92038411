"""Private keys: only their algorithm, size and public key are reported."""

from __future__ import annotations

from dataclasses import replace

from cryptography.exceptions import UnsupportedAlgorithm

from novacron.crypto import pkcs8, private_keys
from novacron.migration import Finding
from shared.crypto.found import Found
from workers.crypto.inventory.formats import public_key
from workers.crypto.inventory.formats.public_key import UNREADABLE, Key

ENCRYPTED = "unknown, encrypted"
HIDDEN = Finding(severity="info", text="encrypted with a password: its algorithm cannot be seen")
OUTDATED = Finding(severity="medium", text="encrypted by a scheme that is outdated: re-encrypt it with PBES2")
OPEN = Finding(severity="low", text="a private key without a password")


def found(key: Key, location: str, form: str) -> Found:
    """Return the asset of an unencrypted private key."""
    return Found(
        "key", f"private key {key.algorithm}", location, key.algorithm, key.bits, (), key.fingerprint,
        details={"form": form, "private": True, "encrypted": False}, findings=(OPEN,),
    )  # fmt: skip


def encrypted(location: str, form: str, algorithm: str = ENCRYPTED) -> Found:
    """Return the asset of an encrypted private key or key store."""
    return Found(
        "key", form, location, algorithm,
        details={"form": form, "private": True, "encrypted": True}, findings=(HIDDEN,),
    )  # fmt: skip


def der(data: bytes, location: str) -> Found:
    """Return a private key in DER: PKCS #8 (RFC 5958), or a traditional format.

    Raises:
        ValueError: it is none.
    """
    if pkcs8.is_encrypted(data):
        return sealed(data, location)
    try:
        return found(_key(data), location, "PKCS#8 or traditional")
    except UNREADABLE:
        raise ValueError("not a private key that can be read") from None


def sealed(data: bytes, location: str) -> Found:
    """Return an EncryptedPrivateKeyInfo with its encryption algorithm."""
    made = encrypted(location, "encrypted private key")
    scheme = pkcs8.scheme(data)
    outdated = () if scheme == pkcs8.PBES2 else (OUTDATED,)
    named = {"encryption": "PBES2" if scheme == pkcs8.PBES2 else pkcs8.name_of(scheme)}
    return replace(made, details={**made.details, **named}, findings=(*made.findings, *outdated))


def _key(data: bytes) -> Key:
    try:
        parts = private_keys.of_der(data, checked=False)
    except UnsupportedAlgorithm:
        oid = pkcs8.info(data).oid
        return Key(public_key.NAMES.get(oid, oid))
    if len(parts) > 1:
        return public_key.of_components([one.key for one in parts])
    (part,) = parts
    return public_key.of_der(part.public) if part.public else Key(part.name)
