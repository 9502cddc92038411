"""Requests with an Idempotency-Key that create neither a job nor a plan, and the object each created."""

from __future__ import annotations

from novacron.errors import Conflict
from shared.db.session import Connection
from shared.db.tokens import Bearer

KEEP = """
INSERT INTO keyed_requests (tenant_id, role, idempotency_key, request_hash, made) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING RETURNING made
"""
KNOWN = """
SELECT made, request_hash FROM keyed_requests WHERE tenant_id = %s AND role = %s AND idempotency_key = %s
"""


def keep(connection: Connection, who: Bearer, key: str | None, request_hash: str, made: str) -> str | None:
    """Record what a request creates, in the caller's transaction; concurrent requests with the key wait.

    Args:
        connection: in a transaction.
        who: the caller; a key is scoped to the tenant and the role of its token.
        key: the caller's; None without.
        request_hash: hash of the request.
        made: id of the object being created.

    Returns:
        The object created by the key's first request; None if this is the first, or there is no key.

    Raises:
        Conflict: the key was used with a different request.
    """
    if key is None:
        return None
    owner = (who.tenant_id, who.role, key)
    if connection.execute(KEEP, (*owner, request_hash, made)).fetchone():
        return None
    known = connection.execute(KNOWN, owner).fetchone()
    assert known is not None, "a kept request is never deleted"
    if known[1] != request_hash:
        raise Conflict(f"this Idempotency-Key came with another body, for {known[0]}")
    return str(known[0])
