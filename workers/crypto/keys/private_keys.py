"""Imported private keys, converted to the key store's format.

They are parsed by `novacron.crypto.private_keys`; this module decides which ones are stored, and in which
format. No message contains key material.
"""

from __future__ import annotations

from novacron.algorithms import ALGORITHMS as KNOWN
from novacron.crypto import private_keys
from novacron.crypto.keys import ALGORITHMS
from novacron.crypto.private_keys import Part
from novacron.crypto.suites import SUITES
from novacron.errors import BadInput
from workers.crypto.providers.pyca_keys import KEY_TYPES

_ALONE = {"P-256": "ECDSA-P256", "P-384": "ECDSA-P384", "X25519": "HPKE-X25519"}
"""Component -> algorithm of a key that consists only of it."""
_HPKE = {parts: name for name, parts in ALGORITHMS.items() if name in SUITES}


def import_private(data: bytes, password: str | None = None, usage: str | None = None) -> tuple[str, bytes]:
    """Return a private key's algorithm and its stored form.

    Args:
        data: input of `novacron.crypto.private_keys.read`.
        password: password of an encrypted key; ignored if the key is not encrypted.
        usage: the key's usage: an ML-KEM-1024 key can also decrypt, by HPKE, if requested.

    Raises:
        BadInput: it cannot be parsed, its parts are inconsistent, or the password is wrong or missing.
    """
    try:
        parts = private_keys.read(data, password)
    except BadInput as error:
        error.field = error.field or "private_key"
        raise
    names = tuple(part.name for part in parts)
    algorithm = _HPKE.get(names) if len(parts) > 1 or usage == "decrypt" else None
    if algorithm is None and len(parts) > 1:
        raise _refused(f"{' and '.join(names)} are not the keys of one algorithm")
    if algorithm and any(part.raw is not None and not part.seeded for part in parts):
        raise _refused("an ML-KEM key that decrypts must hold its seed")
    return algorithm or _ALONE.get(names[0], names[0]), b"".join(map(_stored, parts))


def _refused(rule: str, hint: str | None = None) -> BadInput:
    return BadInput(rule, field="private_key", hint=hint)


def _stored(part: Part) -> bytes:
    """Return the stored form of a component: the seed if it is known."""
    if part.raw is not None and part.name in KNOWN:
        if part.name.startswith(
            "SLH-DSA"
        ):  # liboqs expects the public key appended, which is its second half
            return part.raw + part.raw[len(part.raw) // 2 :]
        return part.raw
    if part.name not in KEY_TYPES:
        raise _refused("is of a type, curve or size that is not stored", f"stored are {', '.join(KEY_TYPES)}")
    return KEY_TYPES[part.name].dump_private(part.key)
