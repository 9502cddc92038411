"""The structure of DER (X.690): tags, lengths and contents; what these mean is left to others."""

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
        content: what it holds.
        whole: the element itself, with tag and length.
    """

    tag: int
    content: bytes = field(repr=False)
    whole: bytes = field(repr=False)

    def expect(self, tag: int) -> Element:
        """The element itself.

        Raises:
            ValueError: its tag is another.
        """
        if self.tag != tag:
            raise ValueError("another element is expected here")
        return self

    def parts(self) -> list[Element]:
        """The elements that it consists of.

        Raises:
            ValueError: it does not consist of any.
        """
        if not self.tag & CONSTRUCTED:
            raise ValueError("has no parts")
        return elements(self.content)

    def integer(self) -> int:
        """The number that it is.

        Raises:
            ValueError: it is none, or negative.
        """
        found = int.from_bytes(self.expect(INTEGER).content, "big", signed=True)
        if not self.content or found < 0:
            raise ValueError("not a natural number")
        return found

    def oid(self) -> str:
        """The object identifier that it is, in numbers with points between them.

        Raises:
            ValueError: it is none.
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
    """The elements that bytes consist of.

    Raises:
        ValueError: they are no DER.
    """
    found, at = [], 0
    while at < len(data):
        one = _element(data, at)
        found.append(one)
        at += len(one.whole)
    return found


def first(data: bytes) -> Element:
    """The element at the start; what follows it is left alone.

    Raises:
        ValueError: there is none.
    """
    return _element(data, 0)


def sequence(data: bytes) -> list[Element]:
    """The parts of the one sequence that bytes are.

    Raises:
        ValueError: they are not one sequence.
    """
    whole = first(data).expect(SEQUENCE)
    if len(whole.whole) != len(data):
        raise ValueError("something follows its end")
    return whole.parts()


def encoded(tag: int, *parts: bytes) -> bytes:
    """An element of these contents."""
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
