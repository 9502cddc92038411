"""Bearer tokens: 256 random bits, stored as their SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from shared.db.session import Connection

ROLES = ("read", "submit", "admin")
"""Each role may do what the ones before it may."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who is asking."""

    tenant_id: int
    tenant: str
    name: str
    role: str

    def may(self, role: str) -> bool:
        """Whether this bearer's role includes `role`."""
        return ROLES.index(self.role) >= ROLES.index(role)


def digest(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).digest()


def create(
    connection: Connection,
    *,
    name: str,
    role: str,
    tenant: str,
    expires_s: float | None = None,
    token: str = "",
) -> str:
    """Make a token (or register a given one) and its tenant if new; returns it, for the only time."""
    token = token or "nova_" + secrets.token_urlsafe(32)
    connection.execute(
        "WITH t AS (INSERT INTO tenants (name) VALUES (%(tenant)s)"
        " ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id)"
        " INSERT INTO tokens (hash, tenant_id, name, role, expires_at)"
        " SELECT %(hash)s, id, %(name)s, %(role)s, clock_timestamp() + %(expires)s * interval '1 second' FROM t"
        " ON CONFLICT (hash) DO NOTHING",
        {"tenant": tenant, "hash": digest(token), "name": name, "role": role, "expires": expires_s},
    )
    return token


BEARER = """
SELECT coalesce(extract(epoch FROM t.expires_at - clock_timestamp())::float8, 'infinity'), t.tenant_id, n.name, t.name, t.role
FROM tokens t JOIN tenants n ON n.id = t.tenant_id
WHERE t.hash = %s AND (t.expires_at IS NULL OR t.expires_at > clock_timestamp())
"""


def bearer(connection: Connection, token: str) -> Bearer | None:
    """Who holds this token; None where it is unknown or expired."""
    found = bearer_for(connection, token)
    return found[0] if found else None


def bearer_for(connection: Connection, token: str) -> tuple[Bearer, float] | None:
    """Who holds this token and for how many seconds more; None where it is unknown or expired."""
    row = connection.execute(BEARER, (digest(token),)).fetchone()
    return (Bearer(*row[1:]), row[0]) if row else None
