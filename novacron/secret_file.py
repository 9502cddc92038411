"""Files with private keys and key-encryption keys: nobody but their owner may read or change them."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from novacron.errors import BadInput

_OTHERS, _GROUP = 0o007, 0o070


def exposure(file: str | Path | int) -> str:
    """Who else can read or change a file, in words; empty where nobody can, or where modes do not say.

    Args:
        file: a path or a descriptor. Pipes and devices are nobody's to keep, and Windows has no such modes.
    """
    try:
        mode = os.stat(file).st_mode
    except OSError:
        return ""  # whoever reads it says so
    if os.name == "nt" or not stat.S_ISREG(mode) or not mode & (_GROUP | _OTHERS):
        return ""
    return f"is open to {'others' if mode & _OTHERS else 'its group'} (mode {stat.S_IMODE(mode):04o})"


def refusal(file: str | Path, why: str) -> BadInput:
    """The error about a file that is open to others."""
    return BadInput(f"{why}, and holds a secret", file=os.fspath(file), hint=f"chmod 600 {file}")


def check(opened: BinaryIO, name: str, *, strict: bool, warn: Callable[[str], None]) -> None:
    """Warn of a file with a secret that is open to others.

    Args:
        opened: the file.
        name: what it is called.
        strict: refuse it instead.
        warn: what takes the warning.

    Raises:
        BadInput: `strict`, and it is.
    """
    if why := exposure(opened.fileno()):
        tell(refusal(name, why), strict=strict, warn=warn)


def tell(error: BadInput, *, strict: bool, warn: Callable[[str], None]) -> None:
    """Raise the error about a file that is open to others where that is strict, else warn of it."""
    if strict:
        raise error
    warn(f"warning: {error}")
