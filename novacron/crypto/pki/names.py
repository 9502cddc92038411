"""Conversion of names between text and the library's objects."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

from cryptography import x509
from cryptography.x509.oid import NameOID

from novacron.errors import BadInput
from novacron.specs.crypto.subject import Attribute

OIDS = {
    "CN": NameOID.COMMON_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "L": NameOID.LOCALITY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "STREET": NameOID.STREET_ADDRESS,
    "C": NameOID.COUNTRY_NAME,
    "DC": NameOID.DOMAIN_COMPONENT,
    "UID": NameOID.USER_ID,
    "serialNumber": NameOID.SERIAL_NUMBER,
    "emailAddress": NameOID.EMAIL_ADDRESS,
    "GN": NameOID.GIVEN_NAME,
    "SN": NameOID.SURNAME,
    "title": NameOID.TITLE,
}
"""Attribute -> object identifier."""
_ATTRIBUTES = {oid: name for name, oid in OIDS.items()}


def name_of(pairs: Sequence[Attribute]) -> x509.Name:
    """Return a distinguished name; RFC 4514 lists its parts in the reverse of a certificate's order."""
    return x509.Name([x509.NameAttribute(OIDS[name], text) for name, text in reversed(pairs)])


def pairs_of(name: x509.Name) -> list[Attribute]:
    """Return the attributes of a name, most specific first.

    Raises:
        BadInput: one is not supported, or is not text.
    """
    pairs = []
    for attribute in reversed(list(name)):
        if attribute.oid not in _ATTRIBUTES or not isinstance(attribute.value, str):
            raise BadInput("holds an attribute that is not taken", value=attribute.oid.dotted_string)
        pairs.append((_ATTRIBUTES[attribute.oid], attribute.value))
    return pairs


def text_of(name: x509.Name) -> str:
    """Format a name as in RFC 4514; an empty one as a note."""
    return name.rfc4514_string(_ATTRIBUTES) or "(no name)"


def general_name(text: str) -> x509.GeneralName:
    """Return an alternative name from its text, for example `dns:example.org`."""
    form, _, name = text.partition(":")
    match form:
        case "dns":
            return x509.DNSName(name)
        case "ip":
            return x509.IPAddress(ipaddress.ip_address(name))
        case "email":
            return x509.RFC822Name(name)
        case _:
            return x509.UniformResourceIdentifier(name)


def alternatives_of(names: Iterable[x509.GeneralName]) -> list[str]:
    """Return alternative names as text.

    Raises:
        BadInput: one is of an unsupported form.
    """
    return [_text(name) for name in names]


def _text(name: x509.GeneralName) -> str:
    match name:
        case x509.DNSName():
            return f"dns:{name.value}"
        case x509.IPAddress():
            return f"ip:{name.value}"
        case x509.RFC822Name():
            return f"email:{name.value}"
        case x509.UniformResourceIdentifier():
            return f"uri:{name.value}"
        case _:
            raise BadInput("holds an alternative name of a form that is not taken", value=type(name).__name__)
