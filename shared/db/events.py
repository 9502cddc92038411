"""The event log of a job: append-only, replayed in an order that never changes.

Events are ordered by (transaction id, id) and shown once every transaction with a lower id has ended: an event
that commits late can then never appear before one already shown.
"""

from __future__ import annotations

import json
from typing import Any

from shared.db.session import Connection

SETTLED = """
SELECT type, body, at FROM events
WHERE job_id = %(job)s AND xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY xid, id OFFSET %(skip)s LIMIT %(limit)s
"""


def append(connection: Connection, job_id: str, kind: str, body: dict[str, Any]) -> None:
    """Append one event and wake those who watch the job."""
    connection.execute(
        "WITH e AS (INSERT INTO events (job_id, type, body) VALUES (%s, %s, %s)) SELECT pg_notify('job', %s)",
        (job_id, kind, json.dumps(body), job_id),
    )


WARNINGS = """
SELECT body ->> 'message' FROM events WHERE job_id = %s AND type = 'warning' AND body ->> 'task' IS NOT NULL
ORDER BY (body ->> 'task')::bigint, id
"""


def warnings(connection: Connection, job_id: str) -> list[str]:
    """What the job's tasks have warned of, in the order of the tasks; a task tried again says it again."""
    return [message for (message,) in connection.execute(WARNINGS, (job_id,))]


def settled(
    connection: Connection, job_id: str, *, skip: int, limit: int = 500
) -> list[tuple[str, dict[str, Any]]]:
    """Events number skip+1, skip+2, ... of the job, as (type, body with its time `at`)."""
    rows = connection.execute(SETTLED, {"job": job_id, "skip": skip, "limit": limit})
    return [(kind, {**body, "at": at.isoformat()}) for kind, body, at in rows]
