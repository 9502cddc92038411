"""Who is there to work."""

from __future__ import annotations

import time
from typing import Any

from shared.db.dispatch import LIVE_S
from shared.db.session import Connection


def announce(connection: Connection, worker: str, *, queue: str, host: str, pid: int, slots: int) -> None:
    """Say that a worker is alive, and what its clock says; its first word wakes the dispatcher."""
    connection.execute(
        "WITH w AS (INSERT INTO workers (id, queue, host, pid, slots, clock_ahead_s)"
        " VALUES (%(id)s, %(queue)s, %(host)s, %(pid)s, %(slots)s, %(now)s - extract(epoch FROM clock_timestamp()))"
        " ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp(), draining = false,"
        " clock_ahead_s = excluded.clock_ahead_s RETURNING xmax = 0 AS new)"
        " SELECT pg_notify('ready', '') FROM w WHERE new",
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
    rows = connection.execute(
        "SELECT w.id, w.queue, w.host, w.pid, w.slots, w.draining,"
        " extract(epoch FROM clock_timestamp() - w.seen_at)::float8,"
        " w.clock_ahead_s, (SELECT count(*) FROM tasks t WHERE t.state = 'running' AND starts_with(t.claimed_by, w.id || '/'))"
        " FROM workers w ORDER BY w.queue, w.id"
    )
    return [
        {
            "worker": row[0], "queue": row[1], "host": row[2], "pid": row[3], "slots": row[4], "draining": row[5],
            "last_seen_s": round(row[6], 1), "healthy": row[6] < LIVE_S and not row[5], "clock_ahead_s": row[7], "busy": row[8],
        }
        for row in rows
    ]  # fmt: skip


def queue_depths(connection: Connection) -> dict[str, dict[str, int]]:
    """Counts of ready, queued and running tasks by queue."""
    depths: dict[str, dict[str, int]] = {}
    rows = connection.execute(
        "SELECT queue, state::text, count(*) FROM tasks WHERE state IN ('ready', 'queued', 'running') GROUP BY 1, 2"
    )
    for queue, state, count in rows:
        depths.setdefault(queue, {})[state] = count
    return depths
