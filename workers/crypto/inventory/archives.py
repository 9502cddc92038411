"""Archives: zip and its variants (jar, war, apk), tar, and files compressed with gzip, bzip2 or xz."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import BinaryIO

from shared.crypto.found import Findings, unread
from workers.crypto.inventory import compressed, tar
from workers.crypto.inventory.limits import LARGEST_BYTES, Limits

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
HEAD_BYTES = 512
"""Leading bytes of a file that identify an archive."""
TAIL_BYTES = (1 << 16) + 22
_END = b"PK\x05\x06"
_STARTERS = (b"#!", b"MZ")
"""Magic numbers of programs that may have a zip archive appended."""
_LARGEST_DIRECTORY_BYTES = 4 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
_ENCRYPTED = 1
_BROKEN = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError, zlib.error,
    IndexError, OverflowError, struct.error,
)  # fmt: skip
Inside = Callable[[bytes, str], Findings]
"""Reads the contents of a member at a location."""


def form(head: bytes, tail: bytes) -> str | None:
    """Return the archive format of a file; None if it is no archive.

    Args:
        head: its first bytes.
        tail: its last bytes.
    """
    if head.startswith(ZIP) or (head.startswith(_STARTERS) and _END in tail[-TAIL_BYTES:]):
        return "zip"
    return compressed.form(head) or ("tar" if tar.is_one(head) else None)


def read(file: BinaryIO, name: str, location: str, limits: Limits, inside: Inside) -> Findings:
    """Yield the findings in the members, located as the archive's location, `!` and the member's name.

    Args:
        file: the archive, at its start.
        name: its format, from `form`.
        location: its location.
        limits: resource limits.
        inside: reads a member.

    Raises:
        TooMuch: it exceeds a limit.
    """
    if name == "zip":
        return _zip(file, location, limits, inside)
    if name == "tar":
        return _tar(file.read(tar.BLOCK), file, location, limits, inside)
    return _stream(compressed.unpacked(file, name, limits), name, location, limits, inside)


def _stream(
    source: compressed.Unpacked, name: str, location: str, limits: Limits, inside: Inside
) -> Findings:
    try:
        head = source.read(tar.BLOCK)
        is_tar = tar.is_one(head)
        data = b"" if is_tar else head + source.read(LARGEST_BYTES + 1 - len(head))
    except compressed.BrokenStreamError:
        yield unread(location, f"its {name} is damaged, or needs too much memory")
        return
    if is_tar:
        yield from _tar(head, source, location, limits, inside)
    elif len(data) > LARGEST_BYTES:
        yield unread(location, f"unpacks to more than {LARGEST_BYTES:,} bytes and is no archive")
    else:
        yield from inside(data, location)


def _tar(head: bytes, source: compressed.Readable, location: str, limits: Limits, inside: Inside) -> Findings:
    try:
        for member in tar.members(head, source, LARGEST_BYTES):
            limits.member()
            yield from _member(member.name, member.data, location, inside)
    except tar.DamagedError as error:
        yield unread(location, f"the tar archive {error}")
    except compressed.BrokenStreamError:
        yield unread(location, "is damaged: the rest of the archive was not examined")


def _member(name: str, data: bytes | None, location: str, inside: Inside) -> Findings:
    place = f"{location}!{name}"
    if data is None:
        yield unread(place, f"larger than {LARGEST_BYTES:,} bytes")
    else:
        yield from inside(data, place)


def _zip(file: BinaryIO, location: str, limits: Limits, inside: Inside) -> Findings:
    try:
        store = zipfile.ZipFile(_Guarded(file))
    except _BROKEN:
        yield unread(location, "a zip archive that is damaged, or whose list of files is too long")
        return
    with store:
        for entry in store.infolist():
            limits.member()
            if not entry.is_dir():
                yield from _zipped(store, entry, location, limits, inside)


def _zipped(
    store: zipfile.ZipFile, entry: zipfile.ZipInfo, location: str, limits: Limits, inside: Inside
) -> Findings:
    place = f"{location}!{entry.filename}"
    if entry.flag_bits & _ENCRYPTED:
        yield unread(place, "encrypted with the password of a zip archive")
    elif entry.compress_type not in _METHODS:
        yield unread(place, "compressed in a way that is not opened")
    elif entry.file_size > LARGEST_BYTES:
        yield unread(place, f"larger than {LARGEST_BYTES:,} bytes")
    else:
        try:
            with store.open(entry) as member:
                data = compressed.Unpacked(member, limits).read(LARGEST_BYTES + 1)
        except (*_BROKEN, compressed.BrokenStreamError):
            yield unread(place, "damaged")
            return
        yield from inside(data[:LARGEST_BYTES], place)


class _Guarded(io.RawIOBase):
    """A file whose single reads are limited to the size of a legitimate archive's directory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, n_bytes: int = -1) -> bytes:
        if n_bytes > _LARGEST_DIRECTORY_BYTES:
            raise ValueError("too much at once")
        data = self._file.read(n_bytes if n_bytes >= 0 else _LARGEST_DIRECTORY_BYTES + 1)
        if len(data) > _LARGEST_DIRECTORY_BYTES:
            raise ValueError("too much at once")
        return data
