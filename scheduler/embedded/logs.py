"""Log files of the stack: appended to by the processes themselves, cut by the supervisor."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

LIMIT_BYTES = 10_000_000


def open_append(path: Path) -> int:
    """A descriptor that appends to the log, mode 0600."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def rotate(path: Path, limit_bytes: int = LIMIT_BYTES) -> bool:
    """Move a log that has grown past the limit to `<name>.1`; says whether it did.

    The file is copied and cut rather than renamed, because its writers keep their descriptors; what they
    write between the two is lost.
    """
    if not path.exists() or path.stat().st_size <= limit_bytes:
        return False
    older = path.with_name(path.name + ".1")
    shutil.copyfile(path, older)
    older.chmod(0o600)
    os.truncate(path, 0)
    return True


def tail(path: Path, n_lines: int = 20) -> str:
    """The last lines of a log, at most 16 KiB; empty when there is none."""
    try:
        with path.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - 16_384))
            text = stream.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-n_lines:])
