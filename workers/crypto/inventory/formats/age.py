"""Keys of age: identities, which are private, and recipients, which are public.

Source: age-encryption.org/v1 (C2SP); BIP 173 for their encoding, without its limit of 90 characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import x25519

from novacron.crypto.keys import PublicKey
from novacron.crypto.lattice_keys import XWING_SEED_BYTES, xwing
from novacron.migration.asset import Purpose
from shared.crypto.found import Findings, Found, unread
from workers.crypto.inventory.formats import public_key
from workers.crypto.inventory.formats.private_key import OPEN
from workers.crypto.inventory.formats.public_key import Key

MARKS = (b"AGE-SECRET-KEY-", b"AGE-PLUGIN-", b"age1")
PURPOSES: tuple[Purpose, ...] = ("confidentiality",)
_CHARACTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_KEY = re.compile(
    r"(?<![A-Za-z0-9])(AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{20,200}|AGE-PLUGIN-[A-Z0-9+._-]{1,40}?-1[A-Z0-9]{6,2000}"
    r"|age1[a-z0-9]{20,2200})(?![A-Za-z0-9])"
)
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_CHARACTERS = 6
_X25519_BYTES, _XWING_PUBLIC_BYTES = 32, 1216


def keys(text: str, location: str) -> Findings:
    """Yield the distinct keys in a text."""
    for word in dict.fromkeys(_KEY.findall(text)):
        prefix, _, _ = word.rpartition("1")
        if (data := _decoded(word.lower())) is None:
            if word[:3] == "AGE":  # age1... may be any word of a text
                yield unread(location, "an age identity that is damaged")
            continue
        yield _key(prefix.lower(), data, location)


def _key(prefix: str, data: bytes, location: str) -> Found:
    if prefix in ("age-secret-key-", "age-secret-key-pq-") and len(data) == XWING_SEED_BYTES:
        return _private(_hybrid(data) if "pq" in prefix else _classical(data), location)
    if prefix == "age" and len(data) == _X25519_BYTES:
        return _public(public_key.of_library(x25519.X25519PublicKey.from_public_bytes(data)), location)
    if prefix == "age1pq" and len(data) == _XWING_PUBLIC_BYTES:
        return _public(Key("X-Wing", None, PublicKey("X-Wing", data).fingerprint), location)
    return _plugin(prefix, location)


def _classical(seed: bytes) -> Key:
    return public_key.of_library(x25519.X25519PrivateKey.from_private_bytes(seed).public_key())


def _hybrid(seed: bytes) -> Key:
    return public_key.of_components(xwing(seed))


def _private(key: Key, location: str) -> Found:
    return Found(
        "key", f"age identity {key.algorithm}", location, key.algorithm, None, PURPOSES, key.fingerprint,
        details={"form": "age", "private": True, "encrypted": False}, findings=(OPEN,),
    )  # fmt: skip


def _public(key: Key, location: str) -> Found:
    return Found(
        "key", f"age recipient {key.algorithm}", location, key.algorithm, None, PURPOSES, key.fingerprint,
        details={"form": "age", "private": False},
    )  # fmt: skip


def _plugin(prefix: str, location: str) -> Found:
    """Return a key that only a plugin can use, such as one in a hardware token."""
    name = prefix.removeprefix("age-plugin-").removeprefix("age1").strip("-")
    private = prefix.startswith("age-")
    title = f"age {'identity' if private else 'recipient'} of the plugin {name}"
    details = {"form": "age", "private": private}
    return Found("key", title, location, f"age plugin {name}", purposes=PURPOSES, details=details)


def _decoded(word: str) -> bytes | None:
    """Return the bytes of a Bech32 word; None if it is invalid."""
    prefix, _, rest = word.rpartition("1")
    if len(rest) < _CHECKSUM_CHARACTERS or any(one not in _CHARACTERS for one in rest):
        return None
    values = [_CHARACTERS.index(one) for one in rest]
    expanded = [ord(one) >> 5 for one in prefix] + [0] + [ord(one) & 31 for one in prefix]
    if _checksum(expanded + values) != 1:
        return None
    bits = "".join(f"{value:05b}" for value in values[:-_CHECKSUM_CHARACTERS])
    whole = len(bits) // 8 * 8
    if len(bits) - whole > 4 or "1" in bits[whole:]:
        return None
    return int(bits[:whole] or "0", 2).to_bytes(whole // 8, "big")


def _checksum(values: Iterator[int] | list[int]) -> int:
    found = 1
    for value in values:
        top = found >> 25
        found = (found & 0x1FFFFFF) << 5 ^ value
        for number, generator in enumerate(_GENERATORS):
            if top >> number & 1:
                found ^= generator
    return found
