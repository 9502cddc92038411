"""Encrypted files: their recipients, read from their headers; the ciphertext is not read."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from novacron.crypto.header import LARGEST_BYTES, MAGIC, Header
from novacron.errors import NotAuthentic
from shared.crypto.found import Findings, Found, unread

AGE = b"age-encryption.org/v1\n"
SALTED = b"Salted__"
MAGICS = (MAGIC, AGE, SALTED)
HEAD_BYTES = LARGEST_BYTES
"""Leading bytes of a file that contain its header."""
_AGE_RECIPIENT = re.compile(rb"(?m)^-> ([A-Za-z0-9-]{1,40})[ \n]")
_AGE_ALGORITHMS = {
    "X25519": "X25519", "ssh-ed25519": "X25519", "ssh-rsa": "RSA-OAEP", "mlkem768x25519": "X-Wing",
    "scrypt": "ChaCha20-Poly1305",
}  # fmt: skip


def read(head: bytes, size_bytes: int, name: str, location: str) -> Findings:
    """Yield the algorithms that seal a file, one asset each."""
    if head.startswith(MAGIC):
        yield from _envelope(head, size_bytes, name, location)
    elif head.startswith(AGE):
        yield from _age(head, size_bytes, name, location)
    else:
        details = {"form": "openssl enc", "size_bytes": size_bytes}
        yield Found("envelope", name, location, "AES", purposes=("confidentiality",), details=details)


def _envelope(head: bytes, size_bytes: int, name: str, location: str) -> Findings:
    try:
        header = Header.read(io.BytesIO(head))
    except NotAuthentic as error:
        yield unread(location, str(error))
        return
    recipients: dict[str, list[str]] = {}
    for stanza in header.stanzas:
        algorithm = stanza.suite.name if stanza.suite else f"HPKE-0x{stanza.suite_ids[0]:04x}"
        recipients.setdefault(algorithm, []).append(stanza.key_id)
    for algorithm, key_ids in recipients.items():
        details = {"form": "envelope", "key_ids": key_ids, "size_bytes": size_bytes}
        yield Found("envelope", name, location, algorithm, purposes=("confidentiality",), details=details)


def _age(head: bytes, size_bytes: int, name: str, location: str) -> Iterator[Found]:
    header = head.partition(b"\n---")[0]
    for kind in sorted({match.decode() for match in _AGE_RECIPIENT.findall(header)}):
        details = {"form": "age", "recipient": kind, "size_bytes": size_bytes}
        algorithm = _AGE_ALGORITHMS.get(kind, kind)
        yield Found("envelope", name, location, algorithm, purposes=("confidentiality",), details=details)
