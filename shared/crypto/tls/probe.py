"""What a TLS server negotiates, probed with several different offers.

One handshake shows what a modern client gets. The others show what an attacker or an old client can
negotiate: a client that lists a classical group first, clients that support classical groups or classical
algorithms only, and one that requires post-quantum groups.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from OpenSSL import SSL

from novacron.errors import BadInput, InsecureConnection
from novacron.tls.contexts import Context
from novacron.tls.groups import (
    CLASSICAL_GROUPS,
    CLASSICAL_SIGNATURES,
    MODES,
    POST_QUANTUM_GROUPS,
    POST_QUANTUM_SIGNATURES,
    Mode,
)
from novacron.tls.handshake import Handshake
from novacron.tls.stream import Stream
from shared.crypto.reach import LOOPBACK_ONLY, Address, Reach

Protocol = Literal["tls", "postgresql"]

PREFERRED, CLASSICAL_FIRST, CLASSICAL_GROUP, CLASSICAL_ONLY, PQ_ONLY, PQ_SIGNATURE = (
    "preferred",
    "classical_first",
    "classical_group",
    "classical_only",
    "pq_only",
    "pq_signature",
)
_ANY = MODES["hybrid"].signatures
_CLASSICAL = ":".join(CLASSICAL_GROUPS)
_PQ = ":".join(POST_QUANTUM_GROUPS)
OFFERS: Mapping[str, Mode] = MappingProxyType(
    {
        PREFERRED: MODES["hybrid"],
        CLASSICAL_FIRST: Mode(
            f"*{_CLASSICAL}:{_PQ}", ":".join((*CLASSICAL_SIGNATURES, *POST_QUANTUM_SIGNATURES))
        ),
        CLASSICAL_GROUP: Mode(f"*{_CLASSICAL}", _ANY),
        CLASSICAL_ONLY: Mode(f"*{_CLASSICAL}", ":".join(CLASSICAL_SIGNATURES)),
        PQ_ONLY: Mode(f"*{_PQ}", _ANY),
        PQ_SIGNATURE: MODES["pq-only"],
    }
)
"""Offers by name: that of a current client, and those of the five tests."""

TIMEOUT_S = 5.0
POSTGRES_TLS = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"  # SSLRequest; PostgreSQL manual, message formats


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempted handshake.

    Attributes:
        handshake: the negotiated parameters, None on failure.
        refusal: why it failed, None on success.
        chain: the certificates presented, leaf first, DER.
        distrust: why the chain is not trusted for the name, None if it is.
    """

    handshake: Handshake | None
    refusal: str | None = None
    chain: tuple[bytes, ...] = ()
    distrust: str | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """What a server at `host`:`port` negotiated; `attempts` by the name of the offer."""

    host: str
    port: int
    attempts: Mapping[str, Attempt]

    @property
    def handshake(self) -> Handshake | None:
        """What a current client gets; None if the server does not complete TLS 1.2 or later with it."""
        return self.attempts[PREFERRED].handshake

    @property
    def pq(self) -> bool:
        """Whether a current client gets a post-quantum key exchange."""
        return self.handshake is not None and self.handshake.pq

    @property
    def downgrades(self) -> bool:
        """Whether the order of the client's list alone leads to a classical key exchange.

        Server and client both support a post-quantum group and still negotiate a classical one.
        """
        classical_first = self.attempts[CLASSICAL_FIRST].handshake
        return self.knows_pq and classical_first is not None and not classical_first.pq

    @property
    def knows_pq(self) -> bool:
        """Whether the server supports a post-quantum group, whether or not it is negotiated."""
        handshake = self.attempts[PQ_ONLY].handshake
        return handshake is not None and handshake.pq

    @property
    def takes_classical_groups(self) -> bool:
        """Whether the server accepts a classical key exchange, whatever its certificate's algorithm."""
        return self.attempts[CLASSICAL_GROUP].handshake is not None

    @property
    def serves_classical(self) -> bool:
        """Whether the server accepts clients without any post-quantum support."""
        return self.attempts[CLASSICAL_ONLY].handshake is not None

    @property
    def pq_signature(self) -> bool:
        """Whether the server can authenticate to a client that accepts post-quantum signatures only."""
        handshake = self.attempts[PQ_SIGNATURE].handshake
        return handshake is not None and handshake.pq_signature

    def document(self) -> dict[str, Any]:
        """Return the same as plain JSON, without the certificates in `attempts`."""
        return {
            "host": self.host,
            "port": self.port,
            "handshake": self.handshake.document() if self.handshake else None,
            "pq": self.pq,
            "knows_pq": self.knows_pq,
            "pq_signature": self.pq_signature,
            "downgrades": self.downgrades,
            "takes_classical_groups": self.takes_classical_groups,
            "serves_classical": self.serves_classical,
            "distrust": self.attempts[PREFERRED].distrust,
            "attempts": {
                name: {
                    "handshake": one.handshake.document() if one.handshake else None,
                    "refusal": one.refusal,
                }
                for name, one in self.attempts.items()
            },
        }


def probe(
    host: str,
    port: int,
    *,
    server_name: str | None = None,
    ca_file: str | None = None,
    protocol: Protocol = "tls",
    timeout_s: float = TIMEOUT_S,
    reach: Reach = LOOPBACK_ONLY,
) -> Probe:
    """Probe what a server negotiates; nothing is sent beyond handshakes.

    An untrusted certificate is reported, not rejected.

    Args:
        host: name or address to connect to.
        port: TCP port.
        server_name: server name (SNI), also expected in the certificate; None: the host.
        ca_file: trusted roots, PEM; None: those of the system.
        protocol: `postgresql` sends PostgreSQL's SSLRequest first.
        timeout_s: timeout of each attempt and of the name lookup; an attempt that exceeds it counts as
            refused.
        reach: the servers that may be connected to.

    Raises:
        Unreachable: no connection can be made.
        Forbidden: `reach` does not permit it.
        BadInput: the address or name is invalid, or `ca_file` holds no certificates.
    """
    if not host or not 0 < port < 65536 or timeout_s <= 0:
        raise BadInput("a host, a port from 1 to 65535 and a time above 0 are needed", value=f"{host}:{port}")
    with reach.connect(host, port, timeout_s) as first:
        address = first.getpeername()[:2]
    name = server_name or host
    attempts = {
        offer: _attempt(address, name, mode, ca_file, protocol, timeout_s) for offer, mode in OFFERS.items()
    }
    return Probe(host, port, MappingProxyType(attempts))


def _attempt(
    address: Address, name: str, mode: Mode, ca_file: str | None, protocol: Protocol, timeout_s: float
) -> Attempt:
    context = Context(mode, minimum=SSL.TLS1_2_VERSION)
    context.trust(ca_file)
    context.openssl.set_verify(SSL.VERIFY_NONE)
    channel = context.connect(name)
    deadline = time.monotonic() + timeout_s
    try:
        with socket.create_connection(address, timeout_s) as plain:
            if protocol == "postgresql":
                _ask_postgres(plain)
            with Stream(plain, channel, deadline) as stream:
                return Attempt(stream.handshake, None, channel.chain(), channel.verdict())
    except (InsecureConnection, OSError) as error:
        return Attempt(None, str(error) or type(error).__name__)


def _ask_postgres(plain: socket.socket) -> None:
    plain.sendall(POSTGRES_TLS)
    if plain.recv(1) != b"S":
        raise ConnectionError("the server has TLS switched off")
