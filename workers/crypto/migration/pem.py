"""A PEM file rewritten in the layout of the one it replaces, with the same kinds of contents."""

from __future__ import annotations

import re

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----\r?\n?", re.DOTALL)
_OF_THE_KEY = b"EC PARAMETERS"


def chained(data: bytes) -> bool:
    """Return whether PEM text contains a certificate."""
    return any(match[1].endswith(b"CERTIFICATE") for match in _BLOCK.finditer(data))


def n_keys(data: bytes) -> int:
    """Return the number of private keys in PEM text."""
    return sum(match[1].endswith(b"PRIVATE KEY") for match in _BLOCK.finditer(data))


def like(old: bytes, *, chain: bytes = b"", key: bytes = b"") -> bytes:
    """Return new content in the order of the old: certificates and private key replaced, the rest unchanged.

    HAProxy, for instance, reads the chain, the key and Diffie-Hellman parameters from one file.

    Args:
        old: content of the replaced file.
        chain: certificates in PEM, leaf first; added if the old file had none.
        key: private key in PEM, likewise.
    """
    parts: list[bytes] = []
    new = {b"CERTIFICATE": chain, b"PRIVATE KEY": key}
    for match in _BLOCK.finditer(old):
        kind = next((one for one in new if match[1].endswith(one)), None)
        if kind:
            parts.append(new.pop(kind))
        elif match[1] != _OF_THE_KEY and not match[1].endswith((b"CERTIFICATE", b"PRIVATE KEY")):
            parts.append(match[0])
    return b"".join([*parts, *new.values()])
