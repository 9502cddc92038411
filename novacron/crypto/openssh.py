"""The envelope of an OpenSSH private key: how it is encrypted, and its public half, which lies open.

Source: PROTOCOL.key in OpenSSH; RFC 4251, section 5.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

MAGIC = b"openssh-key-v1\0"


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the private part.

    Attributes:
        cipher: `none` where it is not encrypted.
        rounds: of bcrypt; 0 where it is not encrypted.
        public: the public key as SSH encodes it.
    """

    cipher: str
    rounds: int
    public: bytes

    @property
    def encrypted(self) -> bool:
        """Whether it has a password."""
        return self.cipher != "none"


def head(data: bytes) -> Head:
    """The head of a private key.

    Args:
        data: the decoded body of an `OPENSSH PRIVATE KEY`.

    Raises:
        ValueError: it is none.
    """
    if not data.startswith(MAGIC):
        raise ValueError("not a private key of OpenSSH")
    cipher, rest = string(data[len(MAGIC) :])
    derivation, rest = string(rest)
    options, rest = string(rest)
    public, _ = string(rest[4:])
    return Head(cipher.decode("ascii", "replace"), _rounds(options) if derivation == b"bcrypt" else 0, public)


def _rounds(options: bytes) -> int:
    _, rest = string(options)
    if len(rest) != 4:
        raise ValueError("cut short")
    return int.from_bytes(rest, "big")


def string(data: bytes) -> tuple[bytes, bytes]:
    """A string of the SSH protocol and what follows it.

    Raises:
        ValueError: there is none.
    """
    if len(data) < 4:
        raise ValueError("cut short")
    (length,) = struct.unpack(">I", data[:4])
    if len(data) < 4 + length:
        raise ValueError("cut short")
    return data[4 : 4 + length], data[4 + length :]
