"""Private keys: their algorithm, size and public half, and never anything else of them."""

from __future__ import annotations

from Crypto import IncorrectPassphraseError, PassphraseRequiredError
from Crypto.IO import PKCS8
from Crypto.PublicKey import MLDSA, MLKEM
from cryptography.hazmat.primitives.serialization import load_der_private_key

from novacron.migration import Finding
from shared.found import Found
from workers.inventory import public_key
from workers.inventory.public_key import UNREADABLE, Key

ENCRYPTED = "unknown, encrypted"
HIDDEN = Finding(severity="info", text="encrypted with a password: its algorithm cannot be seen")
OPEN = Finding(severity="low", text="a private key without a password")


def found(key: Key, location: str, form: str) -> Found:
    """The asset of a private key that lies open."""
    return Found(
        "key", f"private key {key.algorithm}", location, key.algorithm, key.bits, (), key.fingerprint,
        details={"form": form, "private": True, "encrypted": False}, findings=(OPEN,),
    )  # fmt: skip


def encrypted(location: str, form: str, algorithm: str = ENCRYPTED) -> Found:
    """The asset of a private key, or of a store of keys, that is encrypted."""
    return Found(
        "key", form, location, algorithm,
        details={"form": form, "private": True, "encrypted": True}, findings=(HIDDEN,),
    )  # fmt: skip


def der(data: bytes, location: str) -> Found:
    """A private key in DER: PKCS #8 (RFC 5958), or a traditional form.

    Raises:
        ValueError: it is none.
    """
    try:
        return found(_key(data), location, "PKCS#8 or traditional")
    except (PassphraseRequiredError, IncorrectPassphraseError):
        return encrypted(location, "encrypted private key")
    except UNREADABLE:
        raise ValueError("not a private key that can be read") from None


def _key(data: bytes) -> Key:
    try:
        oid = str(PKCS8.unwrap(data).oid)
    except (PassphraseRequiredError, IncorrectPassphraseError):
        raise
    except UNREADABLE:
        oid = ""
    name = public_key.NAMES.get(oid, "")
    if name.startswith(("ML-DSA", "ML-KEM")):  # whose three forms only this library reads
        lattice = MLDSA if name.startswith("ML-DSA") else MLKEM
        return public_key.of_der(lattice.import_key(data).public_key().export_key(format="DER"))
    if name.startswith("SLH-DSA"):
        return Key(name)
    return public_key.of_library(load_der_private_key(data, None).public_key())
