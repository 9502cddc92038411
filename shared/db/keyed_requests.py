"""Requests with an Idempotency-Key that make neither a job nor a plan, and what each of them made."""

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
    """Keep in the caller's transaction what a request makes; a second request of the key waits for its end.

    Args:
        connection: in a transaction.
        who: asks; a key is known under the tenant and the role of the token that it came with.
        key: the caller's; None without.
        request_hash: of what is asked for.
        made: id of what is being made.

    Returns:
        What the key's first request made; None where this is the first, or there is no key.

    Raises:
        Conflict: the key came before with another request.
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
