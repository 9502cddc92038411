"""Keys of OpenSSH: private key files, public keys, `authorized_keys` and `known_hosts`."""

from __future__ import annotations

import base64
import hashlib
import re

from cryptography.hazmat.primitives.asymmetric import dsa, rsa
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from novacron.crypto import openssh
from novacron.json_types import JsonObject
from novacron.migration import Finding
from shared.crypto.found import Findings, Found, unread
from workers.crypto.inventory.formats.private_key import OPEN
from workers.crypto.inventory.formats.public_key import UNREADABLE

MOST_LINES = 20_000
LONGEST_LINE = 16_384
_LINE = re.compile(
    r"(?:^|[\s\"'=,:>])(?P<type>(?:ssh-|ecdsa-sha2-|sk-)[a-z0-9@.-]{3,60})\s+(?P<blob>AAAA[A-Za-z0-9+/]+=*)"
    r"(?:\s+(?P<comment>[^\"'<]*))?(?:[\"'<].*)?$"
)
_HOST = re.compile(r"(?:@[a-z-]+\s+)?(?P<host>\S+)\s")
_NAMES = {
    "ssh-ed25519": "Ed25519",
    "ecdsa-sha2-nistp256": "ECDSA-P256",
    "ecdsa-sha2-nistp384": "ECDSA-P384",
    "ecdsa-sha2-nistp521": "ECDSA-P521",
}


def private(data: bytes, location: str) -> Found:
    """Return the asset of an OPENSSH PRIVATE KEY, whose public key is unencrypted even with a password.

    Source: PROTOCOL.key in OpenSSH.

    Raises:
        ValueError: it is none.
    """
    head = openssh.head(data)
    details: JsonObject = {"form": "OpenSSH", "private": True, "encrypted": head.encrypted}
    return found(head.public, "private key", location, details, () if head.encrypted else (OPEN,))


def lines(data: bytes, location: str) -> Findings:
    """Yield the public keys in a file of lines; lines without a key are skipped."""
    found_lines = data.split(b"\n")
    for number, line in enumerate(found_lines[:MOST_LINES], 1):
        place = f"{location}:{number}"
        text = line[:LONGEST_LINE].decode("utf-8", "replace").strip()
        if text.startswith("#") or not (match := _LINE.search(text)):
            continue
        try:
            blob = base64.b64decode(match["blob"], validate=True)
            yield found(blob, _owner(text, match), place, {"form": "OpenSSH", "private": False})
        except UNREADABLE:
            yield unread(place, "an SSH public key that cannot be read")
    if len(found_lines) > MOST_LINES and any(b" AAAA" in line for line in found_lines[MOST_LINES:]):
        yield unread(location, f"more than {MOST_LINES:,} lines: SSH keys on the rest were not examined")


def _owner(text: str, match: re.Match[str]) -> str:
    """Return the comment after a key, or the host before it in `known_hosts`."""
    host = _HOST.match(text)
    if match.start("type") > 0 and host and not host["host"].startswith("|"):
        return match["comment"] or host["host"]
    return match["comment"] or "SSH key"


def found(
    blob: bytes, name: str, location: str, details: JsonObject, findings: tuple[Finding, ...] = ()
) -> Found:
    """Return the asset of a public key in SSH encoding.

    Raises:
        ValueError: it is none; or another of `UNREADABLE`.
    """
    kind = openssh.string(blob)[0].decode("ascii")
    algorithm, bits = _named(kind, blob)
    fingerprint = "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return Found(
        "ssh_key", f"{name} {algorithm}", location, algorithm, bits, ("authenticity",), fingerprint,
        details={**details, "type": kind}, findings=findings,
    )  # fmt: skip


def _named(kind: str, blob: bytes) -> tuple[str, int | None]:
    if kind not in ("ssh-rsa", "ssh-dss"):
        return _NAMES.get(kind, kind), None
    public = load_ssh_public_key(f"{kind} {base64.b64encode(blob).decode()}".encode())
    assert isinstance(public, rsa.RSAPublicKey | dsa.DSAPublicKey)
    return f"{'RSA' if kind == 'ssh-rsa' else 'DSA'}-{public.key_size}", public.key_size
