"""A certificate and its key as the files a server reads, swapped both at once.

The server's two paths become links through one more link, `current`, which names a folder with a whole pair:
renaming `current` changes both files in one step, and whoever reads them finds an old pair or a new one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cryptography import x509

from novacron.errors import BadInput
from novacron.pki import certificates_of
from workers.migration import files
from workers.migration.targets import Certificate
from workers.outcome import UserError

CHAIN, KEY, CURRENT = "certificate.pem", "key.pem", "current"
FOLDER_MODE = 0o711
"""Others may pass through, as a server that is not run by our user must; the key has its own permissions."""


class Pair:
    """The files of a target.

    Args:
        target: what the operator declared.
        plan_id: whose new pair it is about; each plan has folders of its own.
    """

    def __init__(self, target: Certificate, plan_id: str) -> None:
        self._target = target
        self._home = target.key.parent / f".{target.name}.migration"
        self.new = self._home / plan_id
        self._copy = self._home / f"{plan_id}.before"
        self._paths = {KEY: target.key, CHAIN: target.certificate}

    @property
    def linked(self) -> bool:
        """Whether the server's paths are links of ours already."""
        return self.links() == {name: str(self._home / CURRENT / name) for name in (KEY, CHAIN)}

    def links(self) -> dict[str, str | None]:
        """Where the server's paths lead as links; None for a file."""
        return {name: os.readlink(path) if path.is_symlink() else None for name, path in self._paths.items()}

    def chain(self) -> list[x509.Certificate]:
        """What the server's path shows, leaf first.

        Raises:
            UserError: there is nothing that could be read.
        """
        return read_chain(self._target.certificate)

    def folder(self, name: str) -> Path:
        """Where a pair is kept."""
        return self._home / name

    def keep(self) -> str:
        """Keep the pair that is served; returns the name of its folder.

        Files are copied beside it, with their permissions; a pair of ours has a folder already.

        Raises:
            UserError: a file cannot be read.
        """
        if self.linked:
            return os.readlink(self._home / CURRENT)
        self._make(self._copy)
        for name, path in self._paths.items():
            try:
                files.write(self._copy / name, path.read_bytes(), like=path)
            except OSError as error:
                raise UserError(f"{path} cannot be copied: {error.strerror}") from None
        return self._copy.name

    def write(self, name: str, text: str) -> None:
        """Put a file of the new pair into its folder, with the permissions of the one that is served."""
        self._make(self.new)
        like = self._target.key if name == KEY else self._target.certificate
        files.write(self.new / name, text.encode(), like=like)

    def serve(self, name: str, kept: str) -> None:
        """Have the server's paths name a pair.

        Args:
            name: of its folder.
            kept: of the folder with the pair that is served until now.
        """
        current = self._home / CURRENT
        if not self.linked:
            files.link(current, kept)
            for file, path in self._paths.items():
                files.link(path, str(current / file))
        files.link(current, name)

    def put_back(self, kept: str, links: Mapping[str, str | None]) -> None:
        """Have the old pair at the server's paths again, as the files or the links that they were."""
        self.serve(kept, kept)
        for file, path in self._paths.items():
            if link := links[file]:
                files.link(path, link)
            else:
                old = self.folder(kept) / file
                files.write(path, old.read_bytes(), like=old)

    def discard(self, folder: Path) -> None:
        """Remove a pair that is not served, with its private key."""
        files.remove(folder)
        if self._home.is_dir() and not self.linked and {*os.listdir(self._home)} <= {CURRENT}:
            files.remove(self._home)

    def discard_copy(self) -> None:
        """Remove the copy of the old pair, once that is served as the files that it was."""
        if not self.linked:
            self.discard(self._copy)

    def _make(self, folder: Path) -> None:
        for path in (self._home, folder):
            path.mkdir(mode=0o700, exist_ok=True)
            path.chmod(FOLDER_MODE)


def read_chain(path: Path) -> list[x509.Certificate]:
    """The certificates in a file, leaf first.

    Raises:
        UserError: there are none that could be read.
    """
    try:
        return certificates_of(path.read_bytes())
    except (OSError, BadInput) as error:
        raise UserError(f"{path} cannot be read: {error}") from None
