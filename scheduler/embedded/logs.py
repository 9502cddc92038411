"""Log files of the stack: the processes append, the supervisor rotates."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

LIMIT_BYTES = 10_000_000


def open_append(path: Path) -> int:
    """Return a descriptor that appends to the log, mode 0600; the null device if the disk is full."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, flags | os.O_CREAT, 0o600)
    except OSError:
        return os.open(os.devnull, flags)


def rotate(path: Path, limit_bytes: int = LIMIT_BYTES) -> bool:
    """Move a log above the limit to `<name>.1`; return whether it was moved.

    The file is copied and truncated rather than renamed, because its writers keep their descriptors; lines
    written between the two are lost. If the disk has no room for the copy, the whole log is dropped, so that
    it does not fill the disk.
    """
    try:
        if path.stat().st_size <= limit_bytes:
            return False
    except FileNotFoundError:
        return False
    older = path.with_name(path.name + ".1")
    try:
        shutil.copyfile(path, older)
        older.chmod(0o600)
    except OSError:
        older.unlink(missing_ok=True)
    os.truncate(path, 0)
    return True


def last_line(path: Path, logger: str) -> str:
    """Return the message of the last line that a logger wrote to a log; empty when there is none."""
    messages = [line.partition(f" {logger} ")[2] for line in tail(path).splitlines()]
    return next((message for message in reversed(messages) if message), "")


def tail(path: Path, n_lines: int = 20) -> str:
    """Return the last lines of a log, at most 16 KiB; empty when there is none."""
    try:
        with path.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - 16_384))
            text = stream.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-n_lines:])
