"""Tar archives, read as a stream: their regular files, one after the other.

The library's reader allocates as much memory as a header requests; this one never holds more than one file.

Source: POSIX.1-2017, pax interchange format; GNU tar, "Basic Tar Format".
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from workers.crypto.inventory.compressed import Readable

BLOCK = 512
_LONGEST_NAME = 1 << 16
_PIECE = 1 << 16
_SPARSE = tarfile.GNUTYPE_SPARSE
_EMPTY = (
    tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE,
)  # fmt: skip
_PAX = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
_RECORD = re.compile(rb"(?:^|\n)\d+ (path|size)=([^\n]*)")


class DamagedError(ValueError):
    """The archive is invalid from here on."""


@dataclass(frozen=True, slots=True)
class Member:
    """A regular file in an archive.

    Attributes:
        name: its path in the archive.
        size: its length in bytes.
        data: its contents; None if it exceeds the requested size.
    """

    name: str
    size: int
    data: bytes | None = field(repr=False)


def is_one(head: bytes) -> bool:
    """Return whether a stream with this start is a tar archive."""
    if len(head) < BLOCK or not head[0]:
        return False
    try:
        tarfile.TarInfo.frombuf(head[:BLOCK], "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return False
    return True


def members(head: bytes, source: Readable, largest_bytes: int) -> Iterator[Member]:
    """Yield the regular files of an archive.

    Args:
        head: its first block, already read.
        source: the rest of the stream.
        largest_bytes: the contents of larger files are skipped.

    Raises:
        DamagedError: it is truncated, or has an invalid header or a sparse file.
    """
    name, size, block = "", None, head
    while block.strip(b"\0"):
        info = _header(block)
        if info.type == tarfile.GNUTYPE_LONGNAME:
            name = _text(source, info.size).rstrip(b"\0").decode("utf-8", "surrogateescape")
        elif info.type in _PAX:
            records = dict(_RECORD.findall(_text(source, info.size)))
            name = records.get(b"path", name.encode("utf-8", "surrogateescape")).decode(
                "utf-8", "surrogateescape"
            )
            size = _size(records.get(b"size"))
        else:
            real = info.size if size is None else size
            if info.isreg() or info.type == tarfile.CONTTYPE:
                yield Member(name or info.name, real, _contents(source, real, largest_bytes))
            else:
                _skip(source, _padded(real) if _has_contents(info) else 0)
            name, size = "", None
        block = source.read(BLOCK)


def _header(block: bytes) -> tarfile.TarInfo:
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        raise DamagedError("is damaged: the rest was not examined") from None
    if info.size < 0:
        raise DamagedError("is damaged: the rest was not examined")
    if info.type == _SPARSE:
        raise DamagedError("holds a sparse file: the rest was not examined")
    return info


def _has_contents(info: tarfile.TarInfo) -> bool:
    """Return whether data follows a header: not after links, devices and folders."""
    return info.type not in _EMPTY


def _size(text: bytes | None) -> int | None:
    if text is None:
        return None
    if not text.isdigit() or len(text) > 20:
        raise DamagedError("is damaged: the rest was not examined")
    return int(text)


def _text(source: Readable, size: int) -> bytes:
    """Return the contents of a name header."""
    if size > _LONGEST_NAME:
        raise DamagedError("has a name or a header that is too long: the rest was not examined")
    return _contents(source, size, size) or b""


def _contents(source: Readable, size: int, largest_bytes: int) -> bytes | None:
    if size > largest_bytes:
        _skip(source, _padded(size))
        return None
    data = source.read(size)
    _skip(source, _padded(size) - size)
    if len(data) < size:
        raise DamagedError("is cut short")
    return data


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _skip(source: Readable, n_bytes: int) -> None:
    while n_bytes > 0:
        passed = len(source.read(min(n_bytes, _PIECE)))
        if not passed:
            raise DamagedError("is cut short")
        n_bytes -= passed
