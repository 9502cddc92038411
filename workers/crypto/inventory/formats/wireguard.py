"""Keys of WireGuard in the files of wg-quick, systemd-networkd, NetworkManager and netplan.

Each is 32 bytes in base64.

Source: wg(8), systemd.netdev(5), NetworkManager's keyfile plugin.
"""

from __future__ import annotations

import base64
import re

from cryptography.hazmat.primitives.asymmetric import x25519

from novacron.migration.asset import Purpose
from shared.crypto.found import Findings, Found
from workers.crypto.inventory.formats import public_key
from workers.crypto.inventory.formats.private_key import OPEN

MARK = re.compile(rb"(?i)wireguard|^\s*\[(?:Interface|Peer)\]", re.MULTILINE)
BARE = re.compile(rb"\s*[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=\s*")
"""A file that consists of such a key, or any other 32 bytes in base64."""
_KEY = re.compile(
    r"(?im)^[ \t]*[\"']?(private|public|preshared|shared)?[-_]?key[\"']?"
    r"[ \t]*[=:][ \t]*[\"']?([A-Za-z0-9+/]{43}=)"
    r"|\[wireguard-peer\.([A-Za-z0-9+/]{43}=)\]"
)
PURPOSES: tuple[Purpose, ...] = ("confidentiality", "authenticity")


def keys(text: str, location: str) -> Findings:
    """Yield the distinct keys in a configuration."""
    for word, coded, peer in dict.fromkeys(_KEY.findall(text)):
        kind = "public" if peer else word.lower()
        data = base64.b64decode(peer or coded)
        if kind in ("preshared", "shared"):
            yield _shared(location)
        elif kind in ("private", ""):  # netplan's name is `key`
            yield _private(x25519.X25519PrivateKey.from_private_bytes(data), location)
        else:
            yield _public(x25519.X25519PublicKey.from_public_bytes(data), location)


def _private(key: x25519.X25519PrivateKey, location: str) -> Found:
    known = public_key.of_library(key.public_key())
    return Found(
        "key", "WireGuard private key", location, known.algorithm, None, PURPOSES, known.fingerprint,
        details={"form": "WireGuard", "private": True, "encrypted": False}, findings=(OPEN,),
    )  # fmt: skip


def _public(key: x25519.X25519PublicKey, location: str) -> Found:
    known = public_key.of_library(key)
    return Found(
        "key", "WireGuard public key", location, known.algorithm, None, PURPOSES, known.fingerprint,
        details={"form": "WireGuard", "private": False},
    )  # fmt: skip


def _shared(location: str) -> Found:
    """Return a preshared key, which protects recorded traffic from a quantum computer."""
    return Found(
        "key", "WireGuard preshared key", location, "ChaCha20-Poly1305", 256, ("confidentiality",),
        details={"form": "WireGuard", "private": True, "encrypted": False}, findings=(OPEN,),
    )  # fmt: skip
