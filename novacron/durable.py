"""The one writer of whole files: whoever reads one, or follows a link, sees the old or the new whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

KEPT = 0o7777
"""All permissions."""
_NAME_LENGTH, _NAME_BYTES = 64, 200
FOREIGN = "it belongs to another user or group, to whom this user cannot give a file"


def fsync_directory(folder: Path) -> None:
    """Make renames in a folder lasting."""
    if os.name == "nt":  # which opens no folders
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def givable(found: os.stat_result) -> bool:
    """Whether this user can give a file to the owner and group of another."""
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
    """A file that takes a name once the block has ended well; else nothing is left of it.

    Args:
        path: the name; a link there is replaced, not followed.
        mode: permissions of a file that is like no other, less those that the umask takes.
        like: the file whose owner, group, permissions and attributes it gets; it may be the one replaced.
        kept: of those permissions, which it may get.
        keep_time: whether it gets the modification time of that file, too.
        new: refuse where the name is taken by then.
        lasting: whether it must be there after a power cut.
        temporary: what it is called meanwhile, in the place of what an earlier attempt left there when it was
            killed; else a hidden name beside the other that is free.

    Raises:
        OSError: it cannot be made. FileExistsError: `new`, and the name is taken.
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
    """Make a name a symbolic link, in the place of what was there.

    Args:
        path: the name.
        to: the text of the link.
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
    """Return the name of a file that is to become another, with nothing there."""
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
    """Rename a file to a name that is free."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.replace(temporary, path)
    else:
        temporary.unlink()


def _take_after(descriptor: int, like: Path, kept: int) -> None:
    """Give an open file what another has beside its content and its times.

    Raises:
        PermissionError: the other belongs to somebody to whom this user cannot give a file.
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
    """Access control lists and labels, as far as the file system and the user's rights go."""
    if not hasattr(os, "listxattr"):
        return
    with suppress(OSError):
        for name in os.listxattr(like):
            with suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(like, name))
