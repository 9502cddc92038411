"""The event log of a job: append-only, replayed in an order that never changes.

Events are ordered by (transaction id, id) and shown once every transaction with a lower id has ended: an event
that commits late can then never appear before one already shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
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


FACTS = """
SELECT e.job_id, e.type, e.body, j.kind, t.name, extract(epoch FROM j.finished_at - j.created_at)::float8, j.error ->> 'class'
FROM events e JOIN jobs j ON j.id = e.job_id JOIN tenants t ON t.id = j.tenant_id
WHERE e.id > %(after)s AND e.id <= %(until)s AND e.type IN ('job', 'placement') AND e.body ->> 'status' IS DISTINCT FROM 'running'
ORDER BY e.id LIMIT %(limit)s
"""
COUNTED = """
SELECT CASE WHEN type = 'placement' THEN 'planned' WHEN body ->> 'status' = 'queued' THEN 'submitted' ELSE body ->> 'status' END, count(*)
FROM events WHERE id > %(after)s AND id <= %(until)s AND type IN ('job', 'placement') AND body ->> 'status' IS DISTINCT FROM 'running'
GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Fact:
    """What a log of all jobs says of one event.

    Attributes:
        job_id: whose it is.
        type: `job` or `placement`.
        body: of the event.
        kind: of the job.
        tenant: the job's, by name.
        took_s: from submission to the end, None before.
        error_class: of a job that failed.
    """

    job_id: str
    type: str
    body: dict[str, Any]
    kind: str
    tenant: str
    took_s: float | None
    error_class: str | None


def newest(connection: Connection) -> int:
    """The number given out last, among all jobs."""
    row = connection.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()
    return int(row[0]) if row else 0


def facts(connection: Connection, after: int, until: int, *, limit: int) -> list[Fact]:
    """Submissions, placements and ends of all jobs, by the numbers of their events."""
    rows = connection.execute(FACTS, {"after": after, "until": until, "limit": limit})
    return [Fact(*row) for row in rows]


def counted(connection: Connection, after: int, until: int) -> dict[str, int]:
    """How many of each there are."""
    return dict(connection.execute(COUNTED, {"after": after, "until": until}).fetchall())
