"""TLS servers: what they negotiate with a current client, and with weaker ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from novacron.errors import NovaCronError
from novacron.migration import Finding, Protocol
from novacron.migration.asset import AssetKind
from novacron.tls.groups import group_name
from shared.crypto.found import Findings, Found, shown, unread
from shared.crypto.reach import Reach
from shared.crypto.tls.probe import PREFERRED, Attempt, Probe, probe
from shared.crypto.tls.probe import Protocol as Opening
from workers.crypto.inventory.formats import x509

AT_ONCE = 8
"""Servers probed concurrently; nearly all of the time is waiting."""
ADDRESS = re.compile(r"(?:(?P<name>[^\[\]/@\s:]+)@)?\[?(?P<host>[^\[\]/@\s]+?)\]?:(?P<port>\d{1,5})")
"""`host:port`, optionally preceded by a server name (SNI) and `@` if it is not the host."""


def search(endpoints: Sequence[str], checkpoint: Callable[[], None], reach: Reach) -> Findings:
    """Probe servers, each written as in `ADDRESS`, concurrently; yield the findings in their order."""
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for asked in [pool.submit(_asked, endpoint, reach) for endpoint in endpoints]:
            yield from asked.result()
            checkpoint()
    finally:  # a stopped job does not wait for servers not probed yet
        pool.shutdown(wait=False, cancel_futures=True)


def _asked(endpoint: str, reach: Reach) -> list[Any]:
    return list(look("tls_endpoint", endpoint, reach))


def look(kind: AssetKind, endpoint: str, reach: Reach, opening: Opening = "tls") -> Findings:
    """Probe one server: its key exchange, and the certificates it presents to clients of each kind."""
    match = ADDRESS.fullmatch(endpoint)
    if match is None:
        yield unread(endpoint, "must be host:port, or name@host:port")
        return
    try:
        seen = probe(
            match["host"], int(match["port"]), server_name=match["name"], protocol=opening, reach=reach
        )
    except NovaCronError as error:
        yield unread(endpoint, str(error))
        return
    shown_to = next((one for one in seen.attempts.values() if one.handshake), None)
    if shown_to is None:
        yield unread(endpoint, f"speaks no TLS 1.2 or later: {seen.attempts[PREFERRED].refusal}")
        return
    chain = list(_chain(shown_to.chain, endpoint))
    yield _endpoint(kind, endpoint, seen, shown_to, chain)
    yield from chain
    others = dict.fromkeys(der for one in seen.attempts.values() for der in one.chain)
    yield from _chain([der for der in others if der not in shown_to.chain], endpoint)


def _chain(chain: Sequence[bytes], endpoint: str) -> Iterator[Any]:
    for number, der in enumerate(chain, 1):
        try:
            yield x509.certificate(der, endpoint)
        except ValueError:
            yield unread(endpoint, f"certificate {number} of its chain cannot be read")


def _endpoint(kind: AssetKind, endpoint: str, seen: Probe, shown_to: Attempt, chain: list[Any]) -> Found:
    assert shown_to.handshake is not None
    agreed = shown_to.handshake
    group = group_name(agreed.group)
    signatures = tuple(one.details["signature_algorithm"] for one in chain if isinstance(one, Found))
    protocol = Protocol(
        version=shown(agreed.version), group=shown(group),
        signature=shown(agreed.signature) if agreed.signature else None, chain=signatures[:32],
    )  # fmt: skip
    details = {
        "cipher": agreed.cipher, "pq": seen.pq, "knows_pq": seen.knows_pq, "pq_signature": seen.pq_signature,
        "downgrades": seen.downgrades, "serves_classical": seen.serves_classical,
        "takes_classical_groups": seen.takes_classical_groups,
    }  # fmt: skip
    return Found(
        kind, endpoint, endpoint, group, purposes=("confidentiality",), protocol=protocol,
        details=details, findings=tuple(_remarks(seen, agreed.version, shown_to.distrust)),
    )  # fmt: skip


def _remarks(seen: Probe, version: str, distrust: str | None) -> Iterator[Finding]:
    if not seen.pq:
        known = "though it knows one" if seen.knows_pq else "and knows none"
        yield Finding(severity="high", text=f"a current client gets no post-quantum key exchange, {known}")
    if seen.downgrades:
        yield Finding(
            severity="medium",
            text="a client that lists a classical group first gets a classical key exchange",
        )
    if seen.pq and seen.takes_classical_groups:
        yield Finding(severity="info", text="clients without post-quantum groups are served")
    if version != "TLSv1.3":
        yield Finding(severity="medium", text=f"{version}: post-quantum key exchange needs TLS 1.3")
    if distrust:
        yield Finding(severity="low", text=shown(f"its certificate is not trusted: {distrust}", 1000))
