"""Small private files: written whole or not at all, readable by their owner only."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from novacron.durable import placing

SECRET = re.compile(r"[!-~]+")
"""What a secret of ours, or one that somebody put in its place, is made of; anything else is damage."""


def write_private(path: Path, text: str, *, lasting: bool = False) -> None:
    """Replace a file atomically, mode 0600.

    Args:
        path: the file.
        text: what it shall hold.
        lasting: whether it must be there after a power cut.

    Raises:
        OSError: it cannot be written; what was there is left as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with placing(path, lasting=lasting, temporary=temporary) as file:
        file.write(text.encode())


def recorded(path: Path) -> str:
    """What a file holds, with marks for what is no text; empty where there is none or it cannot be read."""
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""


def secret(path: Path, *, prefix: str = "", n_bytes: int = 24) -> str:
    """The random text kept in a file; drawn at the first call, and again where the file is damaged.

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
