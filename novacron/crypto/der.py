"""Parsing of DER (X.690) structure: tags, lengths and contents, without interpretation."""

from __future__ import annotations

from dataclasses import dataclass, field

INTEGER, BITS, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x03, 0x04, 0x05, 0x06, 0x30
CONSTRUCTED = 0x20
_LONGEST_SHORT = 0x7F


@dataclass(frozen=True, slots=True)
class Element:
    """One element.

    Attributes:
        tag: its identifier octet.
        content: its contents octets.
        whole: the complete element, with tag and length.
    """

    tag: int
    content: bytes = field(repr=False)
    whole: bytes = field(repr=False)

    def expect(self, tag: int) -> Element:
        """Return the element if it has this tag.

        Raises:
            ValueError: it has another tag.
        """
        if self.tag != tag:
            raise ValueError("another element is expected here")
        return self

    def parts(self) -> list[Element]:
        """Return the elements that it contains.

        Raises:
            ValueError: it contains none.
        """
        if not self.tag & CONSTRUCTED:
            raise ValueError("has no parts")
        return elements(self.content)

    def integer(self) -> int:
        """Return its value as an INTEGER.

        Raises:
            ValueError: it is not an INTEGER, or negative.
        """
        found = int.from_bytes(self.expect(INTEGER).content, "big", signed=True)
        if not self.content or found < 0:
            raise ValueError("not a natural number")
        return found

    def oid(self) -> str:
        """Return its value as an object identifier in dotted form.

        Raises:
            ValueError: it is not an object identifier.
        """
        content = self.expect(OID).content
        if not content or content[-1] & 0x80:
            raise ValueError("not an object identifier")
        arcs, arc = [], 0
        for octet in content:
            arc = arc << 7 | octet & 0x7F
            if not octet & 0x80:
                arcs.append(arc)
                arc = 0
        root = min(arcs[0] // 40, 2)
        return ".".join(map(str, [root, arcs[0] - 40 * root, *arcs[1:]]))


def elements(data: bytes) -> list[Element]:
    """Return the elements of a byte string.

    Raises:
        ValueError: it is not DER.
    """
    found, at = [], 0
    while at < len(data):
        one = _element(data, at)
        found.append(one)
        at += len(one.whole)
    return found


def first(data: bytes) -> Element:
    """Return the first element and ignore what follows it.

    Raises:
        ValueError: there is none.
    """
    return _element(data, 0)


def sequence(data: bytes) -> list[Element]:
    """Return the elements of a byte string that is one SEQUENCE.

    Raises:
        ValueError: it is not a single SEQUENCE.
    """
    whole = first(data).expect(SEQUENCE)
    if len(whole.whole) != len(data):
        raise ValueError("something follows its end")
    return whole.parts()


def encoded(tag: int, *parts: bytes) -> bytes:
    """Return an element with these contents."""
    content = b"".join(parts)
    if len(content) <= _LONGEST_SHORT:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, _LONGEST_SHORT + 1 + len(length)]) + length + content


def _element(data: bytes, at: int) -> Element:
    try:
        tag, length, start = data[at], data[at + 1], at + 2
    except IndexError:
        raise ValueError("cut short") from None
    if length > _LONGEST_SHORT:
        n_bytes = length - _LONGEST_SHORT - 1
        if not 0 < n_bytes <= 8:
            raise ValueError("without a length")
        length, start = int.from_bytes(data[start : start + n_bytes], "big"), start + n_bytes
    if start + length > len(data):
        raise ValueError("cut short")
    return Element(tag, data[start : start + length], data[at : start + length])
