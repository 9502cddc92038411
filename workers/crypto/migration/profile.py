"""A certificate's subject and usages, so that the next one loses none of them unintentionally."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from cryptography import x509
from pydantic_core import PydanticCustomError

from novacron.crypto.pki.names import OIDS, alternatives_of, pairs_of
from novacron.errors import BadInput
from novacron.specs.crypto import key_usage
from novacron.specs.crypto.alternative_name import host, parse
from novacron.specs.crypto.extensions import PURPOSES
from novacron.specs.crypto.subject import LONGEST, Attribute
from workers.crypto.migration.served import Certified

_PURPOSES = {oid: name for name, oid in PURPOSES.items()}
OF_KEY_EXCHANGE = ("key_encipherment", "key_agreement", "encipher_only", "decipher_only")
"""Key usages of RSA and ECDH key exchange in TLS 1.2; in TLS 1.3 keys only sign (RFC 8446, section 4.4.2.2).
"""


@dataclass(frozen=True, slots=True)
class Profile:
    """A certificate's content except its key and dates.

    Attributes:
        names: alternative names with their type, `dns:example.org` for instance.
        purposes: extended key usages; empty if it is for any purpose.
        usages: key usages; empty if it has no such extension.
        subject: attributes of the subject, most specific first; an object identifier if the name is unknown.
    """

    names: tuple[str, ...]
    purposes: tuple[str, ...]
    usages: tuple[str, ...]
    subject: tuple[Attribute, ...] = ()


def of(certificate: x509.Certificate) -> Profile:
    """Return the profile of a certificate."""
    subject = tuple(_subject(certificate.subject))
    return Profile(_names(certificate), _purposes(certificate), _usages(certificate), subject)


def next_of(served: Profile, target: Certified, algorithm: str) -> Profile:
    """Return the profile of the certificate that replaces the served one."""
    allowed, dropped = key_usage.family_of(algorithm).allowed, _dropped(target)
    given = tuple(map(_spelled, target.purposes))
    purposes = given or tuple(one for one in served.purposes if one not in dropped)
    usages = {*key_usage.default(algorithm, ca=False), *(set(served.usages) & allowed - dropped)}
    usages -= {"key_cert_sign", "crl_sign"}
    names = tuple(map(parse, target.names))
    others = [(name, text) for name, text in served.subject if name != "CN" and name not in dropped]
    return Profile(
        names, purposes, tuple(one for one in key_usage.USAGES if one in usages),
        (("CN", _common_name(served, target, names)), *others),
    )  # fmt: skip


def lost(served: Profile, target: Certified, algorithm: str) -> Iterator[BadInput]:
    """Yield properties of the served certificate that the next would lose, unless declared as dropped."""
    made, dropped = next_of(served, target, algorithm), _dropped(target)
    for key, what, before, after in (
        ("names", "name", served.names, made.names),
        ("purposes", "purpose", served.purposes, made.purposes),
        ("dropped", "key usage", served.usages, (*made.usages, *OF_KEY_EXCHANGE)),
        ("dropped", "attribute of its subject", tuple(name for name, _ in served.subject), tuple(OIDS)),
    ):
        for one in before:
            if one not in after and one not in dropped and not _covered(one, after):
                yield BadInput(
                    f"the certificate that is served has the {what} {one}, which the next one would lose",
                    field=f"targets.{target.name}.{key}",
                    hint=f"add it, or list it in targets.{target.name}.dropped" if key != "dropped"
                    else f"it cannot be in the next one, with a key of {algorithm}: list it in "
                    f"targets.{target.name}.dropped",
                )  # fmt: skip


def ended(served: Profile, made: Profile) -> list[str]:
    """Return the key usages that end with the key's algorithm, in the standard's order."""
    return [one for one in served.usages if one not in made.usages]


def _common_name(served: Profile, target: Certified, names: tuple[str, ...]) -> str:
    """Return the served common name, unless it is a host that the next certificate does not cover."""
    for text in (text for name, text in served.subject if name == "CN"):
        form = f"dns:{text.lower()}"
        is_host = form in served.names or _as_host(text)
        if not is_host or form in names or _covered(form, names):
            return text
    return (target.first_name or target.name)[: LONGEST["CN"]]


def _subject(name: x509.Name) -> Iterator[Attribute]:
    for attribute in reversed(list(name)):
        try:
            yield from pairs_of(x509.Name([attribute]))
        except BadInput:
            yield attribute.oid.dotted_string, str(attribute.value)


def _covered(name: str, names: tuple[str, ...]) -> bool:
    """Return whether a wildcard among the names covers a host (RFC 9525, section 6.3)."""
    form, _, host = name.partition(":")
    return form == "dns" and f"dns:*.{host.partition('.')[2]}" in names


def _dropped(target: Certified) -> set[str]:
    """Return the dropped properties, names also with their type."""
    return {*target.dropped, *(f"dns:{one}" for one in target.dropped), *map(_spelled, target.dropped)}


def _spelled(text: str) -> str:
    """Return a purpose or usage in the spelling used here: `serverAuth` is `server_auth`."""
    plain = text.replace("_", "").lower()
    known = [*PURPOSES, *key_usage.USAGES]
    return next((one for one in known if one.replace("_", "") == plain), text)


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return tuple(_of_subject(certificate))
    return tuple(_name(one) for one in found)


def _of_subject(certificate: x509.Certificate) -> Iterator[str]:
    """Yield the host of a certificate without alternative names (RFC 2818, section 3.1)."""
    for one in certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME):
        if found := _as_host(str(one.value)):
            yield found


def _as_host(text: str) -> str | None:
    """Return the alternative name for a common name that is a host; None if it is none."""
    with suppress(PydanticCustomError):
        return f"dns:{host(text)}" if "." in text else None
    return None


def _name(one: x509.GeneralName) -> str:
    try:
        (text,) = alternatives_of([one])
    except BadInput:
        return f"{type(one).__name__}:{one.value}"
    form, _, name = text.partition(":")
    return f"{form}:{name.lower()}" if form == "dns" else text


def _purposes(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(_PURPOSES.get(one.dotted_string, one.dotted_string) for one in found)


def _usages(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return ()
    apart = ("encipher_only", "decipher_only")  # the library raises on these without key_agreement
    return tuple(
        one for one in key_usage.USAGES if (one not in apart or found.key_agreement) and getattr(found, one)
    )
