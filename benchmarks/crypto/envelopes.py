"""Envelopes compared with manual use of the library's HPKE and AES-256-GCM over chunks of the same size."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.crypto.turns import Race
from novacron.crypto import envelope
from novacron.crypto.header import CHUNK_BYTES
from novacron.crypto.keys import PrivateKey
from novacron.crypto.suites import suite_of

MEGABYTES = 16
TAG_BYTES = 16
INFO = b"benchmark"
PLAINTEXT = bytes(MEGABYTES * 10**6)


def races() -> Iterator[Race]:
    """Yield sealing and opening of a stream in memory."""
    key = PrivateKey.generate()
    hpke, public, private = suite_of(key.algorithm).hpke, key.public.hpke, key.hpke
    sealed, encrypted = io.BytesIO(), io.BytesIO()

    def seal() -> None:
        sealed.seek(0)
        envelope.seal(io.BytesIO(PLAINTEXT), sealed, [key.public])

    def open_() -> None:
        sealed.seek(0)
        envelope.open_(sealed, io.BytesIO(), key)

    def encrypt() -> None:
        data_key = os.urandom(32)
        encrypted.seek(0)
        encrypted.write(hpke.encrypt(data_key, public, INFO))
        cipher = AESGCM(data_key)
        for at, chunk in _chunks(io.BytesIO(PLAINTEXT), CHUNK_BYTES):
            encrypted.write(cipher.encrypt(_nonce(at), chunk, None))

    def decrypt() -> None:
        encrypted.seek(0)
        target, cipher = io.BytesIO(), AESGCM(hpke.decrypt(encrypted.read(wrapped_bytes), private, INFO))
        for at, chunk in _chunks(encrypted, CHUNK_BYTES + TAG_BYTES):
            target.write(cipher.decrypt(_nonce(at), chunk, None))

    wrapped_bytes = len(hpke.encrypt(bytes(32), public, INFO))
    yield Race("envelope, X-Wing", "seal", seal, encrypt, MEGABYTES, "MB/s")
    yield Race("envelope, X-Wing", "open", open_, decrypt, MEGABYTES, "MB/s")


def _nonce(at: int) -> bytes:
    return at.to_bytes(12, "big")


def _chunks(source: io.BytesIO, size: int) -> Iterator[tuple[int, bytes]]:
    return enumerate(iter(lambda: source.read(size), b""))
