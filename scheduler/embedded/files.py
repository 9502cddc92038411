"""Small private files: written whole or not at all, readable by their owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Replace a file atomically, mode 0600."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    os.replace(temporary, path)


def secret(path: Path, *, prefix: str = "", n_bytes: int = 24) -> str:
    """The random text kept in a file; drawn at the first call.

    Args:
        path: where it is kept, mode 0600.
        prefix: put before the random part.
        n_bytes: entropy; the text has two hexadecimal characters a byte.
    """
    try:
        kept = path.read_text().strip()
    except FileNotFoundError:
        kept = ""
    if not kept:
        kept = prefix + secrets.token_hex(n_bytes)
        write_private(path, kept + "\n")
    return kept
