"""Who is there to work."""

from __future__ import annotations

import time
from typing import Any

from shared.db.dispatch import LIVE_S
from shared.db.session import Connection
from shared.db.statements import statement

ANNOUNCE = statement("workers.announce")
LISTING = statement("workers.listing")


def announce(connection: Connection, worker: str, *, queue: str, host: str, pid: int, slots: int) -> None:
    """Say that a worker is alive, and what its clock says; its first word wakes the dispatcher."""
    connection.execute(
        ANNOUNCE,
        {"id": worker, "queue": queue, "host": host, "pid": pid, "slots": slots, "now": time.time()},
    )


def drain(connection: Connection, worker: str) -> None:
    """The worker takes no more tasks."""
    connection.execute("UPDATE workers SET draining = true WHERE id = %s", (worker,))


def leave(connection: Connection, worker: str) -> None:
    """The worker is gone."""
    connection.execute("DELETE FROM workers WHERE id = %s", (worker,))


def forget_dead(connection: Connection) -> None:
    """Forget workers not seen for ten minutes."""
    connection.execute("DELETE FROM workers WHERE seen_at < clock_timestamp() - interval '10 minutes'")


def live_queues(connection: Connection) -> set[str]:
    """Queues that have at least one live worker."""
    rows = connection.execute(
        "SELECT DISTINCT queue FROM workers WHERE NOT draining AND seen_at > clock_timestamp() - %s * interval '1 second'",
        (LIVE_S,),
    )
    return {row[0] for row in rows}


def listing(connection: Connection) -> list[dict[str, Any]]:
    """All known workers with what they are doing."""
    rows = connection.execute(LISTING)
    return [
        {
            "worker": row[0], "queue": row[1], "host": row[2], "pid": row[3], "slots": row[4], "draining": row[5],
            "last_seen_s": round(row[6], 1), "healthy": row[6] < LIVE_S and not row[5], "clock_ahead_s": row[7], "busy": row[8],
        }
        for row in rows
    ]  # fmt: skip
