"""Key-encryption keys (KEKs), which wrap the data keys that seal private keys.

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
    """The KEK is missing or wrong, or cannot unwrap its input; the message never contains a key."""


class Kek(Protocol):
    """A key-encryption key."""

    @property
    def kek_id(self) -> str:
        """Its name, which reveals nothing about the key."""
        ...

    def wrap(self, dek: bytes, binding: bytes) -> bytes:
        """Wrap a data key together with its binding."""
        ...

    def unwrap(self, wrapped: bytes, binding: bytes) -> bytes:
        """Unwrap a data key.

        Raises:
            KekError: it was wrapped by another KEK, was modified, or has another binding.
        """
        ...


class Keyring(Protocol):
    """The KEKs available to this worker."""

    def newest(self) -> Kek:
        """Return the newest KEK, the target of a rotation."""
        ...

    def find(self, kek_id: str) -> Kek:
        """Return the KEK of this id.

        Raises:
            KekError: it is not available.
        """
        ...

    def renew(self) -> Kek:
        """Generate a new KEK, which becomes `newest`; the previous ones remain.

        Raises:
            KekError: this keyring is read-only.
        """
        ...

    def forget(self, kek_ids: Iterable[str]) -> None:
        """Remove KEKs that are no longer needed."""
        ...


class LocalKek:
    """A 256-bit key held by this process: AES-256-GCM with a random nonce (NIST SP 800-38D).

    Its id is part of its hash, so that keys cannot be confused.
    """

    def __init__(self, key: bytes) -> None:
        self.kek_id = "kek_" + hashlib.sha256(b"novacron kek id\0" + key).hexdigest()[:24]
        self._key = key
        self._aead = AESGCM(key)

    def wrap(self, dek: bytes, binding: bytes) -> bytes:
        """Return nonce, ciphertext and tag."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, dek, binding)

    def unwrap(self, wrapped: bytes, binding: bytes) -> bytes:
        """Return the data key."""
        try:
            return self._aead.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], binding)
        except (InvalidTag, ValueError):
            raise KekError(f"KEK {self.kek_id} does not open this key: its row was changed") from None

    def text(self) -> str:
        """Return the key as base64, as stored in the key file."""
        return base64.b64encode(self._key).decode()


class LocalKeyring:
    """KEKs as base64 lines, the newest first: from a file, or from the environment."""

    def __init__(self, text: str, source: str) -> None:
        self._source = source
        self._keks = [_local(word, source) for word in text.replace(",", " ").split()]
        if not self._keks:
            raise KekError(f"{source} holds no key: 32 random bytes as base64 are expected")

    def newest(self) -> Kek:
        """Return the first KEK."""
        return self._keks[0]

    def find(self, kek_id: str) -> Kek:
        """Return the KEK of this id."""
        for kek in self._keks:
            if kek.kek_id == kek_id:
                return kek
        raise KekError(f"{kek_id} is needed and not in {self._source}; it holds {self._ids()}")

    def _ids(self) -> str:
        return ", ".join(kek.kek_id for kek in self._keks)

    def renew(self) -> Kek:
        """Raise an error: the environment is changed by the operator."""
        raise KekError(
            f"a KEK from {self._source} is replaced by whoever sets it: put the new one before the old one,"
            " start the crypto workers again, and rotate without drawing a new one"
        )

    def forget(self, kek_ids: Iterable[str]) -> None:
        """Do nothing: the environment is changed by the operator."""


class FileKeyring(LocalKeyring):
    """KEKs in a local file, mode 0600, one per line.

    Args:
        path: path of the file.
        strict: reject it if others can read or change it.
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
        """Return the KEK of this id, including one that another process has added since."""
        try:
            return super().find(kek_id)
        except KekError:
            return LocalKeyring.find(FileKeyring(self._path, strict=self._strict), kek_id)

    def renew(self) -> Kek:
        """Prepend a new KEK; raise an error if the file is not writable by this worker."""
        if not self._writable():
            return super().renew()
        self._keks.insert(0, LocalKek(os.urandom(KEK_BYTES)))
        self._write()
        return self._keks[0]

    def forget(self, kek_ids: Iterable[str]) -> None:
        """Rewrite the file without these KEKs."""
        gone = set(kek_ids)
        kept = [kek for kek in self._keks if kek.kek_id not in gone]
        if kept and len(kept) < len(self._keks) and self._writable():
            self._keks = kept
            self._write()

    def _writable(self) -> bool:
        real = Path(os.path.realpath(self._path))
        return real.exists() and os.access(real.parent, os.W_OK) and givable(real.stat())

    def _write(self) -> None:
        """Replace the file, following links; its owner is kept and it is private to the owner."""
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
