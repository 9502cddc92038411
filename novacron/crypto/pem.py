"""PEM blocks (RFC 7468) within any text: in UTF-16, after a byte order mark, indented, quoted, escaped."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field

MARK = b"-----BEGIN "
_BEGIN = re.compile(rb"-----BEGIN ([A-Z0-9][A-Z0-9 ]{0,59})-----")
_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
"""Byte order mark -> encoding. UTF-32 comes before UTF-16, whose mark is a prefix of its own."""
_SNIFFED_BYTES = 64
_ESCAPE = re.compile(rb"(?<!\\)\\{1,8}(?:([nrt/])|u00([0-7][0-9A-Fa-f]))")
"""An escape sequence in a string literal, also nested, up to three levels."""
_ESCAPED = {b"n": b"\n", b"r": b"\n", b"t": b" ", b"/": b"/"}
_JOINT = re.compile(rb"[\"'][ \t]*[+.&][ \t\r\n\\]*[\"']|[\"'][ \t\r\n\\]*[\"']")
"""The end of one string literal and the start of the next, which is concatenated to it."""
_DECORATION = b" \t\r\n\"'`,;\\"
"""Characters around base64 in configuration files and source code that are not base64."""
_LINE_WIDTH = 64
_LONGEST_PREFIX = 200


@dataclass(frozen=True, slots=True)
class Block:
    """One block.

    Attributes:
        label: type of its content, such as `PRIVATE KEY`.
        base64: its body without line breaks; empty if its end is missing.
        headers: the lines before the body, such as `Proc-Type: 4,ENCRYPTED` (RFC 1421).
        start: offset of its start in the text that `plain` returns.
        end: offset of its end.
        alone: whether only a prefix of its line precedes it.
    """

    label: str
    base64: bytes = field(repr=False)
    headers: tuple[str, ...]
    start: int
    end: int
    alone: bool

    def der(self) -> bytes:
        """Return the decoded body.

        Raises:
            ValueError: it is empty, or not base64.
        """
        if not self.base64:
            raise ValueError("empty")
        try:
            return base64.b64decode(self.base64, validate=True)
        except binascii.Error:
            raise ValueError("no base64") from None

    def pem(self) -> bytes:
        """Return the block in the form of RFC 7468, with its headers (RFC 1421)."""
        head = "".join(f"{line}\n" for line in self.headers) + "\n" if self.headers else ""
        return armoured(self.label, self.base64, head)


def armoured(label: str, body: bytes, head: str = "") -> bytes:
    """Return base64 between the begin and end lines of a label."""
    lines = "\n".join(textwrap.wrap(body.decode("ascii", "replace"), _LINE_WIDTH))
    return f"-----BEGIN {label}-----\n{head}{lines}\n-----END {label}-----\n".encode()


def decoded(data: bytes) -> bytes:
    """Return a text in UTF-8 without byte order mark, from any Unicode encoding; other bytes unchanged."""
    encoding = next((name for mark, name in _ENCODINGS if data.startswith(mark)), None) or _utf16(data)
    if encoding is None:
        return data
    return data.decode(encoding, "replace").removeprefix("\ufeff").encode("utf-8", "replace")


def _utf16(data: bytes) -> str | None:
    """Detect UTF-16 without a byte order mark: every other byte of Latin text is zero."""
    head = data[:_SNIFFED_BYTES]
    even, odd = head[::2], head[1::2]
    if len(odd) < 4 or b"\0" not in head:
        return None
    if not even.strip(b"\0") and 0 not in odd:
        return "utf-16-be"
    return "utf-16-le" if not odd.strip(b"\0") and 0 not in even else None


def plain(data: bytes) -> bytes:
    """Return a text in UTF-8 with the escapes of JSON, shells and programming languages resolved."""
    text = decoded(data)
    return _ESCAPE.sub(_unescaped, text) if b"\\" in text else text


def _unescaped(match: re.Match[bytes]) -> bytes:
    return _ESCAPED[match[1]] if match[1] else bytes([int(match[2], 16)])


def blocks(data: bytes) -> list[Block]:
    """Return the blocks of a text, in order.

    Args:
        data: the text, in any Unicode encoding; takes time linear in its length.
    """
    return list(blocks_of(plain(data)))


def blocks_of(text: bytes) -> Iterator[Block]:
    """Yield the blocks of a text returned by `plain`."""
    at = 0
    while begin := _BEGIN.search(text, at):
        end = b"-----END " + begin[1] + b"-----"
        at = begin.end()
        prefix = text[max(0, begin.start() - _LONGEST_PREFIX) : begin.start()].rpartition(b"\n")[2]
        alone = not re.search(rb"[A-Za-z0-9]", prefix)
        if (stop := text.find(end, at, _next(text, at))) < 0:
            yield Block(begin[1].decode(), b"", (), begin.start(), at, alone)
            continue
        headers, body = _parts(text[at:stop], prefix.strip() if alone else b"")
        at = stop + len(end)
        yield Block(begin[1].decode(), body, headers, begin.start(), at, alone)


def _next(text: bytes, at: int) -> int:
    following = text.find(MARK, at)
    return following if following >= 0 else len(text)


def _parts(raw: bytes, prefix: bytes) -> tuple[tuple[str, ...], bytes]:
    """Return headers and base64 of the text between the begin and end lines.

    Args:
        raw: that text.
        prefix: prefix of each line, such as the `#` of a comment.
    """
    joined = _JOINT.sub(b"\n", raw)
    lines = [line.strip(_DECORATION).removeprefix(prefix).strip(_DECORATION) for line in joined.splitlines()]
    headers = tuple(line.decode("ascii", "replace") for line in lines if b":" in line)
    body = b"".join(line for line in lines if b":" not in line)
    return headers, body.translate(None, _DECORATION)
