"""Identifies data by its content, not by a file name, and looks into archives and base64."""

from __future__ import annotations

import io
import warnings

from novacron.crypto import pem as armour
from shared.crypto.found import Findings, unread
from workers.crypto.inventory import archives
from workers.crypto.inventory.formats import der, encrypted, foreign, java_keystore, text
from workers.crypto.inventory.limits import DEEPEST, Limits

_BINARY = (*java_keystore.MAGICS, *encrypted.MAGICS, *archives.ZIP, b"\x1f\x8b\x08", b"\xfd7zXZ\x00")
"""Magic numbers of formats that occur in base64, chosen to have no accidental matches."""
_SNIFFED_BYTES = 400
_READABLE_SHARE = 0.95


def read(data: bytes, location: str, limits: Limits, depth: int = 0) -> Findings:
    """Yield the findings in some bytes; none if they have no known format.

    Args:
        data: all of them.
        location: their location.
        limits: resource limits of the file.
        depth: number of archives and base64 layers around them.

    Raises:
        TooMuch: a limit is exceeded.
    """
    # Libraries warn of obsolete or malformed data, which is exactly what an inventory looks for.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield from _form(data, location, limits, depth)


def _form(data: bytes, location: str, limits: Limits, depth: int) -> Findings:
    if data.startswith(encrypted.MAGICS):
        yield from encrypted.read(data, len(data), location.rpartition("/")[2], location)
    elif data[:4] in java_keystore.MAGICS:
        yield from java_keystore.read(data, location)
    elif archive := archives.form(data[: archives.HEAD_BYTES], data):
        yield from _archive(data, archive, location, limits, depth)
    elif reason := foreign.reason(data):
        yield unread(location, reason)
    elif der.is_one(data):
        yield from _der(data, location)
    else:
        yield from _rest(data, location, limits, depth)


def _archive(data: bytes, form: str, location: str, limits: Limits, depth: int) -> Findings:
    if depth >= DEEPEST:
        return iter([unread(location, f"nested deeper than {DEEPEST} times")])
    return archives.read(io.BytesIO(data), form, location, limits, inside(limits, depth))


def inside(limits: Limits, depth: int) -> archives.Inside:
    """Return the reader for members of an archive at this depth."""
    return lambda data, place: read(data, place, limits, depth + 1)


def _der(data: bytes, location: str) -> Findings:
    found = der.read(data, location)
    if found is None:
        yield unread(location, "DER that is no key, certificate, request or key store")
    yield from found or ()


def _rest(data: bytes, location: str, limits: Limits, depth: int) -> Findings:
    if b"\0" in armour.decoded(data):
        return text.complete(data, location, limits)
    return text.read(data, location, limits, lambda coded: _coded(coded, location, limits, depth))


def _coded(data: bytes, location: str, limits: Limits, depth: int) -> Findings:
    """Yield the findings in base64-decoded data, if it has a known format."""
    if der.is_one(data):
        yield from der.read(data, location) or ()
        return
    if not (data.startswith(_BINARY) or _is_text(data)):
        return
    if depth >= DEEPEST:
        yield unread(location, f"nested deeper than {DEEPEST} times")
        return
    yield from read(data, location, limits, depth + 1)


def _is_text(data: bytes) -> bool:
    """Return whether bytes are probably text: nearly all of the first are printable ASCII."""
    head = armour.decoded(data[:_SNIFFED_BYTES])
    readable = sum(32 <= one < 127 or one in b"\t\r\n" for one in head)
    return readable >= _READABLE_SHARE * len(head)
