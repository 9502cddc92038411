"""One ticking scheduler: an advisory lock held by the connection that ticks.

Losing the connection loses the lock. Two that both believe they lead do no harm: every row is taken with
FOR UPDATE SKIP LOCKED, and every claim is fenced.
"""

from __future__ import annotations

from shared.db.session import Connection

KEY = 0x4E6F7661_4C656164


def lead(connection: Connection) -> bool:
    """Try to become the leader for as long as this connection lives."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (KEY,)).fetchone()
    return bool(row and row[0])
