"""The envelopes of a folder: their recipients, and changes of these."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from novacron.crypto import Header, Identity, Recipient, header_of, rewrap, rewrap_file
from novacron.errors import BadInput, NotAuthentic
from workers.crypto.migration.action import ProofError
from workers.crypto.migration.targets import Envelopes


def headers(target: Envelopes) -> dict[str, Header]:
    """Return the folder's envelopes with their unverified headers, sorted by name.

    Links are not followed.

    Raises:
        BadInput: there is no such folder.
        ProofError: a file is no envelope.
    """
    if not target.folder.is_dir():
        raise BadInput(
            "there is no such folder", field=f"targets.{target.name}.folder", value=str(target.folder)
        )
    found = (path for path in target.folder.rglob(target.pattern) if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(target.folder)): header(path) for path in sorted(found)}


def hidden(target: Envelopes, folders: Iterable[Path]) -> dict[Path, int]:
    """Return the folder's envelopes with hard links elsewhere, and the number of these.

    An envelope is replaced under its known name, and keeps its old header under others.

    Args:
        target: the folder.
        folders: folders in which names are known.
    """
    found = [target.folder / name for name in headers(target)]
    linked = {path: path.stat() for path in found if path.stat().st_nlink > 1}
    if not linked:
        return {}
    names = {path.absolute() for folder in folders for path in folder.rglob("*") if path.is_file()}
    stats = (path.stat() for path in names if not path.is_symlink())
    known = Counter((one.st_dev, one.st_ino) for one in stats)
    left = {path: one.st_nlink - known[one.st_dev, one.st_ino] for path, one in linked.items()}
    return {path: count for path, count in left.items() if count > 0}


def header(path: Path) -> Header:
    """Return an envelope's unverified header.

    Raises:
        ProofError: it is no envelope.
    """
    try:
        return header_of(path)
    except (BadInput, NotAuthentic) as error:
        raise ProofError(f"{path}: {error}") from error


def check_opens(path: Path, identity: Identity) -> None:
    """Open an envelope's data key and authenticate its header.

    Raises:
        ProofError: it does not open.
    """
    try:
        rewrap(header_of(path), identity)
    except (BadInput, NotAuthentic) as error:
        raise ProofError(f"{path}: {error}") from error


def change(
    path: Path, identity: Identity, *, add: Sequence[Recipient] = (), drop: Sequence[str] = ()
) -> None:
    """Change the recipients of an envelope atomically and in place; its payload is unchanged.

    A classical recipient is permitted, since a rollback restores it.

    Raises:
        ProofError: it does not open with this identity, or its payload has changed.
    """
    before = _payload(path)
    try:
        rewrap_file(path, identity, add=add, drop=drop, classical=True)
    except (BadInput, NotAuthentic) as error:
        raise ProofError(f"{path}: {error}") from error
    if _payload(path) != before:
        raise ProofError(f"{path}: its payload changed while its header was replaced")


def _payload(path: Path) -> bytes:
    """Return the SHA-256 of the payload."""
    with path.open("rb") as source:
        Header.read(source)
        return hashlib.file_digest(source, "sha256").digest()
