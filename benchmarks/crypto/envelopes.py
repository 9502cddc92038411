"""Envelopes beside AES-256-GCM alone over chunks of the same size."""

from __future__ import annotations

import io
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.crypto.turns import Race
from novacron.crypto import envelope
from novacron.crypto.header import CHUNK_BYTES
from novacron.crypto.keys import PrivateKey

MEGABYTES = 16
TAG_BYTES = 16
PLAINTEXT = bytes(MEGABYTES * 10**6)


def races() -> Iterator[Race]:
    """Sealing and opening a stream in memory."""
    key, cipher = PrivateKey.generate(), AESGCM(bytes(32))
    sealed, encrypted = io.BytesIO(), io.BytesIO()

    def seal() -> None:
        sealed.seek(0)
        envelope.seal(io.BytesIO(PLAINTEXT), sealed, [key.public])

    def open_() -> None:
        sealed.seek(0)
        envelope.open_(sealed, io.BytesIO(), key)

    def encrypt() -> None:
        encrypted.seek(0)
        for at, chunk in _chunks(io.BytesIO(PLAINTEXT), CHUNK_BYTES):
            encrypted.write(cipher.encrypt(_nonce(at), chunk, None))

    def decrypt() -> None:
        encrypted.seek(0)
        target = io.BytesIO()
        for at, chunk in _chunks(encrypted, CHUNK_BYTES + TAG_BYTES):
            target.write(cipher.decrypt(_nonce(at), chunk, None))

    yield Race("envelope, X-Wing", "seal", seal, encrypt, MEGABYTES, "MB/s")
    yield Race("envelope, X-Wing", "open", open_, decrypt, MEGABYTES, "MB/s")


def _nonce(at: int) -> bytes:
    return at.to_bytes(12, "big")


def _chunks(source: io.BytesIO, size: int) -> Iterator[tuple[int, bytes]]:
    return enumerate(iter(lambda: source.read(size), b""))
