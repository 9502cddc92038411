"""What all targets have in common, and those that a server reads."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError

from novacron.errors import BadInput
from novacron.specs.crypto.alternative_name import host, parse
from novacron.specs.crypto.extensions import Extensions
from shared.crypto.reach import Reach

if TYPE_CHECKING:
    from shared.crypto.tls.probe import Protocol


ADDRESS = re.compile(r"(?:\[(?P<ipv6>[^\]]*)\]|(?P<host>[A-Za-z0-9_.-]+)):(?P<port>[0-9]{1,5})")
"""Host, or IPv6 address in brackets, and port."""


@dataclass(frozen=True, slots=True)
class Uses:
    """What a target needs of others and holds: the guard asks every declared target before a key ends.

    Attributes:
        keys: ids of the stored keys it is about.
        issuers: ids of the CA certificates that issue its next certificates.
        folders: folders of envelopes, each with the pattern of those it migrates.
        files: other files, which may hold certificates and private keys.
    """

    keys: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    folders: tuple[tuple[Path, str], ...] = ()
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """The base of targets.

    Attributes:
        name: what plans call it.
    """

    name: str

    def paths(self) -> dict[str, Path]:
        """The files and folders it names, by their keys."""
        paths = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: path for name, path in paths.items() if isinstance(path, Path)}

    @property
    def uses(self) -> Uses:
        """What it needs and holds, by the keys `key_id`, `issuer`, `folder`, `pattern` and further paths."""
        paths = self.paths()
        folder = paths.pop("folder", None)
        return Uses(
            keys=tuple(one for one in [getattr(self, "key_id", "")] if one),
            issuers=tuple(one for one in [getattr(self, "issuer", "")] if one),
            folders=((folder, getattr(self, "pattern", "*")),) if folder else (),
            files=tuple(paths.values()),
        )

    def wrong(self) -> Iterator[BadInput]:
        """What is wrong with it, beyond the types of its values."""
        yield from ()

    def refused(self, key: str, rule: str, hint: str | None = None) -> BadInput:
        """The error about one of its keys."""
        value = getattr(self, key)
        shown = str(value) if isinstance(value, Path) else value
        return BadInput(rule, field=f"targets.{self.name}.{key}", value=shown, hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served(Declared):
    """The base of what a server reads: how the server is told, and where it is asked.

    Attributes:
        check: command that tests the server's configuration, as arguments.
        reload: command that makes the server read its files again, as arguments.
        probe: `host:port` where the server is then asked for what it serves.
        server_name: the name it is asked by (SNI), where one address serves more than one host.
    """

    check: tuple[str, ...] = ()
    reload: tuple[str, ...] = ()
    probe: str = ""
    server_name: str = ""

    @property
    def asked_name(self) -> str | None:
        """The name a client asks for; None where it asks for the host of `probe`."""
        return self.server_name or None

    @property
    def protocol(self) -> Protocol:
        """How TLS begins at its address."""
        return "tls"

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of `probe`.

        Raises:
            ValueError: they are not written so.
        """
        found = ADDRESS.fullmatch(self.probe)
        try:
            if found and 0 < (port := int(found["port"])) < 65536:
                return found["host"] or str(ipaddress.IPv6Address(found["ipv6"])), port
        except ipaddress.AddressValueError:
            pass
        raise ValueError("must be host:port, an IPv6 address in brackets, with a port from 1 to 65535")

    @property
    def reach(self) -> Reach:
        """What may be asked to look at it: its own address."""
        return Reach(servers=[self.address])

    def wrong(self) -> Iterator[BadInput]:
        """An address or a name that nobody can be asked at."""
        try:
            _ = self.probe and self.address
        except ValueError as error:
            yield self.refused("probe", str(error))
        if self.server_name:
            if not self.probe:
                yield self.refused("server_name", "is of no use without `probe`")
            if why := _broken(host, self.server_name):
                yield self.refused("server_name", why)


class Certified:
    """What targets with a certificate have in common: its names and purposes."""

    __slots__ = ()
    if TYPE_CHECKING:
        name: str
        certificate: Path | None
        issuer: str
        names: tuple[str, ...]
        purposes: tuple[str, ...]
        dropped: tuple[str, ...]
        server_name: str
        refused: Any

    @property
    def asked_name(self) -> str | None:
        """The name a client asks for: of a wildcard, one that it covers."""
        hosts = [one.removeprefix("dns:") for one in map(parse, self.names) if one.startswith("dns:")]
        whole = next((one for one in hosts if "*" not in one), None)
        return self.server_name or whole or next((_covered(one) for one in hosts), None)

    @property
    def first_name(self) -> str | None:
        """The first host or address among the names; None where there is neither."""
        forms = [one.partition(":") for one in map(parse, self.names)]
        return next((name for form, _, name in forms if form in ("dns", "ip")), None)

    @property
    def verified_name(self) -> str | None:
        """A host or an address that the certificate must be good for; None where it has neither."""
        return self.first_name and _covered(self.first_name)

    def wrong(self) -> Iterator[BadInput]:
        """Names and purposes that no certificate can have, or no name."""
        yield from Served.wrong(self)  # type: ignore[arg-type]
        try:
            Extensions(extended_key_usage=self.purposes)
        except BadInput as error:
            yield self.refused("purposes", error.rule, error.hint)
        if not self.names:
            yield self.refused("names", "must hold at least one name")
        seen = set()
        for number, name in enumerate(self.names):
            why = _broken(parse, name) or ("is there twice" if parse(name) in seen else None)
            if why:
                yield BadInput(why, field=f"targets.{self.name}.names[{number}]", value=name)
            else:
                seen.add(parse(name))


def _covered(name: str) -> str:
    """A host that a wildcard covers; another name as it is."""
    return name.replace("*", "any", 1)


def _broken(read: Any, text: str) -> str | None:
    """Why a reader of specs refuses a text; None where it takes it."""
    try:
        read(text)
    except PydanticCustomError as error:
        return error.message()
    return None
