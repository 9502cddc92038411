"""Leader election among schedulers: an advisory lock held by the leader's connection.

Losing the connection loses the lock. A leader that is stopped or hangs would keep both; therefore PostgreSQL
ends its session after `SILENCE_S` without a statement, and on resuming, the leader finds its connection
closed before it can change a row. Two simultaneous leaders do no harm: every row is taken with FOR UPDATE
SKIP LOCKED, and every claim is fenced.
"""

from __future__ import annotations

from shared.db.session import Connection

KEY = 0x4E6F7661_4C656164
SILENCE_S = 10
"""Idle timeout of the leader's session. The loop runs a statement every half second; while it waits for an
unresponsive Redis, after 8 s.
"""


def lead(connection: Connection) -> bool:
    """Try to become the leader for the life of this connection."""
    row = connection.execute(
        "SELECT pg_try_advisory_lock(%s), set_config('idle_session_timeout', %s, false)",
        (KEY, f"{SILENCE_S}s"),
    ).fetchone()
    return bool(row and row[0])


LED = """
SELECT FROM pg_locks
WHERE locktype = 'advisory' AND granted AND classid::bigint = %(high)s AND objid::bigint = %(low)s
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def led(connection: Connection) -> bool:
    """Return whether any scheduler is the leader."""
    return connection.execute(LED, {"high": KEY >> 32, "low": KEY & 0xFFFFFFFF}).fetchone() is not None
