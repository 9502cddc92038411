"""The payload: AES-256-GCM chunks whose nonces contain a counter and a last-chunk flag.

Source: the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizar, "Online Authenticated-Encryption
and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from novacron.crypto.header import CHUNK_BYTES, at_most
from novacron.errors import NotAuthentic

TAG_BYTES = 16


def seal(source: BinaryIO, target: BinaryIO, key: bytes, bound: bytes) -> None:
    """Encrypt a stream.

    Args:
        source: the plaintext.
        target: receives the chunks.
        key: 32 bytes, used for this payload only.
        bound: associated data of every chunk.
    """
    cipher = AESGCM(key)
    for nonce, chunk, _ in _chunks(source, CHUNK_BYTES):
        target.write(cipher.encrypt(nonce, chunk, bound))


def open_(source: BinaryIO, target: BinaryIO, key: bytes, bound: bytes) -> None:
    """Decrypt a stream; each chunk is written as soon as it has been verified.

    Raises:
        NotAuthentic: a chunk was changed, moved, omitted or repeated, or the end is missing. The output up to
            then is authentic but incomplete.
    """
    cipher = AESGCM(key)
    for nonce, chunk, first in _chunks(source, CHUNK_BYTES + TAG_BYTES):
        try:
            plaintext = cipher.decrypt(nonce, chunk, bound)
        except InvalidTag:
            raise NotAuthentic("the envelope was changed or is incomplete") from None
        if not plaintext and not first:
            raise NotAuthentic("the envelope was changed or is incomplete")
        target.write(plaintext)


def _chunks(source: BinaryIO, size: int) -> Iterator[tuple[bytes, bytes, bool]]:
    """Yield the chunks of a stream, each with its nonce and a first flag; an empty stream is one chunk."""
    chunk = at_most(source, size)
    for number in count():
        following = at_most(source, size) if len(chunk) == size else b""
        yield number.to_bytes(11) + (b"\0" if following else b"\1"), chunk, number == 0
        if not following:
            return
        chunk = following
