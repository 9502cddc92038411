"""Small private files: written atomically, readable by their owner only."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from novacron.durable import placing

SECRET = re.compile(r"[!-~]+")
"""Characters of a secret, generated or provided; anything else means that the file is damaged."""


def write_private(path: Path, text: str, *, lasting: bool = False) -> None:
    """Replace a file atomically, mode 0600.

    Args:
        path: the file.
        text: new content.
        lasting: whether the file must survive a power failure.

    Raises:
        OSError: it cannot be written; the previous content is unchanged.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with placing(path, lasting=lasting, temporary=temporary) as file:
        file.write(text.encode())


def recorded(path: Path) -> str:
    """Return a file's content, with undecodable bytes escaped; empty where it is missing or unreadable."""
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""


def secret(path: Path, *, prefix: str = "", n_bytes: int = 24) -> str:
    """Return the secret stored in a file; generate it at the first call, and again if the file is damaged.

    Args:
        path: where it is kept, mode 0600.
        prefix: put before the random part.
        n_bytes: entropy; the text has two hexadecimal characters a byte.

    Raises:
        OSError: it cannot be kept.
    """
    kept = recorded(path).strip()
    if not SECRET.fullmatch(kept):
        kept = prefix + secrets.token_hex(n_bytes)
        write_private(path, kept + "\n", lasting=True)
    return kept
