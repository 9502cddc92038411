"""Keys whose signatures this machine trusts: PEM blocks in one file of the data folder."""

from __future__ import annotations

from pathlib import Path

from novacron.crypto import pem
from novacron.crypto.keys import PublicKey
from novacron.destination import SECRET, Destination

FILE = "trusted_keys.pem"


def trusted_keys(folder: Path) -> list[PublicKey]:
    """Return the keys trusted by a data folder; empty without such a file.

    Raises:
        BadInput: the file contains something else.
    """
    path = folder / FILE
    return [PublicKey.from_pem(one.pem()) for one in pem.blocks(path.read_bytes())] if path.exists() else []


def trust(folder: Path, key: PublicKey) -> None:
    """Add a trusted key."""
    known = trusted_keys(folder)
    if key not in known:
        text = "".join(one.pem() for one in (*known, key))
        Destination(folder / FILE, replace=True, mode=SECRET).write(text.encode())
