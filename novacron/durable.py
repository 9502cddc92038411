"""Atomic writing of files: readers, and followers of a link, see either the old or the new content."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

KEPT = 0o7777
"""All permission bits."""
_NAME_LENGTH, _NAME_BYTES = 64, 200
FOREIGN = "it belongs to another user or group, to whom this user cannot give a file"


def fsync_directory(folder: Path) -> None:
    """Persist renames in a folder."""
    if os.name == "nt":  # Windows does not open folders
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def givable(found: os.stat_result) -> bool:
    """Return whether this user can change a file's owner and group to those of another."""
    if os.name == "nt" or os.geteuid() == 0:
        return True
    return found.st_uid == os.geteuid() and found.st_gid in (os.getegid(), *os.getgroups())


@contextmanager
def placing(
    path: Path,
    *,
    mode: int = 0o600,
    like: Path | None = None,
    kept: int = KEPT,
    keep_time: bool = False,
    new: bool = False,
    lasting: bool = True,
    temporary: Path | None = None,
) -> Iterator[BinaryIO]:
    """Create a file that takes a name once the block has succeeded; otherwise it leaves nothing.

    Args:
        path: the name; a symbolic link there is replaced, not followed.
        mode: permissions of a file without `like`, subject to the umask.
        like: file whose owner, group, permissions and attributes it copies; may be the one replaced.
        kept: which of those permissions may be copied.
        keep_time: whether the modification time is copied, too.
        new: fail if the name exists by then.
        lasting: whether it must survive a power failure.
        temporary: its name until then, which replaces the remains of an earlier attempt that was killed; else
            an unused hidden name in the same folder.

    Raises:
        OSError: it cannot be created. FileExistsError: `new`, and the name exists.
    """
    temporary = _free(temporary, path)
    try:
        with os.fdopen(os.open(temporary, _FLAGS, 0o600 if like else mode), "wb") as file:
            yield file
            file.flush()
            if like is not None:
                _take_after(file.fileno(), like, kept)
            if lasting:
                os.fsync(file.fileno())
        if like is not None and keep_time:
            found = os.stat(like)
            os.utime(temporary, ns=(found.st_atime_ns, found.st_mtime_ns))
        (_claim if new else os.replace)(temporary, path)
        if lasting:
            fsync_directory(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def link(path: Path, to: str, *, temporary: Path | None = None) -> None:
    """Create or replace a symbolic link atomically.

    Args:
        path: the name.
        to: target of the link.
        temporary: as for `placing`.
    """
    temporary = _free(temporary, path)
    try:
        temporary.symlink_to(to)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    fsync_directory(path.parent)


_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def _free(temporary: Path | None, path: Path) -> Path:
    """Return an unused temporary name."""
    if temporary is None:
        return _beside(path)
    temporary.unlink(missing_ok=True)
    return temporary


def _beside(path: Path) -> Path:
    name = path.name[:_NAME_LENGTH]
    while len(os.fsencode(name)) > _NAME_BYTES:
        name = name[:-1]
    return path.with_name(f".{name}.{os.urandom(4).hex()}")


def _claim(temporary: Path, path: Path) -> None:
    """Rename a file to an unused name."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # the file system has no hard links
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.replace(temporary, path)
    else:
        temporary.unlink()


def _take_after(descriptor: int, like: Path, kept: int) -> None:
    """Copy a file's metadata, except its times, to an open file.

    Raises:
        PermissionError: this user cannot change the owner to that of the other file.
    """
    if os.name == "nt":
        return
    found, mine = os.stat(like), os.fstat(descriptor)
    if (found.st_uid, found.st_gid) != (mine.st_uid, mine.st_gid):
        try:
            os.fchown(descriptor, found.st_uid, found.st_gid)
        except PermissionError:
            raise PermissionError(errno.EPERM, FOREIGN) from None
    os.fchmod(descriptor, found.st_mode & kept)
    if kept == KEPT:
        _copy_attributes(like, descriptor)


def _copy_attributes(like: Path, descriptor: int) -> None:
    """Copy access control lists and labels, as far as the file system and the user's rights permit."""
    if not hasattr(os, "listxattr"):
        return
    with suppress(OSError):
        for name in os.listxattr(like):
            with suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(like, name))
