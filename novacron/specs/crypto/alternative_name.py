"""Subject alternative names as text: `dns:`, `ip:`, `email:` or `uri:`, then the name.

Source: RFC 5280, section 4.2.1.6.
"""

import ipaddress
import re
from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator

from novacron.specs.refusal import refuse

LONGEST = 2048
# Source: RFC 1123, section 2.1; a wildcard replaces the entire first label (RFC 9525, section 6.3).
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})*")
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def host(text: str) -> str:
    """Return a host name in lower case."""
    if not text.isascii():
        raise refuse("host names are written in ASCII", hint="write the form that begins with xn--")
    if len(text) > 253 or not _HOST.fullmatch(text):
        raise refuse("must be a host name, such as example.org or *.example.org")
    return text.lower()


def address(text: str) -> str:
    """Return an IP address in its shortest form."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise refuse("must be an IP address") from None


def mailbox(text: str) -> str:
    """Return a mail address."""
    local, _, domain = text.rpartition("@")
    if not _LOCAL.fullmatch(local) or "*" in domain:
        raise refuse("must be a mail address in ASCII")
    return f"{local}@{host(domain)}"


def uri(text: str) -> str:
    """Return an absolute URI."""
    try:
        parts = urlsplit(text)
        complete = bool(parts.scheme and (parts.netloc or parts.path) and _SCHEME.match(text))
    except ValueError:
        complete = False
    if not complete or not text.isascii() or not text.isprintable() or " " in text:
        raise refuse("must be an absolute URI in ASCII, such as spiffe://example.org/web")
    return text


FORMS: dict[str, Callable[[str], str]] = {"dns": host, "ip": address, "email": mailbox, "uri": uri}


def _form(text: str) -> str:
    """Return the form of a name without a prefix."""
    if "://" in text:
        return "uri"
    if "@" in text:
        return "email"
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return "dns"
    return "ip"


def parse(value: object) -> str:
    """Return the name with its form as prefix."""
    if not isinstance(value, str):
        raise refuse("must be text")
    if len(value) > LONGEST:
        raise refuse(f"must have at most {LONGEST} characters")
    form, colon, name = value.partition(":")
    if not colon or form.lower() not in FORMS:
        form, name = _form(value), value
    form = form.lower()
    return f"{form}:{FORMS[form](name)}"


def _http(value: object) -> str:
    if not isinstance(value, str) or not value.startswith("http://") or len(value) > LONGEST:
        raise refuse("must be an address that begins with http://", hint="it is signed: TLS adds nothing")
    return uri(value)


AlternativeName = Annotated[str, BeforeValidator(parse)]
HttpAddress = Annotated[str, BeforeValidator(_http)]
