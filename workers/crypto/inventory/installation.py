"""This installation's connections to PostgreSQL and Redis: their settings, and their negotiated TLS."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from novacron.json_types import Json, JsonObject
from novacron.migration import Finding, InventoryError
from novacron.migration.asset import AssetKind
from shared.crypto.found import NO_TLS, Findings, Found
from shared.crypto.reach import Reach
from shared.db import server
from shared.db.session import Connection
from shared.settings import Settings
from workers.crypto.inventory import tls

REDIS_PORT = 6379
GROUPS_SINCE = 180000
"""The first PostgreSQL version with the setting `ssl_groups`, as its `server_version_num`."""


def search(connection: Connection, settings: Settings) -> Findings:
    """Examine both connections."""
    yield from postgres(connection)
    yield from redis_server(settings.redis_url)


def postgres(connection: Connection) -> Findings:
    """Examine the connection to PostgreSQL, as seen by the server."""
    known = server.tls_settings(connection)
    info = connection.info
    used, version, cipher = server.own_tls(connection)
    server_version = int(known["server_version_num"])
    details = {
        "used": bool(used), "version": version, "cipher": cipher, "server_ssl": known.get("ssl") == "on",
        "server_version": server_version, "sslmode": info.get_parameters().get("sslmode"),
        "groups": known.get("ssl_groups") or known.get("ssl_ecdh_curve"),
    }  # fmt: skip
    if not used:
        yield _clear("database_tls", "PostgreSQL", info.host, info.port, details)
        return
    findings: tuple[Finding, ...] = ()
    if server_version < GROUPS_SINCE:
        text = "PostgreSQL before 18 offers no post-quantum group: put a TLS proxy before it"
        findings = (Finding(severity="medium", text=text),)
    host = info.hostaddr or info.host
    reach = Reach(servers=[(host, info.port)])
    for one in tls.look("database_tls", _address(host, info.port), reach, "postgresql"):
        yield _completed(one, "PostgreSQL", details, findings)


def _completed(
    one: Found | InventoryError, name: str, details: JsonObject, findings: tuple[Finding, ...] = ()
) -> Found | InventoryError:
    """Return an endpoint with details beyond its handshake; certificates and errors are unchanged."""
    if isinstance(one, InventoryError) or one.kind == "certificate":
        return one
    return replace(one, name=name, details={**one.details, **details}, findings=(*one.findings, *findings))


def redis_server(url: str) -> Findings:
    """Examine the connection to Redis."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        yield _clear("redis_tls", "Redis", parts.path, 0, {"used": False})
        return
    host, port = parts.hostname or "localhost", parts.port or REDIS_PORT
    details: dict[str, Json] = {"used": parts.scheme == "rediss"}
    if not details["used"]:
        yield _clear("redis_tls", "Redis", host, port, details)
        return
    details["verifies"] = parse_qs(parts.query).get("ssl_cert_reqs", ["required"])[0]
    for one in tls.look("redis_tls", _address(host, port), Reach(servers=[(host, port)])):
        yield _completed(one, "Redis", details)


def _clear(kind: AssetKind, name: str, host: str, port: int, details: JsonObject) -> Found:
    """Return a connection without TLS."""
    local = _is_local(host)
    place = host if host.startswith("/") else _address(host, port)
    if local:
        remark = Finding(severity="info", text="in plaintext, within this machine")
    else:
        remark = Finding(severity="high", text="in plaintext over a network: it can be intercepted")
    return Found(
        kind, name, place, NO_TLS, purposes=("confidentiality", "authenticity"), vulnerable=True,
        details={**details, "local": local}, findings=(remark,),
    )  # fmt: skip


def _is_local(host: str) -> bool:
    """Return whether the connection crosses no network: a Unix socket, or a loopback address."""
    if host.startswith("/") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
