"""Bearer tokens: 256 random bits, stored as their SHA-256, with holder, last use and expiry."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from novacron.errors import TokenExpired, TokenRevoked
from novacron.roles import includes
from shared import ulid
from shared.db.session import Connection
from shared.db.statements import statement

USED_S = 60
"""Minimum interval in seconds between two records of a token's last use."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """The authenticated caller."""

    tenant_id: int
    tenant: str
    name: str
    role: str
    token_id: str = ""

    def may(self, role: str) -> bool:
        """Return whether this bearer's role includes `role`."""
        return includes(self.role, role)


def digest(token: str) -> bytes:
    """Return the stored digest of a token."""
    return hashlib.sha256(token.encode()).digest()


CREATE = statement("tokens.create")


def create(
    connection: Connection,
    *,
    name: str,
    role: str,
    tenant: str,
    expires_s: float | None = None,
    token: str = "",
    token_id: str = "",
    by: str = "",
) -> str:
    """Create a token, and its tenant if new; return it, which is possible only here.

    Args:
        connection: any connection.
        name: its purpose or holder.
        role: what it may do.
        tenant: owning tenant.
        expires_s: seconds until it expires; None: never.
        token: an externally generated token. If it exists, it stays unchanged, except that it becomes the
            operator's if requested.
        token_id: its id in listings; empty: a new one.
        by: name of the token that requested it.
    """
    token = token or _drawn()
    connection.execute(CREATE, {
        "tenant": tenant, "token_id": token_id or new_id(), "hash": digest(token), "name": name, "role": role,
        "expires": expires_s, "by": by,
    })  # fmt: skip
    return token


def _drawn() -> str:
    return "nova_" + secrets.token_urlsafe(32)


def new_id() -> str:
    """Return a new unique id."""
    return ulid.new("tok_")


BEARER = """
SELECT t.tenant_id, n.name, t.name, t.role, t.token_id, t.expires_at, t.revoked_at,
  coalesce(extract(epoch FROM t.expires_at - clock_timestamp())::float8, 'infinity'),
  t.last_used_at IS NULL OR t.last_used_at < clock_timestamp() - %s * interval '1 second'
FROM tokens t JOIN tenants n ON n.id = t.tenant_id WHERE t.hash = %s
"""
USED = "UPDATE tokens SET last_used_at = clock_timestamp() WHERE token_id = %s"


@dataclass(frozen=True, slots=True)
class Held:
    """A valid token.

    Attributes:
        bearer: its holder.
        left_s: seconds until it expires.
        unnoted: whether its last use should be recorded again.
    """

    bearer: Bearer
    left_s: float
    unnoted: bool


def held(connection: Connection, token: str) -> Held | None:
    """Return the holder of a token; None if it is unknown.

    Raises:
        TokenExpired: it has expired.
        TokenRevoked: it was revoked.
    """
    row = connection.execute(BEARER, (USED_S, digest(token))).fetchone()
    if row is None:
        return None
    who, (expires_at, revoked_at, left_s, unnoted) = Bearer(*row[:5]), row[5:]
    if revoked_at is not None:
        raise TokenRevoked(
            f"the token {who.name!r} was revoked on {_day(revoked_at)}; ask an admin for another"
        )
    if left_s <= 0:
        raise TokenExpired(f"the token {who.name!r} expired on {_day(expires_at)}; ask an admin for another")
    return Held(who, left_s, unnoted)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S %Z}"


def used(connection: Connection, token_id: str) -> None:
    """Record the current use of a token."""
    connection.execute(USED, (token_id,))


@dataclass(frozen=True, slots=True)
class Stored:
    """A token as shown in listings, without the secret, which is not stored."""

    token_id: str
    tenant_id: int
    tenant: str
    name: str
    role: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None
    expired: bool

    def document(self) -> dict[str, Any]:
        """Return the token as JSON."""
        moments = {
            name: moment.isoformat() if (moment := getattr(self, name)) else None
            for name in ("created_at", "expires_at", "last_used_at", "revoked_at")
        }
        status = "revoked" if self.revoked_at else "expired" if self.expired else "active"
        return {
            "token_id": self.token_id, "name": self.name, "role": self.role, "tenant": self.tenant,
            "status": status, "created_by": self.created_by, "revoked_by": self.revoked_by, **moments,
        }  # fmt: skip


FIND = statement("tokens.find")
LISTING = statement("tokens.listing")
LISTING_AFTER = statement("tokens.listing_after")
REVOKE = """
UPDATE tokens SET revoked_at = clock_timestamp(), revoked_by = %s WHERE token_id = %s AND revoked_at IS NULL
RETURNING token_id
"""
SHORTEN = """
UPDATE tokens SET expires_at = least(expires_at, clock_timestamp() + %s * interval '1 second')
WHERE token_id = %s AND revoked_at IS NULL RETURNING token_id
"""


RENEW = """
UPDATE tokens SET hash = %s WHERE token_id = %s AND last_used_at IS NULL AND revoked_at IS NULL RETURNING token_id
"""


def renew(connection: Connection, token_id: str) -> str | None:
    """Regenerate the secret of a token that was never used, and return it; None if it was used or revoked."""
    token = _drawn()
    return token if connection.execute(RENEW, (digest(token), token_id)).fetchone() else None


def find(connection: Connection, token_id: str) -> Stored | None:
    """Return the token of this id, of any tenant."""
    row = connection.execute(FIND, {"token": token_id}).fetchone()
    return Stored(*row) if row else None


def listing(connection: Connection, tenant: str, *, limit: int, after: str | None = None) -> list[Stored]:
    """List a tenant's tokens, newest first, after the token `after`."""
    given = {"tenant": tenant, "limit": limit, "after": after}
    return [Stored(*row) for row in connection.execute(LISTING_AFTER if after else LISTING, given)]


def revoke(connection: Connection, token_id: str, *, by: str) -> bool:
    """Revoke a token; return False if it was already revoked."""
    return connection.execute(REVOKE, (by, token_id)).fetchone() is not None


def shorten(connection: Connection, token_id: str, left_s: float) -> bool:
    """Make a token expire after so many seconds, or earlier; return False if it is revoked."""
    return connection.execute(SHORTEN, (left_s, token_id)).fetchone() is not None
