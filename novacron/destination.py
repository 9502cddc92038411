"""Output destinations: a file that is replaced atomically, or a pipe, device or stream.

The same rule applies to every command and call that writes a file; docs/operations.md documents it.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from novacron.durable import FOREIGN, KEPT, givable, placing
from novacron.errors import BadInput

SECRET, SHARED = 0o600, 0o666
"""Permissions of new files: keys and decrypted data; everything else, subject to the umask."""
STDOUT = 1
_NAMES = {STDOUT: "standard output"}
_MOST_LINKS = 40
_DESCRIPTORS = re.compile(r"/dev/fd|/proc/(\d+)(?:/task/\d+)?/fd")
_FULL = {errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class OutputLost(Exception):  # noqa: N818 - not an error of the command
    """Writing failed because the reader has gone or the device is full; the cause says which.

    Args:
        name: name of the file; empty for standard output.
    """

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.name = name


class Destination:
    """A path as an output destination, checked on construction, before any work is done.

    A pipe, a device and a descriptor of this process (`/dev/stdout`, `/dev/fd/3`) are written to directly. A
    file appears under its name once it is complete; for a symbolic link, at the link's target. A file that
    replaces another keeps its owner, group, permissions and attributes.

    Args:
        path: a path, or a file descriptor.
        replace: whether an existing file may be replaced.
        mode: permissions of a new file.
        kept: permissions of a replaced file that may be kept.

    Raises:
        BadInput: nothing can be written there.
    """

    def __init__(
        self, path: str | os.PathLike[str] | int, *, replace: bool, mode: int = SHARED, kept: int = KEPT
    ) -> None:
        self.name = _NAMES.get(path, f"/dev/fd/{path}") if isinstance(path, int) else os.fspath(path)
        self._replace, self._mode, self._kept = replace, mode, kept
        try:
            self._place = path if isinstance(path, int) else _resolved(self.name)
            self._found = _state(self._place)
            self._check_stream() if self.is_stream else self._check_file()
        except OSError as error:
            raise self._refused(error.strerror or str(error)) from None

    @property
    def is_stream(self) -> bool:
        """Whether it is written to directly, rather than as a file."""
        return isinstance(self._place, int) or (
            self._found is not None
            and not stat.S_ISREG(self._found.st_mode)
            and not stat.S_ISDIR(self._found.st_mode)
        )

    @property
    def is_stdout(self) -> bool:
        """Whether it is standard output, on which nothing else may be printed then."""
        if not self.is_stream or self._found is None:
            return False
        try:
            return os.path.samestat(self._found, os.fstat(STDOUT))
        except OSError:
            return False

    @contextmanager
    def writing(self) -> Iterator[BinaryIO]:
        """Open it for writing. A file appears once the block has succeeded; otherwise nothing changes.

        Raises:
            BadInput: it cannot be opened, or a file has been created there in the meantime.
            OutputLost: writing failed.
        """
        try:
            if isinstance(self._place, int) or self.is_stream:
                with os.fdopen(_opened(self._place), "wb") as stream:
                    yield stream
                return
            like = self._place if self._place.exists() else None
            with placing(
                self._place, mode=self._mode, like=like, kept=self._kept, new=not self._replace
            ) as file:
                yield file
        except FileExistsError:
            raise self._taken() from None
        except OSError as error:
            if error.errno in _FULL:
                raise OutputLost("" if self.is_stdout else self.name) from error
            raise self._refused(error.strerror or str(error)) from None

    def write(self, data: bytes) -> None:
        """Write data to it; raises as `writing`."""
        with self.writing() as file:
            file.write(data)

    def _check_stream(self) -> None:
        if isinstance(self._place, int):
            os.write(self._place, b"")  # fails if it is open for reading only
        elif self._found and stat.S_ISSOCK(self._found.st_mode):
            raise self._refused("it is a socket")
        elif not os.access(self._place, os.W_OK):
            raise self._refused(os.strerror(errno.EACCES))

    def _check_file(self) -> None:
        assert isinstance(self._place, Path)
        folder = self._place.parent
        if self._found is not None:
            if stat.S_ISDIR(self._found.st_mode):
                raise self._refused("it is a folder")
            if not self._replace:
                raise self._taken()
            if not givable(self._found):
                raise self._refused(FOREIGN)
        elif not folder.is_dir():
            raise self._refused(f"there is no folder {folder}")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise self._refused(f"no file can be made in the folder {folder}")

    def _refused(self, why: str) -> BadInput:
        return BadInput(f"cannot be written: {why}", file=self.name)

    def _taken(self) -> BadInput:
        return BadInput("exists already", file=self.name, hint="--force replaces it")


def write(path: str | os.PathLike[str], data: bytes) -> None:
    """Write data to a path, replacing a file, as `open(path, "w")` would.

    Raises:
        BadInput: it cannot be written.
    """
    try:
        Destination(path, replace=True).write(data)
    except OutputLost as lost:
        why = getattr(lost.__cause__, "strerror", None)
        raise BadInput(f"cannot be written: {why}", file=os.fspath(path)) from None


def _resolved(name: str) -> int | Path:
    """Return a descriptor of this process, or the path with all links resolved; it need not exist.

    Reopening `/proc/self/fd/1` would start at the beginning of the file that output is redirected to.

    Raises:
        OSError: the links form a cycle.
    """
    if not name:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    here = name
    for _ in range(_MOST_LINKS):
        folder, last = os.path.split(here)
        folder = os.path.realpath(folder)
        found = _DESCRIPTORS.fullmatch(folder)
        if found and last.isdecimal() and found[1] in (None, str(os.getpid())):
            return int(last)
        here = os.path.join(folder, last)
        if not os.path.islink(here):
            return Path(here)
        here = os.path.join(folder, os.readlink(here))
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def _state(place: int | Path) -> os.stat_result | None:
    """Return its status; None if it does not exist."""
    try:
        return os.stat(place)
    except FileNotFoundError:
        return None


def _opened(place: int | Path) -> int:
    """Return a descriptor for writing at its current position."""
    if isinstance(place, int):
        sys.stdout.flush()
        return os.dup(place)
    return os.open(place, os.O_WRONLY | getattr(os, "O_NOCTTY", 0))
