"""The byte format of an envelope's header, specified in docs/envelope_format.md."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from novacron.crypto.suites import BY_IDS, Suite
from novacron.errors import NotAuthentic

MAGIC = b"NCRYPT"
VERSION = 1
AES_256_GCM_STREAM = 1
CHUNK_BYTES = 1 << 16
MOST_RECIPIENTS = 64
MOST_KEY_ID_BYTES = 128
MOST_SEALED_BYTES = 4096
MAC_BYTES = 48

_PREAMBLE = struct.Struct(">6sBB16sI48s")
_STANZA = struct.Struct(">HHHBH")
LARGEST_BYTES = (
    _PREAMBLE.size + 1 + MOST_RECIPIENTS * (_STANZA.size + MOST_KEY_ID_BYTES + MOST_SEALED_BYTES) + MAC_BYTES
)


@dataclass(frozen=True, slots=True)
class Preamble:
    """The part of a header that never changes; every chunk is bound to it.

    Attributes:
        envelope_id: 16 random bytes.
        context_hash: SHA-384 of the caller's context.
    """

    envelope_id: bytes
    context_hash: bytes

    def encode(self) -> bytes:
        """Return its encoding."""
        return _PREAMBLE.pack(
            MAGIC, VERSION, AES_256_GCM_STREAM, self.envelope_id, CHUNK_BYTES, self.context_hash
        )

    @classmethod
    def decode(cls, data: bytes) -> Preamble:
        """Parse its encoding.

        Raises:
            NotAuthentic: the bytes are something else, or of an unsupported version or cipher.
        """
        magic, version, cipher, envelope_id, chunk_bytes, context_hash = _PREAMBLE.unpack(data)
        if magic != MAGIC:
            raise NotAuthentic("this is not an envelope")
        if (version, cipher, chunk_bytes) != (VERSION, AES_256_GCM_STREAM, CHUNK_BYTES):
            raise NotAuthentic("the envelope is of an unsupported version")
        return cls(envelope_id, context_hash)


@dataclass(frozen=True, slots=True)
class Stanza:
    """The data key, sealed to one recipient.

    Attributes:
        suite_ids: identifiers of KEM, KDF and AEAD.
        key_id: names the recipient's key.
        sealed: the encapsulated key, then the ciphertext of the data key.
    """

    suite_ids: tuple[int, int, int]
    key_id: str
    sealed: bytes

    @property
    def suite(self) -> Suite | None:
        """The suite; None if it is not supported."""
        return BY_IDS.get(self.suite_ids)

    def encode(self) -> bytes:
        """Return its encoding."""
        name = self.key_id.encode()
        return _STANZA.pack(*self.suite_ids, len(name), len(self.sealed)) + name + self.sealed


@dataclass(frozen=True, slots=True)
class Header:
    """Everything before the payload.

    Attributes:
        preamble: fixed when the envelope is created.
        stanzas: one per recipient; rewrapping changes them.
        mac: HMAC of both under a key derived from the data key.
    """

    preamble: Preamble
    stanzas: tuple[Stanza, ...]
    mac: bytes

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Names of the recipients' keys, in order."""
        return tuple(stanza.key_id for stanza in self.stanzas)

    def encode(self) -> bytes:
        """Return its encoding."""
        return authenticated(self.preamble, self.stanzas) + self.mac

    @classmethod
    def decode(cls, data: bytes) -> Header:
        """Parse a complete encoding, without trailing bytes.

        Raises:
            NotAuthentic: they are not a header.
        """
        source = BytesIO(data)
        found = cls.read(source)
        if source.read(1):
            raise NotAuthentic("the envelope's header is damaged")
        return found

    @classmethod
    def read(cls, source: BinaryIO) -> Header:
        """Read a header from a stream, which is then at the first byte of the payload.

        Raises:
            NotAuthentic: the bytes are not a header.
        """
        preamble = Preamble.decode(_exactly(source, _PREAMBLE.size))
        count = _exactly(source, 1)[0]
        if not 1 <= count <= MOST_RECIPIENTS:
            raise NotAuthentic("the envelope's header is damaged")
        stanzas = tuple(_stanza(source) for _ in range(count))
        if len({stanza.key_id for stanza in stanzas}) < count:
            raise NotAuthentic("the envelope's header is damaged")
        return cls(preamble, stanzas, _exactly(source, MAC_BYTES))


def authenticated(preamble: Preamble, stanzas: tuple[Stanza, ...]) -> bytes:
    """Return the bytes that the header's MAC covers."""
    return preamble.encode() + bytes([len(stanzas)]) + b"".join(stanza.encode() for stanza in stanzas)


def _stanza(source: BinaryIO) -> Stanza:
    *suite_ids, name_bytes, sealed_bytes = _STANZA.unpack(_exactly(source, _STANZA.size))
    if not 1 <= name_bytes <= MOST_KEY_ID_BYTES or sealed_bytes > MOST_SEALED_BYTES:
        raise NotAuthentic("the envelope's header is damaged")
    name = _exactly(source, name_bytes)
    if not all(0x21 <= byte <= 0x7E for byte in name):
        raise NotAuthentic("the envelope's header is damaged")
    return Stanza((suite_ids[0], suite_ids[1], suite_ids[2]), name.decode(), _exactly(source, sealed_bytes))


def _exactly(source: BinaryIO, size: int) -> bytes:
    found = at_most(source, size)
    if len(found) < size:
        raise NotAuthentic("this is not an envelope, or its header is cut short")
    return found


def at_most(source: BinaryIO, size: int) -> bytes:
    """Read this many bytes of a stream, fewer only at its end; a pipe may return less per call."""
    found = source.read(size)
    if len(found) == size or not found:
        return found
    pieces = bytearray(found)
    while len(pieces) < size and (more := source.read(size - len(pieces))):
        pieces += more
    return bytes(pieces)
