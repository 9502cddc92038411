"""The audit log: who did what to which key, certificate or plan. Append-only.

Each tenant has its own hash chain, so that it can be exported and verified without other tenants' entries.
Hashing and verification are in `novacron.crypto.audit`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from novacron.crypto import audit
from novacron.crypto.canonical import canonical
from shared.db.session import Connection

LOCK = 0x61756469
"""First key of the advisory lock that serializes a tenant's appends; the second is the tenant."""

LAST = """
SELECT seq, hash FROM audit_log WHERE tenant_id = %s ORDER BY seq DESC LIMIT 1
"""
APPEND = """
INSERT INTO audit_log (tenant_id, seq, at, actor, action, subject, details, previous, hash)
VALUES (%(tenant)s, %(seq)s, %(at)s, %(actor)s, %(action)s, %(subject)s, %(text)s::json, %(before)s, %(digest)s)
"""
ENTRIES = """
SELECT tenant_id, seq, at, actor, action, subject, details, previous, hash FROM audit_log
WHERE tenant_id = %(tenant)s AND seq > %(after)s AND seq <= %(after)s + %(limit)s ORDER BY seq
"""
SIGN = """
INSERT INTO audit_heads (tenant_id, seq, key_id, key_version, signature)
VALUES (%(tenant)s, %(seq)s, %(key)s, %(version)s, %(signature)s)
ON CONFLICT (tenant_id) DO UPDATE SET seq = excluded.seq, key_id = excluded.key_id,
  key_version = excluded.key_version, signature = excluded.signature, signed_at = clock_timestamp()
WHERE audit_heads.seq <= excluded.seq
"""
HEAD = """
SELECT h.seq, h.key_id, h.key_version, v.algorithm, v.public_key, h.signature, h.signed_at
FROM audit_heads h LEFT JOIN key_versions v ON v.key_id = h.key_id AND v.version = h.key_version
WHERE h.tenant_id = %s
"""


def append(
    connection: Connection,
    tenant_id: int,
    actor: str,
    action: str,
    subject: str,
    details: Mapping[str, Any],
) -> dict[str, Any]:
    """Append an entry, atomically within the caller's transaction if one is open.

    The tenant's other appends wait until that transaction ends.

    Args:
        connection: any connection.
        tenant_id: the tenant whose chain is appended to.
        actor: name of the token, or of the process, that acted.
        action: the action, such as `key.rotate`.
        subject: id of the object acted on.
        details: plain JSON without secrets.

    Returns:
        The entry in its export format.

    Raises:
        BadInput: the details cannot be represented in JSON.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (LOCK, tenant_id))
        seq, previous = connection.execute(LAST, (tenant_id,)).fetchone() or (0, audit.GENESIS)
        moment = datetime.now(UTC)
        entry = {
            "tenant": tenant_id, "seq": seq + 1, "at": moment.isoformat(), "actor": actor, "action": action,
            "subject": subject, "details": dict(details), "previous": previous.hex(),
        }  # fmt: skip
        digest = audit.entry_hash(entry)
        stored = {
            "text": canonical(entry["details"]).decode(), "before": previous,
            "digest": digest, "at": moment,
        }  # fmt: skip
        connection.execute(APPEND, entry | stored)
    return entry | {"hash": digest.hex()}


def entries(
    connection: Connection, tenant_id: int, *, after: int = 0, limit: int = 500
) -> list[dict[str, Any]]:
    """Return the tenant's entries after number `after`, oldest first."""
    rows = connection.execute(ENTRIES, {"tenant": tenant_id, "after": after, "limit": limit})
    return [
        {
            "tenant": tenant, "seq": seq, "at": at.astimezone(UTC).isoformat(), "actor": actor,
            "action": action, "subject": subject, "details": details, "previous": previous.hex(),
            "hash": digest.hex(),
        }
        for tenant, seq, at, actor, action, subject, details, previous, digest in rows
    ]  # fmt: skip


def last(connection: Connection, tenant_id: int) -> tuple[int, bytes] | None:
    """Return number and hash of the tenant's newest entry."""
    return connection.execute(LAST, (tenant_id,)).fetchone()


def sign(
    connection: Connection, tenant_id: int, seq: int, *, key_id: str, key_version: int, signature: bytes
) -> None:
    """Store a signature over the chain up to an entry, replacing the older one, which it covers."""
    arguments = {
        "tenant": tenant_id, "seq": seq, "key": key_id, "version": key_version, "signature": signature,
    }  # fmt: skip
    connection.execute(SIGN, arguments)


def head(connection: Connection, tenant_id: int) -> dict[str, Any] | None:
    """Return the newest signature and its key in export format; None if nothing is signed."""
    row = connection.execute(HEAD, (tenant_id,)).fetchone()
    if row is None:
        return None
    seq, key_id, version, algorithm, public, signature, at = row
    return {
        "seq": seq, "key_id": key_id, "key_version": version, "algorithm": algorithm,
        "public_key": base64.b64encode(public or b"").decode(), "signature": base64.b64encode(signature).decode(),
        "signed_at": at.astimezone(UTC).isoformat(),
    }  # fmt: skip
