"""PuTTY private keys, whose public key is unencrypted even with a password; keys in RFC 4716 format.

Source: PuTTY's documentation, appendix C ("PPK file format"); RFC 4716, section 3.
"""

from __future__ import annotations

import base64
import re

from shared.crypto.found import Findings, Found, shown, unread
from workers.crypto.inventory.formats import openssh
from workers.crypto.inventory.formats.private_key import OPEN
from workers.crypto.inventory.formats.public_key import UNREADABLE

MARK = b"PuTTY-User-Key-File-"
SSH2 = b"---- BEGIN SSH2 "
_VERSIONS = ("2", "3")
_MOST_LINES = 4000
_HEADER = re.compile(r"([A-Za-z0-9-]{1,64}): ?(.*)")
_PUBLIC = re.compile(r"---- BEGIN SSH2 PUBLIC KEY ----\n(.*?)\n---- END SSH2 PUBLIC KEY ----", re.DOTALL)


def private(text: str, location: str) -> Found:
    """Return the asset of a PuTTY key file.

    Raises:
        ValueError: it is damaged, or of an unknown version.
    """
    lines = text.splitlines()[:_MOST_LINES]
    found = [match for line in lines if (match := _HEADER.fullmatch(line.strip()))]
    headers = {match[1]: match[2] for match in found}
    version = next((name for name in headers if name.startswith(MARK.decode())), "")
    if version.removeprefix(MARK.decode()) not in _VERSIONS:
        raise ValueError("of an unknown version")
    start = next(at for at, line in enumerate(lines) if line.startswith("Public-Lines:")) + 1
    blob = base64.b64decode("".join(lines[start : start + int(headers["Public-Lines"])]), validate=True)
    encrypted = headers.get("Encryption", "none") != "none"
    details = {"form": "PuTTY", "private": True, "encrypted": encrypted}
    name = shown(headers.get("Comment", "")) if headers.get("Comment") else "private key"
    return openssh.found(blob, name, location, details, () if encrypted else (OPEN,))


def read(text: str, location: str) -> Findings:
    """Yield the contents of a PuTTY key file."""
    try:
        yield private(text, location)
    except (*UNREADABLE, StopIteration, KeyError):
        yield unread(location, "a private key of PuTTY that is damaged, or of a version that is not read")


def public(text: str, location: str) -> Findings:
    """Yield the keys between the RFC 4716 marker lines."""
    bodies = _PUBLIC.findall(text.replace("\r\n", "\n"))
    for number, body in enumerate(bodies, 1):
        try:
            yield _public(body, location)
        except UNREADABLE:
            yield unread(location, f"SSH2 public key {number} cannot be read")
    if text.count("---- BEGIN SSH2 ") > len(bodies):
        yield unread(location, "an SSH2 key that is private, or has no end, is not read")


def _public(body: str, location: str) -> Found:
    """Parse a body: headers, which a backslash may continue, then base64."""
    lines, continued = [], False
    for line in body.split("\n"):
        if not continued and ":" not in line:
            lines.append(line.strip())
        continued = line.endswith("\\")
    blob = base64.b64decode("".join(lines), validate=True)
    return openssh.found(blob, "SSH key", location, {"form": "RFC 4716", "private": False})
