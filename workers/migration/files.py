"""Files that are changed all at once: whoever reads one, at any instant, sees the old or the new whole."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from novacron.durable import settle


def write(path: Path, data: bytes, *, like: Path | None = None, mode: int = 0o600) -> None:
    """Put a whole file under a name, durably.

    Args:
        path: the name; a link there is replaced, not followed.
        data: the content.
        like: a file whose permissions and owner it gets.
        mode: its permissions otherwise.
    """
    temporary = _beside(path)
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        if like is not None:
            found = like.stat()
            mode = found.st_mode & 0o7777
            if (found.st_uid, found.st_gid) != (os.getuid(), os.getgid()):
                os.fchown(stream.fileno(), found.st_uid, found.st_gid)
        os.fchmod(stream.fileno(), mode)
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, path)
    settle(path.parent)


def link(path: Path, to: str) -> None:
    """Make a name a symbolic link, in the place of what was there."""
    temporary = _beside(path)
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(to)
    os.replace(temporary, path)
    settle(path.parent)


def remove(folder: Path) -> None:
    """Remove a folder with what is in it; none is there afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise OSError(f"{folder} could not be removed")


def _beside(path: Path) -> Path:
    """The name under which a file is made before it takes its own; the same in every attempt."""
    return path.with_name(f".{path.name}.migrating")
