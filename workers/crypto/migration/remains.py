"""Remaining copies of a private key after a migration has removed the server's copy."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, TypedDict

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)

from workers.crypto.inventory.formats import pkcs12

LARGEST_BYTES = 1 << 18
BACKUPS = "backups made before are not looked for"
_PRIVATE = re.compile(rb"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)
_STORES = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
"""Magic numbers of Java key stores, JKS and JCEKS; their private keys always have a password."""


class Origin(TypedDict):
    """Real location of a file with a private key, as JSON.

    Attributes:
        path: resolved path of the file.
        links: number of its hard links.
        file: device and inode; empty if there is no file.
    """

    path: str
    links: int
    file: list[int]


def private_keys(data: bytes) -> bytes:
    """Return only the private keys in PEM text; empty if there are none."""
    return b"".join(match[0] + b"\n" for match in _PRIVATE.finditer(data))


def marks(data: bytes) -> frozenset[bytes]:
    """Return identifiers of a file's private keys: public keys in DER, or PEM text if encrypted."""
    found = frozenset(_mark(match[0]) for match in _PRIVATE.finditer(data))
    return found or frozenset(map(_public, _binary(data)))


def is_closed(data: bytes) -> bool:
    """Return whether it is a private key, or a key store, that requires a password."""
    if data.startswith(_STORES) or b"ENCRYPTED" in private_keys(data):
        return True
    if pkcs12.is_one(data):
        return pkcs12.opened(data) is None
    try:
        return not load_der_private_key(data, None)
    except TypeError:
        return True
    except (ValueError, UnsupportedAlgorithm):
        return False


def _mark(block: bytes) -> bytes:
    try:
        return _public(load_pem_private_key(block, None))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return b"".join(block.split())


def _public(private: Any) -> bytes:
    found: bytes = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return found


def _binary(data: bytes) -> list[Any]:
    """Return the private key in DER, or in a PKCS #12 file without a password."""
    if pkcs12.is_one(data):
        store = pkcs12.opened(data)
        return [store.key] if store and store.key else []
    try:
        return [load_der_private_key(data, None)]
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return []


def origins(paths: Iterable[Path]) -> list[Origin]:
    """Return the real location of each file with a private key, and its number of hard links."""
    found = {path.resolve() for path in paths if marks(read(path))}
    return [
        {"path": str(path), "links": path.is_file() and path.stat().st_nlink, "file": _identity(path)}
        for path in sorted(found)
    ]


def left(
    old: frozenset[bytes],
    near: Sequence[Path],
    were: Sequence[Origin],
    mine: Collection[Path] = (),
) -> list[str]:
    """Describe remaining copies of a private key: in nearby folders, and under hard links of its file.

    Args:
        old: identifiers of the key.
        near: folders to search, not recursively.
        were: result of `origins` before the key was replaced.
        mine: files about to be replaced.
    """
    there = [path for folder in sorted({*near}) for path in _files(folder) if path not in mine]
    holding, closed = [], []
    for path in there:
        data = read(path)
        if old & marks(data):
            holding.append(path)
        elif is_closed(data):
            closed.append(path)
    remains = [f"{path} still contains it" for path in holding]
    remains += [f"{path} has a password and may contain it" for path in closed]
    for was in were:
        # A file replaced under its own name has lost that hard link.
        known = sum(_identity(path) == was["file"] for path in holding)
        if (hidden := was["links"] - known - (Path(was["path"]) not in holding)) > 0:
            remains.append(
                f"{hidden} more names (hard links) of the file that was {was['path']} still contain it"
            )
    return remains


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
    except OSError:
        return []


def read(path: Path) -> bytes:
    """Return a small file's content; empty if it cannot be read."""
    try:
        return path.read_bytes() if path.is_file() and path.stat().st_size <= LARGEST_BYTES else b""
    except OSError:
        return b""


def _identity(path: Path) -> list[int]:
    try:
        found = os.stat(path)
    except OSError:
        return []
    return [found.st_dev, found.st_ino]
