"""A certificate and its key as files read by a server, swapped together atomically.

The server's two paths become links through one more link, `current`, which names a folder with a whole pair:
renaming `current` changes both files in one step, so readers find either the old pair or the new one. All
links are relative: they remain valid in containers and wherever the folders are mounted.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cryptography import x509

from novacron.crypto.pki import certificates_of
from novacron.errors import BadInput
from novacron.secret_file import exposure
from workers.crypto.migration import files, pem, remains
from workers.crypto.migration.programs import PostgreSQL
from workers.crypto.migration.remains import Origin
from workers.crypto.migration.targets import Certificate
from workers.runtime.outcome import UserError

CHAIN, KEY, CURRENT = "certificate.pem", "key.pem", "current"
FOLDER_MODE = 0o711
"""Other users may traverse it, as a server under another user must; the key has its own permissions."""


class Pairs:
    """A target's pairs, stored beside its key: the plan's new one, and a copy of the previous one.

    Args:
        name: name of the target.
        place: the file beside which they are stored.
        plan_id: the plan of the new pair; each plan has folders of its own.
    """

    def __init__(self, name: str, place: Path, plan_id: str) -> None:
        self._home = place.parent / f".{name}.migration"
        self.new = self._home / plan_id
        self._copy = self._home / f"{plan_id}.before"

    @property
    def linked(self) -> bool:
        """Whether the server's paths already are links managed here."""
        return False

    @property
    def paths(self) -> list[Path]:
        """The files that the server reads."""
        return []

    def origins(self) -> list[Origin]:
        """Return the real locations of the served private key; none if the pair is managed here."""
        return [] if self.linked else remains.origins(self.paths)

    def exposed(self) -> list[str]:
        """Describe files with the served private key that others can read or change."""
        return [
            f"warning: {path} {why}, and holds a private key: chmod 600 {path}"
            for path in self.paths
            if (why := exposure(path)) and remains.marks(remains.read(path))
        ]

    def folder(self, name: str) -> Path:
        """Return the folder of a pair."""
        return self._home / name

    def key(self) -> bytes:
        """Return the new private key in PEM; empty if there is none yet."""
        path = self.new / KEY
        return remains.private_keys(path.read_bytes()) if path.exists() else b""

    @property
    def _homes(self) -> list[Path]:
        """Folders that hold pairs."""
        return [self._home]

    def discard(self, folder: Path) -> None:
        """Remove a pair that is not served, with its private key."""
        for home in self._homes:
            files.remove(home / folder.name)
            if home.is_dir() and not self.linked and {*os.listdir(home)} <= {CURRENT}:
                files.remove(home)

    def discard_copy(self) -> None:
        """Remove the copy of the old pair after the original files are restored."""
        if not self.linked:
            self.discard(self._copy)

    def _copied(self, paths: Mapping[str, Path]) -> str:
        """Copy files beside themselves, with their permissions; return the folder's name."""
        _make(self._copy)
        for name, path in paths.items():
            try:
                files.write(self._copy / name, path.read_bytes(), like=path, kept=files.reaching(path))
            except OSError as error:
                raise UserError(f"{path} cannot be copied: {error.strerror}") from None
        return self._copy.name

    def _write(self, name: str, data: bytes, like: Path) -> None:
        """Write a file of the new pair into its folder, with the permissions of a served one."""
        _make(self.new)
        files.write(self.new / name, data, like=like, kept=files.reaching(like), keep_time=False)


class Pair(Pairs):
    """The two files of a target.

    Args:
        target: as declared by the operator.
        plan_id: the plan of the new pair.
    """

    def __init__(self, target: Certificate | PostgreSQL, plan_id: str) -> None:
        assert target.certificate and target.key, "checked where they are declared"
        super().__init__(target.name, target.key, plan_id)
        self._paths = {KEY: target.key, CHAIN: target.certificate}

    @property
    def paths(self) -> list[Path]:
        """The files that the server reads."""
        return [*self._paths.values()]

    @property
    def where(self) -> str:
        """Description of the files."""
        return f"{self._paths[CHAIN]} and {self._paths[KEY]}, both at once"

    @property
    def linked(self) -> bool:
        """Whether the server's paths already are links managed here."""
        return all(_leads(path, self._front / CURRENT / name) for name, path in self._paths.items())

    def links(self) -> dict[str, str | None]:
        """Return the targets of the server's paths that are links; None for a file."""
        return {name: os.readlink(path) if path.is_symlink() else None for name, path in self._paths.items()}

    def chain(self) -> list[x509.Certificate]:
        """Return the served chain, leaf first.

        Raises:
            UserError: it cannot be read.
        """
        return read_chain(self._paths[CHAIN])

    def keep(self) -> str:
        """Save the served pair; return the name of its folder.

        Files are copied beside it, with their permissions; a pair managed here already has a folder.

        Raises:
            UserError: a file cannot be read.
        """
        return os.readlink(self._front / CURRENT) if self.linked else self._copied(self._paths)

    def write_key(self, key: bytes) -> None:
        """Write the new private key into the new pair's folder, with the permissions of the one in use."""
        self._write(KEY, key, self._paths[KEY])

    def write_chain(self, chain: bytes) -> None:
        """Complete the new pair: each file has the same layout as the served one."""
        key = self.key()
        for name, path in self._paths.items():
            old = path.read_bytes()
            with_key, with_chain = name == KEY or remains.private_keys(old), name == CHAIN or pem.chained(old)
            text = pem.like(old, chain=chain if with_chain else b"", key=key if with_key else b"")
            self._write(name, text, path)

    def serve(self, name: str, kept: str) -> None:
        """Point the server's paths to a pair.

        Args:
            name: name of its folder.
            kept: name of the folder with the pair served until now.
        """
        for one in (kept, name):
            self._show(one)
        current = self._front / CURRENT
        if not self.linked:
            files.link(current, kept)
            for file, path in self._paths.items():
                files.link(path, os.path.join(files.relative(path, current), file))
        files.link(current, name)

    @property
    def _front(self) -> Path:
        """The folder through which the server's paths are resolved.

        It is beside the certificate, since the key's folder may be closed to readers of the certificate. If
        both are in one folder, or a former version made the links, it is the folder of the pairs itself.
        """
        beside = self._paths[CHAIN].parent / self._home.name
        one = os.path.realpath(beside.parent) == os.path.realpath(self._home.parent)
        return self._home if one or (self._home / CURRENT).is_symlink() else beside

    @property
    def _homes(self) -> list[Path]:
        """Folders that hold pairs; the last one indicates complete removal."""
        return [*({self._front} - {self._home}), self._home]

    def _show(self, name: str) -> None:
        """Place a pair in the front folder: the certificates, and a link to the key."""
        chain, shown = self.folder(name) / CHAIN, self._front / name
        if self._front == self._home or not chain.exists():
            return
        _make(shown)
        files.write(shown / CHAIN, chain.read_bytes(), like=chain)
        files.link(shown / KEY, files.relative(shown / KEY, self.folder(name) / KEY))

    def put_back(self, kept: str, links: Mapping[str, str | None]) -> None:
        """Restore the old pair at the server's paths, as the files or links that they were."""
        self.serve(kept, kept)
        for file, path in self._paths.items():
            if link := links[file]:
                files.link(path, link)
            else:
                old = self.folder(kept) / file
                files.write(path, old.read_bytes(), like=old)

    def remove_old(self, kept: str) -> None:
        """Remove the old pair after the new one is served permanently."""
        self.discard(self.folder(kept))


def read_chain(path: Path) -> list[x509.Certificate]:
    """Read the certificates in a file, leaf first.

    Raises:
        UserError: none can be read.
    """
    try:
        return certificates_of(path.read_bytes())
    except (OSError, BadInput) as error:
        raise UserError(f"{path} cannot be read: {error}") from None


def _make(folder: Path) -> None:
    """Create a folder for a pair, inside the common one."""
    for path in (folder.parent, folder):
        path.mkdir(mode=0o700, exist_ok=True)
        path.chmod(FOLDER_MODE)


def _leads(path: Path, to: Path) -> bool:
    """Return whether a path is a link to a name in `current`, whatever its spelling."""
    if not path.is_symlink():
        return False
    found = Path(os.path.realpath(path.parent), os.readlink(path))
    home = os.path.realpath(found.parent.parent)
    return (found.name, found.parent.name, home) == (to.name, CURRENT, os.path.realpath(to.parent.parent))
