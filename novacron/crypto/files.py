"""Envelopes in files: output appears under its name only once it is complete and verified."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from novacron.crypto import envelope
from novacron.crypto.envelope import Identity, Recipient
from novacron.crypto.header import Header
from novacron.crypto.keys import PrivateKey, PublicKey
from novacron.destination import SECRET, Destination
from novacron.durable import placing
from novacron.errors import BadInput


@contextmanager
def reading(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file for reading.

    Raises:
        BadInput: it cannot be read.
    """
    try:
        file = Path(path).open("rb")
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", file=str(path)) from None
    with file:
        yield file


def seal_file(
    path: str | Path,
    target: str | Path,
    recipients: Sequence[Recipient | PublicKey],
    *,
    context: str = "",
    classical: bool = False,
) -> Header:
    """Encrypt a file: see `envelope.seal`."""
    into = Destination(target, replace=True, mode=SECRET)
    with reading(path) as source, into.writing() as file:
        return envelope.seal(source, file, recipients, context=context, classical=classical)


def open_file(
    path: str | Path,
    target: str | Path,
    identity: Identity | PrivateKey,
    *,
    context: str = "",
    rewrapped: Callable[[Header], Header] | None = None,
) -> Header:
    """Decrypt a file; the target appears once its last chunk has been verified: see `envelope.open_`."""
    into = Destination(target, replace=True, mode=SECRET)
    with reading(path) as source, into.writing() as file:
        return envelope.open_(source, file, identity, context=context, rewrapped=rewrapped)


def header_of(path: str | Path) -> Header:
    """Return the header of an envelope, unverified."""
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
    """Change who can open a file, atomically and in place: see `envelope.rewrap`."""
    header = envelope.rewrap(header_of(path), identity, add=add, drop=drop, classical=classical)
    replace_header(path, header)
    return header


def replace_header(path: str | Path, header: Header) -> None:
    """Replace the header of an envelope file, atomically and in place.

    The file keeps its owner, group, permissions, attributes and modification time; a symbolic link stays one.

    Raises:
        BadInput: the header belongs to another envelope, or the file cannot be written.
    """
    real = Path(os.path.realpath(path))
    with reading(real) as source:
        if Header.read(source).preamble != header.preamble:
            raise BadInput("the header belongs to another envelope", file=str(path))
        try:
            with placing(real, like=real, keep_time=True) as file:
                file.write(header.encode())
                shutil.copyfileobj(source, file, 1 << 20)
        except OSError as error:
            raise BadInput(f"cannot be written: {error.strerror}", file=str(path)) from None
