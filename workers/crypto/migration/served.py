"""Common base of all targets, and of those read by a server."""

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
    """Objects that a target depends on and holds: the guard checks every declared target before a key ends.

    Attributes:
        keys: ids of its stored keys.
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
    """Base class of targets.

    Attributes:
        name: its name in plans.
    """

    name: str

    def paths(self) -> dict[str, Path]:
        """Return the files and folders it names, by their keys."""
        paths = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: path for name, path in paths.items() if isinstance(path, Path)}

    @property
    def uses(self) -> Uses:
        """Its `Uses`, from the keys `key_id`, `issuer`, `folder`, `pattern` and further paths."""
        paths = self.paths()
        folder = paths.pop("folder", None)
        return Uses(
            keys=tuple(one for one in [getattr(self, "key_id", "")] if one),
            issuers=tuple(one for one in [getattr(self, "issuer", "")] if one),
            folders=((folder, getattr(self, "pattern", "*")),) if folder else (),
            files=tuple(paths.values()),
        )

    def wrong(self) -> Iterator[BadInput]:
        """Yield errors beyond the types of its values."""
        yield from ()

    def refused(self, key: str, rule: str, hint: str | None = None) -> BadInput:
        """Return the error for one of its keys."""
        value = getattr(self, key)
        shown = str(value) if isinstance(value, Path) else value
        return BadInput(rule, field=f"targets.{self.name}.{key}", value=shown, hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served(Declared):
    """Base class of targets read by a server: how it is reloaded, and where it is probed.

    Attributes:
        check: command that validates the server's configuration, as arguments.
        reload: command that makes the server reload its files, as arguments.
        probe: `host:port` where the server is then probed.
        server_name: server name (SNI) for the probe, if one address serves several hosts.
    """

    check: tuple[str, ...] = ()
    reload: tuple[str, ...] = ()
    probe: str = ""
    server_name: str = ""

    @property
    def asked_name(self) -> str | None:
        """The server name a client sends; None if it is the host of `probe`."""
        return self.server_name or None

    @property
    def protocol(self) -> Protocol:
        """How TLS is started at its address."""
        return "tls"

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of `probe`.

        Raises:
            ValueError: they are malformed.
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
        """Allow-list for probing it: its own address only."""
        return Reach(servers=[self.address])

    def wrong(self) -> Iterator[BadInput]:
        """Yield an error for an invalid address or name."""
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
    """Base class of targets with a certificate: its names and purposes."""

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
        """The server name a client sends: for a wildcard, one that it covers."""
        hosts = [one.removeprefix("dns:") for one in map(parse, self.names) if one.startswith("dns:")]
        whole = next((one for one in hosts if "*" not in one), None)
        return self.server_name or whole or next((_covered(one) for one in hosts), None)

    @property
    def first_name(self) -> str | None:
        """The first host or address among the names; None if there is neither."""
        forms = [one.partition(":") for one in map(parse, self.names)]
        return next((name for form, _, name in forms if form in ("dns", "ip")), None)

    @property
    def verified_name(self) -> str | None:
        """A host or an address that the certificate must be valid for; None if it has neither."""
        return self.first_name and _covered(self.first_name)

    def wrong(self) -> Iterator[BadInput]:
        """Yield errors for missing names, and for names and purposes that no certificate can have."""
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
    """Return a host that a wildcard covers; other names unchanged."""
    return name.replace("*", "any", 1)


def _broken(read: Any, text: str) -> str | None:
    """Return why a parser rejects a text; None if it accepts it."""
    try:
        read(text)
    except PydanticCustomError as error:
        return error.message()
    return None
