"""Distinguished names: `CN=web,O=Example` or a mapping, in the order of RFC 4514 (most specific first)."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator

from novacron.specs.refusal import did_you_mean, refuse

# Source: RFC 5280, appendix A.1, upper bounds; the attributes of RFC 4514, section 3, and what CAs add.
LONGEST = {
    "CN": 64, "O": 64, "OU": 64, "L": 128, "ST": 128, "STREET": 128, "C": 2, "DC": 63, "UID": 256,
    "serialNumber": 64, "emailAddress": 255, "GN": 32768, "SN": 32768, "title": 64,
}  # fmt: skip
"""Attribute -> maximum number of characters of its value."""
LONG_NAMES = {
    "commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU", "localityName": "L",
    "stateOrProvinceName": "ST", "streetAddress": "STREET", "countryName": "C", "domainComponent": "DC",
    "userId": "UID", "givenName": "GN", "surname": "SN",
}  # fmt: skip
_SHORTER = {"organization": "O", "organizationalunit": "OU", "locality": "L", "state": "ST", "country": "C"}
_BY_LETTERS = (
    {name.lower(): name for name in LONGEST}
    | _SHORTER
    | {long.lower(): name for long, name in LONG_NAMES.items()}
)
_ASCII = ("C", "DC", "emailAddress", "serialNumber")
MOST_ATTRIBUTES = 20
LONGEST_TEXT = 4096
# One attribute of RFC 4514, section 3: the value's escapes are a backslash with a special or two hex digits.
_ATTRIBUTE = re.compile(
    r' *([A-Za-z][A-Za-z0-9-]*) *= *((?:[^\\,+";<>\x00]|\\[0-9A-Fa-f]{2}|\\[ "#+,;<=>\\])*)(,|\Z)'
)
_PIECE = re.compile(r"\\([0-9A-Fa-f]{2})|\\(.)|.", re.DOTALL)

Attribute = tuple[str, str]


def _parse(value: object) -> tuple[Attribute, ...]:
    """Parse a subject in any of its forms to (attribute, value) pairs."""
    pairs = tuple(_checked(name, text) for name, text in _pairs(value))
    if not pairs:
        raise refuse("must have at least one attribute, such as CN=example.org")
    if len(pairs) > MOST_ATTRIBUTES:
        raise refuse(f"must have at most {MOST_ATTRIBUTES} attributes")
    return pairs


def _pairs(value: object) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, str):
        yield from _parts(value)
    elif isinstance(value, Mapping):
        for name, texts in value.items():
            for text in texts if isinstance(texts, list | tuple) else (texts,):
                yield name, text
    elif isinstance(value, list | tuple) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 for pair in value
    ):
        yield from value
    else:
        raise refuse("must be text like CN=example.org,O=Example or a mapping of attributes to values")


def _parts(text: str) -> Iterator[Attribute]:
    if len(text) > LONGEST_TEXT:
        raise refuse(f"must have at most {LONGEST_TEXT} characters")
    position, more = 0, bool(text)
    while more:
        found = _ATTRIBUTE.match(text, position)
        if found is None:
            raise refuse(
                f"is not a distinguished name from character {position + 1} on", value=text,
                hint=r"write CN=example.org,O=Example; a backslash before each of , + ; < > \ and quotes",
            )  # fmt: skip
        yield found[1], _unescaped(found[2], text)
        position, more = found.end(), bool(found[3])


def _unescaped(raw: str, text: str) -> str:
    if raw.startswith("#"):
        raise refuse("values in hexadecimal (#...) are not taken", value=text)
    pieces = list(_PIECE.finditer(raw))
    while pieces and pieces[-1][0] == " ":
        pieces.pop()
    try:
        return b"".join(
            bytes.fromhex(one[1]) if one[1] else (one[2] or one[0]).encode() for one in pieces
        ).decode()
    except UnicodeError:
        raise refuse("must be valid Unicode text, its hex pairs the bytes of UTF-8", value=text) from None


def _checked(name: object, text: object) -> Attribute:
    known = _BY_LETTERS.get(name.replace("_", "").lower()) if isinstance(name, str) else None
    if known is None:
        names = [*LONGEST, *LONG_NAMES]
        raise refuse(f"must be one of {', '.join(LONGEST)}", value=name, hint=did_you_mean(name, names))
    if not isinstance(text, str) or not text.strip() or not text.isprintable():
        raise refuse(f"the value of {known} must be printable text on one line", value=text)
    if len(text) > LONGEST[known]:
        raise refuse(f"the value of {known} must have at most {LONGEST[known]} characters", value=text)
    if known in _ASCII and not text.isascii():
        raise refuse(f"the value of {known} must be ASCII", value=text)
    if known == "C" and not re.fullmatch("[A-Za-z]{2}", text):
        raise refuse("the value of C must be a country's two letters", value=text)
    return known, text.upper() if known == "C" else text


Form = str | dict[str, str | list[str]] | list[Attribute]
Subject = Annotated[tuple[Attribute, ...], BeforeValidator(_parse, json_schema_input_type=Form)]
"""A distinguished name as (attribute, value) pairs."""
