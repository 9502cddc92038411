"""Text in any Unicode encoding: keys and certificates embedded in it in textual formats.

They are found in YAML, JSON, shell, XML and source code: indented, quoted, escaped or base64-encoded.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence

from novacron.crypto import pem as armour
from novacron.crypto.pem import Block
from shared.crypto.found import Findings, unread
from workers.crypto.inventory.formats import age, jose, openssh, pem, putty, wireguard
from workers.crypto.inventory.limits import Limits

_RUN = re.compile(rb"[A-Za-z0-9+/]{24,}(?:\s{1,40}[A-Za-z0-9+/]{24,})*(?:\s{1,40}[A-Za-z0-9+/]{1,23})?={0,2}")
"""Base64 on one line, or on several consecutive ones."""
_URL_SAFE = re.compile(rb"(?<![A-Za-z0-9+/_-])[A-Za-z0-9_-]{24,}={0,2}")
"""URL-safe base64 (RFC 4648, section 5), on one line."""
_OTHERWISE = (
    (re.compile(rb"-----BEGIN(?:%20|\+)[A-Z0-9+%]{1,60}-----%0", re.IGNORECASE), "percent-encoding"),
    (re.compile(rb"2d2d2d2d2d424547494e20", re.IGNORECASE), "hexadecimal"),
)
"""PEM in URL-encoded or dumped form, with the name of the form."""
Inside = Callable[[bytes], Findings]
"""Reads base64-decoded bytes."""


def read(data: bytes, location: str, limits: Limits, inside: Inside) -> Findings:
    """Yield the findings in a text.

    Args:
        data: the text as stored in the file.
        location: the file.
        limits: resource limits.
        inside: reads base64-decoded data.

    Raises:
        TooMuch: a limit is exceeded.
    """
    text = armour.plain(data)
    blocks = list(armour.blocks_of(text)) if armour.MARK in text else []
    for number, block in enumerate(blocks, 1):
        limits.check_time()
        yield from pem.read(number, block, location)
    rest = _without(text, blocks)
    yield from jose.read(armour.decoded(data), rest, location, limits)
    yield from _lines(rest, location)
    yield from _coded(rest, limits, inside)
    for pattern, coding in _OTHERWISE:
        if count := len(pattern.findall(text)):
            yield unread(location, f"PEM in {coding}, which is not read: {count} times")
    if wireguard.BARE.fullmatch(rest):
        yield unread(location, "32 bytes in base64: a WireGuard key or any other secret, nothing says which")


def complete(data: bytes, location: str, limits: Limits) -> Findings:
    """Yield the complete PEM blocks in a non-text file, such as a program."""
    blocks = [one for one in armour.blocks_of(data) if one.base64]
    for number, block in enumerate(blocks, 1):
        limits.check_time()
        if not pem.is_mention(block):
            yield from pem.read(number, block, location)


def _without(text: bytes, blocks: Sequence[Block]) -> bytes:
    """Return the text with each block replaced by a line end."""
    kept, at = [], 0
    for block in blocks:
        kept.append(text[at : block.start])
        at = block.end
    return b"\n".join([*kept, text[at:]])


def _lines(rest: bytes, location: str) -> Findings:
    """Yield the keys of formats with one key per line."""
    if rest.startswith(putty.MARK):
        yield from putty.read(_utf8(rest), location)
    if putty.SSH2 in rest:
        yield from putty.public(_utf8(rest), location)
    if b" AAAA" in rest:
        yield from openssh.lines(rest, location)
    if any(mark in rest for mark in age.MARKS):
        yield from age.keys(_utf8(rest), location)
    if wireguard.MARK.search(rest):
        yield from wireguard.keys(_utf8(rest), location)


def _utf8(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _coded(rest: bytes, limits: Limits, inside: Inside) -> Findings:
    """Yield the findings in base64: in a Kubernetes Secret, in SAML, or in a PEM body without markers."""
    for match in _RUN.finditer(rest):
        limits.check_time()
        words = match[0].split()
        found = list(_decoded(b"".join(words), inside))
        if not found and len(words) > 1:
            found = [one for word in words for one in _decoded(word, inside)]
        yield from found
    for match in _URL_SAFE.finditer(rest):
        limits.check_time()
        if b"-" in match[0] or b"_" in match[0]:
            yield from _decoded(match[0].translate(_STANDARD), inside)


def _decoded(coded: bytes, inside: Inside) -> Findings:
    """Yield the findings in base64-decoded data; its padding may be missing."""
    try:
        return inside(base64.b64decode(coded + b"=" * (-len(coded) % 4), validate=True))
    except binascii.Error:
        return iter(())


_STANDARD = bytes.maketrans(b"-_", b"+/")
