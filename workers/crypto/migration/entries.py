"""All envelopes in a folder, and files that may be one, including those that a migration leaves alone.

The guard checks these before a private key is erased: an unreadable file may be sealed for that key.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from novacron.crypto import Header, header_of
from novacron.crypto.header import MAGIC
from novacron.errors import BadInput, NotAuthentic

_UNFINISHED = re.compile(r"\.(.{1,64})\.[a-z0-9_]{8}")
"""Temporary names of `novacron.crypto.files`, which a killed process leaves behind."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An envelope, or a file that may be one.

    Attributes:
        path: where it was found.
        header: not verified; None if it could not be read.
        trouble: why a migration does not change it; empty if it does.
    """

    path: Path
    header: Header | None
    trouble: str = ""


def entries(folder: Path, pattern: str) -> Iterator[Entry]:
    """Yield every envelope in a folder at any depth, whatever its name and through all links.

    Links to folders are followed once each. Files that neither match the pattern nor begin like an envelope
    are skipped.

    Args:
        folder: an existing folder.
        pattern: the files that a migration takes for envelopes.
    """
    yield from _Walk(folder, pattern).below(folder)


class _Walk:
    def __init__(self, folder: Path, pattern: str) -> None:
        self._pattern = pattern
        self._fitting = {path for path in folder.rglob(pattern) if not path.is_symlink()}
        self._root = folder.resolve()
        self._seen = {self._root}

    def below(self, folder: Path, *, linked: bool = False) -> Iterator[Entry]:
        try:
            names = sorted(os.listdir(folder))
        except OSError as error:
            yield Entry(folder, None, f"cannot be read: {error.strerror}")
            return
        for path in (folder / name for name in names):
            if path.is_symlink():
                yield from self._link(path)
            elif path.is_dir():
                if not linked or self._first(path.resolve()):
                    yield from self.below(path, linked=linked)
            else:
                yield from self._file(path, f"is in a linked folder, {folder}" if linked else "")

    def _link(self, path: Path) -> Iterator[Entry]:
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError):
            yield Entry(path, None, f"is a link to {os.readlink(path)}, which is not there")
            return
        if self._root.is_relative_to(real):
            if real != self._root:
                yield Entry(path, None, f"is a link to {real}, above this folder, and is not followed")
        elif real.is_relative_to(self._root):
            return  # it is found under its own name
        elif not real.is_dir():
            yield from self._file(path, f"is a link to {real}")
        elif self._first(real):
            yield from self.below(path, linked=True)

    def _first(self, real: Path) -> bool:
        """Return whether an outside folder is visited for the first time."""
        if real in self._seen:
            return False
        self._seen.add(real)
        return True

    def _file(self, path: Path, trouble: str) -> Iterator[Entry]:
        fits = path in self._fitting
        if not path.is_file():
            if fits:
                yield Entry(path, None, "is no regular file")
            return
        try:
            with path.open("rb") as source:
                envelope = source.read(len(MAGIC)) == MAGIC
            if not envelope and not fits:
                return
            header = header_of(path)
        except (OSError, BadInput, NotAuthentic) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            yield Entry(path, None, f"cannot be read: {why}")
            return
        if not _left_over(path, header):
            odd = "" if fits else f"has a name that does not fit {self._pattern}"
            yield Entry(path, header, trouble or odd)


def _left_over(path: Path, header: Header) -> bool:
    """Return whether it is a killed process's leftover of the complete envelope beside it."""
    name = _UNFINISHED.fullmatch(path.name)
    if name is None:
        return False
    try:
        beside = header_of(path.with_name(name[1]))
    except (BadInput, NotAuthentic):
        return False
    return beside.preamble == header.preamble
