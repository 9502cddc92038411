"""Key-encryption keys: what wraps the keys that seal private keys, wherever it is kept.

A KEK never leaves the processes of the `crypto` queue, and one in Vault or OpenBao never leaves that server.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from novacron.durable import givable, placing
from novacron.secret_file import exposure, refusal
from workers.runtime.outcome import UserError

KEK_BYTES = 32
NONCE_BYTES = 12
ENVIRONMENT = "NOVACRON_KEK"


class KekError(UserError):
    """No KEK, the wrong one, or one that does not open what it is given; no key is ever in the message."""


class Kek(Protocol):
    """A key-encryption key."""

    @property
    def kek_id(self) -> str:
        """Its name, which says nothing of the key."""
        ...

    def wrap(self, dek: bytes, binding: bytes) -> bytes:
        """A data key, wrapped together with what it is bound to."""
        ...

    def unwrap(self, wrapped: bytes, binding: bytes) -> bytes:
        """The data key.

        Raises:
            KekError: it is not of this KEK, was changed, or is bound to something else.
        """
        ...


class Keyring(Protocol):
    """The KEKs that this worker can use."""

    def newest(self) -> Kek:
        """The one to switch to."""
        ...

    def find(self, kek_id: str) -> Kek:
        """The one of this id.

        Raises:
            KekError: it is not here.
        """
        ...

    def renew(self) -> Kek:
        """Draw another; it is `newest` from then on, and those before it stay.

        Raises:
            KekError: this keyring is written by somebody else.
        """
        ...

    def forget(self, kek_ids: Iterable[str]) -> None:
        """Drop KEKs that nothing needs any more."""
        ...


class LocalKek:
    """256 bits that this process holds: AES-256-GCM with a random nonce (NIST SP 800-38D).

    Its id is a part of its hash, so that a key is never taken for another.
    """

    def __init__(self, key: bytes) -> None:
        self.kek_id = "kek_" + hashlib.sha256(b"novacron kek id\0" + key).hexdigest()[:24]
        self._key = key
        self._aead = AESGCM(key)

    def wrap(self, dek: bytes, binding: bytes) -> bytes:
        """Nonce, ciphertext and tag."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, dek, binding)

    def unwrap(self, wrapped: bytes, binding: bytes) -> bytes:
        """The data key."""
        try:
            return self._aead.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], binding)
        except (InvalidTag, ValueError):
            raise KekError(f"KEK {self.kek_id} does not open this key: its row was changed") from None

    def text(self) -> str:
        """The key as base64, for the file it is kept in."""
        return base64.b64encode(self._key).decode()


class LocalKeyring:
    """KEKs written as base64, the newest first: in a file, or in the environment."""

    def __init__(self, text: str, source: str) -> None:
        self._source = source
        self._keks = [_local(word, source) for word in text.replace(",", " ").split()]
        if not self._keks:
            raise KekError(f"{source} holds no key: 32 random bytes as base64 are expected")

    def newest(self) -> Kek:
        """The first."""
        return self._keks[0]

    def find(self, kek_id: str) -> Kek:
        """The one of this id."""
        for kek in self._keks:
            if kek.kek_id == kek_id:
                return kek
        raise KekError(f"{kek_id} is needed and not in {self._source}; it holds {self._ids()}")

    def _ids(self) -> str:
        return ", ".join(kek.kek_id for kek in self._keks)

    def renew(self) -> Kek:
        """Refused: whoever sets them also changes them."""
        raise KekError(
            f"a KEK from {self._source} is replaced by whoever sets it: put the new one before the old one,"
            " start the crypto workers again, and rotate without drawing a new one"
        )

    def forget(self, kek_ids: Iterable[str]) -> None:
        """Left to whoever sets them."""


class FileKeyring(LocalKeyring):
    """KEKs in a file of this machine, mode 0600, one a line.

    Args:
        path: of the file.
        strict: refuse it where others can read or change it.
    """

    def __init__(self, path: Path, *, strict: bool = False) -> None:
        self._path, self._strict = path, strict
        if strict and (why := exposure(path)):
            raise KekError(str(refusal(path, why)))
        try:
            text = path.read_text()
        except OSError as error:
            raise KekError(f"the KEK file {path} cannot be read: {error.strerror}") from None
        super().__init__(text, str(path))

    def find(self, kek_id: str) -> Kek:
        """The one of this id, also where another process has added it since."""
        try:
            return super().find(kek_id)
        except KekError:
            return LocalKeyring.find(FileKeyring(self._path, strict=self._strict), kek_id)

    def renew(self) -> Kek:
        """A new first line; refused like the environment's where the file is not this worker's to write."""
        if not self._writable():
            return super().renew()
        self._keks.insert(0, LocalKek(os.urandom(KEK_BYTES)))
        self._write()
        return self._keks[0]

    def forget(self, kek_ids: Iterable[str]) -> None:
        """The file without them."""
        gone = set(kek_ids)
        kept = [kek for kek in self._keks if kek.kek_id not in gone]
        if kept and len(kept) < len(self._keks) and self._writable():
            self._keks = kept
            self._write()

    def _writable(self) -> bool:
        real = Path(os.path.realpath(self._path))
        return real.exists() and os.access(real.parent, os.W_OK) and givable(real.stat())

    def _write(self) -> None:
        """Replace the file, at the end of a link; it stays its owner's and is nobody else's."""
        real = Path(os.path.realpath(self._path))
        with placing(real, like=real, kept=0o600) as file:
            file.write("".join(kek.text() + "\n" for kek in self._keks).encode())


def _local(word: str, source: str) -> LocalKek:
    try:
        key = base64.b64decode(word, validate=True)
    except ValueError:
        key = b""
    if len(key) != KEK_BYTES:
        raise KekError(f"{source}: a KEK is {KEK_BYTES} random bytes as base64")
    return LocalKek(key)
