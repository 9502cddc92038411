"""A certificate and its key in one PEM file, as HAProxy requires, replaced by one atomic rename."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cryptography import x509

from workers.crypto.migration import files, pem
from workers.crypto.migration.pair import CHAIN, KEY, Pairs, read_chain
from workers.crypto.migration.programs import HAProxy
from workers.crypto.migration.targets import Certificate


class Bundle(Pairs):
    """The file of a target; a plan's new chain and key are separate files until they are served.

    Args:
        target: as declared by the operator.
        plan_id: the plan that creates the new pair.
    """

    def __init__(self, target: HAProxy | Certificate, plan_id: str) -> None:
        super().__init__(target.name, target.certificate, plan_id)
        self._path = target.certificate

    @property
    def paths(self) -> list[Path]:
        """The file that the server reads."""
        return [self._path]

    @property
    def where(self) -> str:
        """Description of the file."""
        return f"{self._path}, which holds both"

    def links(self) -> dict[str, str | None]:
        """Return the target of the server's path if it is a link; None for a file."""
        return {CHAIN: os.readlink(self._path) if self._path.is_symlink() else None}

    def chain(self) -> list[x509.Certificate]:
        """Return the served chain, leaf first.

        Raises:
            UserError: it cannot be read.
        """
        return read_chain(self._path)

    def keep(self) -> str:
        """Copy the served file beside it, with its permissions; return the folder's name.

        Raises:
            UserError: it cannot be read.
        """
        return self._copied({CHAIN: self._path})

    def write_key(self, key: bytes) -> None:
        """Write the new private key into the new pair's folder, with the permissions of the served file."""
        self._write(KEY, key, self._path)

    def write_chain(self, chain: bytes) -> None:
        """Write the new chain beside it."""
        self._write(CHAIN, chain, self._path)

    def serve(self, name: str, kept: str) -> None:
        """Make the server's path hold a pair, in the layout of the previous file.

        Args:
            name: name of its folder.
            kept: name of the folder with the file served until now.
        """
        chain, key = ((self.folder(name) / part).read_bytes() for part in (CHAIN, KEY))
        old = (self.folder(kept) / CHAIN).read_bytes()
        text = pem.like(old, chain=chain, key=key)
        files.write(self._path, text, like=self._path, kept=files.reaching(self._path))

    def put_back(self, kept: str, links: Mapping[str, str | None]) -> None:
        """Restore the old file at the server's path, as the file or link that it was."""
        old = self.folder(kept) / CHAIN
        files.write(self._path, old.read_bytes(), like=old)
        if link := links[CHAIN]:
            files.link(self._path, link)

    def remove_old(self, kept: str) -> None:
        """Remove the old file, and the parts of the one that is now served."""
        self.discard(self.folder(kept))
        self.discard(self.new)
