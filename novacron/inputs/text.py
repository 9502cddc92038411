"""Reading of text files named by users: limited in size, regular and UTF-8, or refused with the reason."""

import os
import stat
from pathlib import Path

from novacron.errors import BadInput, nearest

MAX_BYTES = 16 * 2**20
"""Largest job file or data file; a whole job must fit in one request."""
LISTED_FILES = 1000


def read_text(path: Path, field: str | None = None) -> str:
    """Read the text of a file.

    Args:
        path: the file.
        field: the job's field that names it, for the message.

    Raises:
        BadInput: it is missing, not a regular file, too large, unreadable or not UTF-8.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise BadInput("is a folder: a file is wanted", file=str(path), field=field)
        if not stat.S_ISREG(status.st_mode):
            raise BadInput("is not a regular file", file=str(path), field=field)
        _check_size(status.st_size, path, field)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise BadInput("there is no such file", file=str(path), field=field, hint=_similar(path)) from None
    except OSError as error:
        rule = f"cannot be read: {os.strerror(error.errno) if error.errno else error}"
        raise BadInput(rule, file=str(path), field=field) from None
    except ValueError:  # NUL or a lone surrogate in the name
        raise BadInput("is not a file name", field=field, value=ascii(path)) from None
    _check_size(len(data), path, field)
    return _decode(data, path, field)


def _check_size(n_bytes: int, path: Path, field: str | None) -> None:
    if n_bytes > MAX_BYTES:
        rule = f"has {n_bytes} bytes, the limit is {MAX_BYTES} bytes ({MAX_BYTES >> 20} MiB)"
        raise BadInput(rule, file=str(path), field=field)


def _decode(data: bytes, path: Path, field: str | None) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        rule = f"is not UTF-8 text: byte 0x{data[error.start]:02x}"
        raise BadInput(
            rule, file=str(path), line=line, column=column, field=field, hint=_cure(data)
        ) from None


_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"PK\x03\x04": "zip",
    b"\x28\xb5\x2f\xfd": "zstd",
}
"""First bytes of compressed files -> the format."""


def _cure(data: bytes) -> str:
    """Return how to make UTF-8 text of a file."""
    packed = next((name for begin, name in _PACKED.items() if data.startswith(begin)), None)
    if packed is not None:
        return f"it is compressed by {packed}: unpack it"
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return f"save it as UTF-8{', not UTF-16' if wide else ''}"


def _similar(path: Path) -> str | None:
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder {folder}"
    with os.scandir(folder) as entries:
        names = [entry.name for _, entry in zip(range(LISTED_FILES), entries, strict=False)]
    name = nearest(path.name, names)
    return f"did you mean {name!r}?" if name else None
