"""Envelopes in files: what is written appears under its name only when it is whole and verified."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from novacron.crypto import envelope
from novacron.crypto.envelope import Identity, Recipient
from novacron.crypto.header import Header
from novacron.crypto.keys import PrivateKey, PublicKey
from novacron.durable import settle
from novacron.errors import BadInput

PRIVATE_MODE = 0o600


@contextmanager
def reading(path: str | Path) -> Iterator[BinaryIO]:
    """A file opened to be read.

    Raises:
        BadInput: it cannot be.
    """
    try:
        file = Path(path).open("rb")
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", file=str(path)) from None
    with file:
        yield file


@contextmanager
def replacing(path: str | Path, mode: int = PRIVATE_MODE) -> Iterator[BinaryIO]:
    """A new file that takes the name once the block has ended well; else nothing is left of it.

    Raises:
        BadInput: no file can be made there.
    """
    path = Path(path)
    try:
        with _beside(path) as (file, name):
            yield file
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
            os.replace(name, path)
            settle(path.parent)
    except OSError as error:
        raise BadInput(f"cannot be written: {error.strerror}", file=str(path)) from None


@contextmanager
def _beside(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new hidden file in the same folder, and its name; removed where the block ends badly."""
    handle, text = tempfile.mkstemp(prefix=f".{path.name[:64]}.", dir=path.parent)
    name = Path(text)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file, name
    except BaseException:
        name.unlink(missing_ok=True)
        raise


def seal_file(
    path: str | Path,
    target: str | Path,
    recipients: Sequence[Recipient | PublicKey],
    *,
    context: str = "",
    classical: bool = False,
) -> Header:
    """Seal a file: see `envelope.seal`."""
    with reading(path) as source, replacing(target) as file:
        return envelope.seal(source, file, recipients, context=context, classical=classical)


def open_file(
    path: str | Path,
    target: str | Path,
    identity: Identity | PrivateKey,
    *,
    context: str = "",
    rewrapped: Callable[[Header], Header] | None = None,
) -> Header:
    """Open a file; the target is written when its last chunk has been verified: see `envelope.open_`."""
    with reading(path) as source, replacing(target) as file:
        return envelope.open_(source, file, identity, context=context, rewrapped=rewrapped)


def header_of(path: str | Path) -> Header:
    """The header of an envelope, not verified."""
    with reading(path) as source:
        return Header.read(source)


def rewrap_file(
    path: str | Path,
    identity: Identity | PrivateKey,
    *,
    add: Sequence[Recipient | PublicKey] = (),
    drop: Collection[str] = (),
    classical: bool = False,
) -> Header:
    """Change who can open a file, in place and all at once: see `envelope.rewrap`."""
    header = envelope.rewrap(header_of(path), identity, add=add, drop=drop, classical=classical)
    replace_header(path, header)
    return header


def replace_header(path: str | Path, header: Header) -> None:
    """Put another header before the same payload, in place and all at once.

    Raises:
        BadInput: the header belongs to another envelope.
    """
    with reading(path) as source:
        if Header.read(source).preamble != header.preamble:
            raise BadInput("the header belongs to another envelope", file=str(path))
        with replacing(path, os.fstat(source.fileno()).st_mode & 0o7777) as file:
            file.write(header.encode())
            shutil.copyfileobj(source, file, 1 << 20)
