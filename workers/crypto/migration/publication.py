"""Publication of a service's public keys for verifiers: a file, its HTTP response, or neither."""

from __future__ import annotations

import time
import urllib.request
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from novacron.crypto import PublicKey
from novacron.errors import BadInput
from workers.crypto.migration import files, keyset, server
from workers.crypto.migration.action import Evidence, Pace, ProofError
from workers.crypto.migration.keyset import Published
from workers.crypto.migration.programs import KeyFiles
from workers.runtime.outcome import UserError

ASKED_S = 5.0
LARGEST_BYTES = 1 << 20


class Publication:
    """The published keys of a target; empty and never written if the target publishes none.

    Args:
        target: as declared by the operator.
    """

    def __init__(self, target: KeyFiles) -> None:
        self._path = target.public
        self._url = target.url

    @property
    def path(self) -> Path | None:
        """The file."""
        return self._path

    def text(self) -> str:
        """Return the text of the file.

        Raises:
            UserError: it cannot be read.
        """
        return read(self._path) if self._path else ""

    def keys(self) -> dict[str, PublicKeyTypes]:
        """Return identity -> the library's public key.

        Raises:
            UserError: the file cannot be read, or holds no such keys.
        """
        return self._of(self.text()).keys()

    def with_key(self, made: PublicKey) -> str:
        """Return the file's text with a key added.

        Raises:
            UserError: its format cannot represent the key.
        """
        try:
            return Published(self.text()).added(made)
        except BadInput as error:
            raise UserError(f"{self._path} {error}") from None

    def write(self, text: str) -> None:
        """Publish other keys."""
        if self._path and text != self.text():
            files.rewrite(self._path, text.encode())

    def add(self, made: PublicKey) -> None:
        """Publish an additional key."""
        if self._path:
            self.write(self.with_key(made))

    def remove(self, name: str) -> None:
        """Withdraw a key."""
        if self._path:
            self.write(self._of(self.text()).removed(name))

    def put_back(self, before: str, made: PublicKey) -> None:
        """Withdraw a key; the file is restored byte for byte if nothing else has changed it."""
        if not self._path:
            return
        if self.text() == self._of(before).added(made):
            self.write(before)
        else:
            self.remove(keyset.identity(made.components[0]))

    def shown(self, wanted: set[str], gone: set[str], pace: Pace) -> Evidence:
        """Verify the published keys, in the file and as served; no evidence for a target without any.

        Raises:
            ProofError: a required key is missing, or a withdrawn one is present.
        """
        if not self._path:
            return {}
        deadline = time.monotonic() + min(server.SETTLED_S, pace.left_s)
        while wrong := self._wrong(wanted, gone):
            if not self._url or time.monotonic() > deadline:
                raise ProofError("; ".join(wrong))
            pace.check()
            time.sleep(server.PAUSE_S)
        return {
            "published": len(self.keys()),
            "seen_at": [str(self._path), *([self._url] if self._url else [])],
        }

    def _wrong(self, wanted: set[str], gone: set[str]) -> list[str]:
        sources = {str(self._path): self.keys()}
        if self._url:
            sources[self._url] = _fetched(self._url).keys()
        return [
            f"{place} {what} {name[:16]}..."
            for place, found in sources.items()
            for what, names in (("does not publish", wanted - found.keys()),
                                ("still publishes", gone & found.keys()))
            for name in sorted(names)
        ]  # fmt: skip

    def _of(self, text: str) -> Published:
        try:
            return Published(text)
        except BadInput as error:
            raise UserError(f"{self._path} {error}") from None


def read(path: Path) -> str:
    """Return a file's text.

    Raises:
        UserError: it cannot be read.
    """
    try:
        return path.read_bytes().decode()
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: {error}") from None


def _fetched(url: str) -> Published:
    """Return a service's response; empty if it does not answer."""
    try:
        with urllib.request.urlopen(url, timeout=ASKED_S) as answer:
            return Published(answer.read(LARGEST_BYTES).decode())
    except (OSError, ValueError, BadInput):
        return Published("")
