"""Permissions of files with private keys and key-encryption keys: only their owner may access them."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from novacron.errors import BadInput

_OTHERS, _GROUP = 0o007, 0o070


def exposure(file: str | Path | int) -> str:
    """Describe who else can read or change a file; empty where nobody can, or where modes do not tell.

    Args:
        file: a path or a descriptor. Pipes and devices are exempt, and Windows has no such modes.
    """
    try:
        mode = os.stat(file).st_mode
    except OSError:
        return ""  # the reader reports the error
    if os.name == "nt" or not stat.S_ISREG(mode) or not mode & (_GROUP | _OTHERS):
        return ""
    return f"is open to {'others' if mode & _OTHERS else 'its group'} (mode {stat.S_IMODE(mode):04o})"


def refusal(file: str | Path, why: str) -> BadInput:
    """Return the error about a file that others can access."""
    return BadInput(f"{why}, and holds a secret", file=os.fspath(file), hint=f"chmod 600 {file}")


def check(opened: BinaryIO, name: str, *, strict: bool, warn: Callable[[str], None]) -> None:
    """Warn about a secret file that others can access.

    Args:
        opened: the file.
        name: name for the message.
        strict: refuse it instead.
        warn: receives the warning.

    Raises:
        BadInput: `strict`, and others can access it.
    """
    if why := exposure(opened.fileno()):
        tell(refusal(name, why), strict=strict, warn=warn)


def tell(error: BadInput, *, strict: bool, warn: Callable[[str], None]) -> None:
    """Raise the error if strict, else pass it to `warn`."""
    if strict:
        raise error
    warn(f"warning: {error}")
