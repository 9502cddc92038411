"""What bytes are, told by themselves and not by a name; archives and base64 are looked into."""

from __future__ import annotations

import io
import warnings

from novacron.crypto import pem as armour
from shared.crypto.found import Findings, unread
from workers.crypto.inventory import archives
from workers.crypto.inventory.formats import der, encrypted, foreign, java_keystore, text
from workers.crypto.inventory.limits import DEEPEST, Limits

_BINARY = (*java_keystore.MAGICS, *encrypted.MAGICS, *archives.ZIP, b"\x1f\x8b\x08", b"\xfd7zXZ\x00")
"""How forms begin that stand in base64 now and then, and that nothing else begins with by chance."""
_SNIFFED_BYTES = 400
_READABLE_SHARE = 0.95


def read(data: bytes, location: str, limits: Limits, depth: int = 0) -> Findings:
    """What bytes hold; nothing where they are nothing that is known here.

    Args:
        data: all of them.
        location: where they are.
        limits: what may be spent on the file.
        depth: of how many archives and pieces of base64 they come.

    Raises:
        TooMuch: more than that.
    """
    # Libraries warn of what is old or malformed, which is just what is looked for.
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
    """What reads the members of an archive that is so deep."""
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
    """What stands in base64, where it looks like anything at all."""
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
    """Whether bytes may be text: nearly all of the first are printable ASCII."""
    head = armour.decoded(data[:_SNIFFED_BYTES])
    readable = sum(32 <= one < 127 or one in b"\t\r\n" for one in head)
    return readable >= _READABLE_SHARE * len(head)
