"""Compressed streams: gzip, bzip2 and xz, decompressed in chunks and counted against limits."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from typing import BinaryIO, Protocol

from workers.crypto.inventory.limits import Limits

MOST_MEMORY_BYTES = 128 << 20
"""Memory limit for xz, whose dictionary size is set by the file."""
_BROKEN = (OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zlib.error, lzma.LZMAError)
"""Exceptions the libraries raise for damaged streams."""
_PIECE = 1 << 16
MAGICS = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz"}


class BrokenStreamError(Exception):
    """A stream is damaged, or its decoder exceeds the memory limit."""


class Readable(Protocol):
    """A source of bytes."""

    def read(self, n_bytes: int, /) -> bytes:
        """Return at most so many of the next bytes; none at the end."""
        ...


def form(head: bytes) -> str | None:
    """Return the compression format of a stream with this start; None if it is not compressed."""
    return next((name for magic, name in MAGICS.items() if head.startswith(magic)), None)


def unpacked(file: BinaryIO, name: str, limits: Limits) -> Unpacked:
    """Return the decompressed stream."""
    source: Readable
    if name == "gzip":
        source = gzip.GzipFile(fileobj=file)
    elif name == "bzip2":
        source = bz2.BZ2File(file)
    else:
        source = io.BufferedReader(_Xz(file))
    return Unpacked(source, limits)


class Unpacked:
    """A decompressed stream whose bytes are counted against the limits."""

    def __init__(self, source: Readable, limits: Limits) -> None:
        self._source, self._limits = source, limits

    def read(self, n_bytes: int, /) -> bytes:
        """Return so many of the next bytes; fewer only at the end.

        Raises:
            TooMuch: the decompressed size exceeds the limit.
            BrokenStreamError: it is damaged.
        """
        pieces, missing = [], n_bytes
        while missing and (piece := self._piece(min(missing, _PIECE))):
            self._limits.unpack(len(piece))
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def _piece(self, n_bytes: int) -> bytes:
        try:
            return self._source.read(n_bytes)
        except _BROKEN:
            raise BrokenStreamError from None


class _Xz(io.RawIOBase):
    """An xz stream with a memory limit for its decoder, which `lzma.LZMAFile` does not offer."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = self._new()

    @staticmethod
    def _new() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_MEMORY_BYTES)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer; return 0 at the end."""
        while True:
            if self._decoder.eof:
                rest = self._decoder.unused_data.lstrip(b"\0") or self._file.read(_PIECE).lstrip(b"\0")
                if not rest:
                    return 0
                self._decoder = self._new()
            else:
                rest = self._file.read(_PIECE) if self._decoder.needs_input else b""
                if self._decoder.needs_input and not rest:
                    raise EOFError("cut short")
            if piece := self._decoder.decompress(rest, len(buffer)):
                buffer[: len(piece)] = piece
                return len(piece)
