"""The unencrypted part of an OpenSSH private key: its encryption parameters and its public half.

Source: PROTOCOL.key in OpenSSH; RFC 4251, section 5.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

MAGIC = b"openssh-key-v1\0"


@dataclass(frozen=True, slots=True)
class Head:
    """The header before the private part.

    Attributes:
        cipher: `none` if it is not encrypted.
        rounds: bcrypt rounds; 0 if it is not encrypted.
        public: public key in SSH's encoding.
    """

    cipher: str
    rounds: int
    public: bytes

    @property
    def encrypted(self) -> bool:
        """Whether it is encrypted under a password."""
        return self.cipher != "none"


def head(data: bytes) -> Head:
    """Parse the header of a private key.

    Args:
        data: the decoded body of an `OPENSSH PRIVATE KEY`.

    Raises:
        ValueError: it is something else.
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
    """Return the next SSH string and the remaining bytes.

    Raises:
        ValueError: there is none.
    """
    if len(data) < 4:
        raise ValueError("cut short")
    (length,) = struct.unpack(">I", data[:4])
    if len(data) < 4 + length:
        raise ValueError("cut short")
    return data[4 : 4 + length], data[4 + length :]
