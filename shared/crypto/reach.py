"""Egress control: connections only to servers on an allow-list, never to reserved cloud addresses.

A client that can request a handshake with any `host:port` could scan the workers' network. Therefore a name
is resolved once, its addresses are checked, and only those that pass are connected to, which also defeats DNS
rebinding.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from novacron.errors import Forbidden, Unreachable

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = tuple[str, int]
SETTING = "NOVACRON_PROBE_ALLOW"
FORMS = "hosts, *.example.org, addresses, networks, each with or without a port, with commas between them"

_NAME = re.compile(r"\*|(?:\*\.)?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?")
LOOPBACK = ("127.0.0.0/8", "::1")
NEVER: tuple[Network, ...] = tuple(
    ipaddress.ip_network(one)
    for one in (
        "169.254.0.0/16", "fe80::/10", "fec0::/10",  # link-local, with most clouds' metadata services
        "fd00:ec2::/32", "fd20:ce::/32",  # metadata services of Amazon and Google over IPv6
        "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32",  # Alibaba, Azure, Oracle
        "0.0.0.0/8", "::/128", "224.0.0.0/4", "240.0.0.0/4", "ff00::/8",  # not unicast server addresses
    )
)  # fmt: skip
# Source: RFC 4291, section 2.5.5; RFC 6052, section 2.1; RFC 8215.
_HOLD_IPV4 = tuple(
    ipaddress.ip_network(one) for one in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an allow-list.

    Attributes:
        name: lower-case host name; `*.example.org` for all names below it, `*` for any; empty for a network.
        network: the network of addresses.
        port: the one port; None for any.
    """

    name: str = ""
    network: Network | None = None
    port: int | None = None

    def names(self, host: str, port: int) -> bool:
        """Return whether it permits connections to a host of this name."""
        if self.port not in (None, port) or not self.name:
            return False
        return self.name in ("*", host) or (self.name.startswith("*.") and host.endswith(self.name[1:]))

    def holds(self, address: Ip, port: int) -> bool:
        """Return whether it permits connections to an address."""
        return self.port in (None, port) and self.network is not None and address in self.network


def parse(setting: str) -> tuple[Entry, ...]:
    """Parse a comma-separated list of hosts, `*.example.org`, addresses and networks, with optional ports.

    Raises:
        ValueError: an entry is none of these.
    """
    return tuple(_entry(one.strip()) for one in setting.split(",") if one.strip())


def _entry(text: str) -> Entry:
    host, port = text, None
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        port = rest.removeprefix(":") if rest else None
        if not closed:
            raise _wrong(text)
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if port is not None and not (port.isdecimal() and port.isascii() and 0 < int(port) < 65536):
        raise _wrong(text)
    number = int(port) if port else None
    try:
        return Entry(network=ipaddress.ip_network(host, strict=False), port=number)
    except ValueError:
        name = _plain(host)
    if not _NAME.fullmatch(host):
        raise _wrong(text)
    return Entry(name=name, port=number)


def _plain(host: str) -> str:
    return host.lower().rstrip(".")


def _wrong(text: str) -> ValueError:
    return ValueError(f"{text!r} is none of {FORMS}")


class Reach:
    """The servers that may be connected to.

    Args:
        entries: entries that the operator allows beside this machine itself.
        servers: host and port of servers that the operator has declared.
    """

    def __init__(self, entries: Iterable[Entry] = (), servers: Iterable[Address] = ()) -> None:
        declared = (Entry(name=_plain(host), port=port) for host, port in servers)
        self._entries = (*map(_entry, LOOPBACK), *entries, *declared)

    def addresses(self, host: str, port: int, timeout_s: float) -> list[Address]:
        """Resolve a host and return its permitted addresses, in the resolver's order.

        Raises:
            Forbidden: it has none; does not reveal whether the host exists.
        """
        name = _plain(host)
        named = any(one.names(name, port) for one in self._entries)
        known = looked_up(host, port, timeout_s)
        if found := [one for one in known if self._lets(one[0], port, named)]:
            return found
        if named and not known:
            raise Unreachable(f"nothing answers at {shown(host, port)}")
        raise Forbidden(
            f"{shown(host, port)} is not among the servers that may be asked: this machine, declared targets,"
            f" and what the operator lists in {SETTING}; link-local addresses never are"
        )

    def connect(self, host: str, port: int, timeout_s: float) -> socket.socket:
        """Connect to the first permitted address that answers.

        Raises:
            Unreachable: none answers; does not reveal whether it is closed, filtered or unrouted.
            Forbidden: as `addresses`.
        """
        addresses = self.addresses(host, port, timeout_s)
        for address in addresses:
            with contextlib.suppress(OSError):
                return socket.create_connection(address, timeout_s / len(addresses))
        raise Unreachable(f"nothing answers at {shown(host, port)}")

    def _lets(self, text: str, port: int, named: bool) -> bool:
        address = ipaddress.ip_address(text.partition("%")[0])
        meant = [one for one in (address, _ipv4_in(address)) if one is not None]
        if any(one in network for one in meant for network in NEVER if one.version == network.version):
            return False
        return named or any(entry.holds(one, port) for one in meant for entry in self._entries)


def _ipv4_in(address: Ip) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address embedded in an IPv6 one, or None."""
    if isinstance(address, ipaddress.IPv4Address) or int(address) < 2:  # :: and ::1 embed none
        return None
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if any(address in network for network in _HOLD_IPV4):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def looked_up(host: str, port: int, timeout_s: float) -> Sequence[Address]:
    """Resolve a host, with a timeout that the resolver itself lacks; return no addresses if it has none."""
    found: list[Address] = []

    def look_up() -> None:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend((str(entry[4][0]), port) for entry in entries)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(timeout_s)
    return tuple(dict.fromkeys(found))


def shown(host: str, port: int) -> str:
    """Format `host:port`, with an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


LOOPBACK_ONLY = Reach()
"""The default: only this machine."""
