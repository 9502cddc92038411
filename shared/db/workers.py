"""Registered workers and their heartbeats."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from shared.db.dispatch import LIVE_S
from shared.db.session import Connection
from shared.db.statements import statement

ANNOUNCE = statement("workers.announce")
LISTING = statement("workers.listing")


def announce(
    connection: Connection, worker: str, *, queue: str, host: str, pid: int, slots: int,
    extras: Sequence[str] = (),
) -> None:  # fmt: skip
    """Record a worker's heartbeat and clock; its first one notifies the dispatcher."""
    connection.execute(
        ANNOUNCE,
        {
            "id": worker,
            "queue": queue,
            "host": host,
            "pid": pid,
            "slots": slots,
            "now": time.time(),
            "extras": list(extras),
        },
    )  # fmt: skip


def drain(connection: Connection, worker: str) -> None:
    """Mark the worker as draining: it takes no more tasks."""
    connection.execute("UPDATE workers SET draining = true WHERE id = %s", (worker,))


def leave(connection: Connection, worker: str) -> None:
    """Unregister the worker."""
    connection.execute("DELETE FROM workers WHERE id = %s", (worker,))


def forget_dead(connection: Connection) -> None:
    """Delete workers without a heartbeat for ten minutes."""
    connection.execute("DELETE FROM workers WHERE seen_at < clock_timestamp() - interval '10 minutes'")


def live_queues(connection: Connection) -> set[str]:
    """Return the queues with at least one live worker."""
    rows = connection.execute(
        "SELECT DISTINCT queue FROM workers WHERE NOT draining AND seen_at > clock_timestamp() - %s * interval '1 second'",
        (LIVE_S,),
    )
    return {row[0] for row in rows}


def extras(connection: Connection, queue: str) -> set[str] | None:
    """Return the extras that live workers of a queue have; None if it has no live worker."""
    rows = connection.execute(
        "SELECT extras FROM workers"
        " WHERE queue = %s AND NOT draining AND seen_at > clock_timestamp() - %s * interval '1 second'",
        (queue, LIVE_S),
    ).fetchall()
    return {extra for (found,) in rows for extra in found} if rows else None


def listing(connection: Connection) -> list[dict[str, Any]]:
    """List all known workers with their current tasks."""
    rows = connection.execute(LISTING)
    return [
        {
            "worker": row[0], "queue": row[1], "host": row[2], "pid": row[3], "slots": row[4], "draining": row[5],
            "last_seen_s": round(row[6], 1), "healthy": row[6] < LIVE_S and not row[5], "clock_ahead_s": row[7], "busy": row[8],
        }
        for row in rows
    ]  # fmt: skip
