"""The event log of a job: append-only, replayed in a stable order.

Events get their ordinal, the job's own counter from 1, when they are first read: committed events without an
ordinal are numbered in the order of their ids. An event that commits late follows the events read before,
writers never wait, and no unrelated transaction blocks a reader.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, TypeAlias

from psycopg.errors import ReadOnlySqlTransaction

from shared.db.session import Connection
from shared.db.statements import statement

STATE = """
SELECT EXISTS (SELECT FROM jobs WHERE id = %(job)s AND state IN ('completed', 'failed', 'cancelled')),
       EXISTS (SELECT FROM events WHERE job_id = %(job)s AND ordinal IS NULL)
"""
APPEND = statement("events.append")
# A separate statement, so that the snapshot of the next one includes ordinals assigned by the previous lock
# holder.
LOCK = "SELECT pg_advisory_xact_lock(%(space)s, hashtext(%(job)s))"
NUMBER = """
UPDATE events SET ordinal = last.ordinal + fresh.place
FROM (SELECT coalesce(max(ordinal), 0) AS ordinal FROM events WHERE job_id = %(job)s) last,
     (SELECT id, row_number() OVER (ORDER BY id) AS place
      FROM events WHERE job_id = %(job)s AND ordinal IS NULL ORDER BY id LIMIT %(limit)s) fresh
WHERE events.id = fresh.id
"""
READ = """
SELECT ordinal, type, body, at FROM events WHERE job_id = %(job)s AND ordinal > %(after)s ORDER BY ordinal LIMIT %(limit)s
"""
LOCK_SPACE = 0x4E43
"""First key of the advisory locks under which events are numbered."""


Told: TypeAlias = tuple[int, str, dict[str, Any]]
"""An event: its ordinal, its type and its body with the time `at`."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some events of a job in order.

    Attributes:
        events: (ordinal, type, body with its time `at`).
        ended: whether the job has ended and no event follows.
    """

    events: list[Told]
    ended: bool


def append(connection: Connection, job_id: str, kind: str, body: dict[str, Any]) -> None:
    """Append one event and notify the job's watchers."""
    connection.execute(APPEND, {"job": job_id, "type": kind, "body": json.dumps(body)})


WARNINGS = """
SELECT body ->> 'message' FROM events WHERE job_id = %s AND type = 'warning' AND body ->> 'task' IS NOT NULL
ORDER BY (body ->> 'task')::bigint, id
"""


def warnings(connection: Connection, job_id: str) -> list[str]:
    """Return the warnings of the job's tasks, in task order; a retried task repeats its warnings."""
    return [message for (message,) in connection.execute(WARNINGS, (job_id,))]


def read(connection: Connection, job_id: str, *, after: int = 0, limit: int = 500) -> Page:
    """Return events with ordinals above `after`; on a read-only database, only those numbered before."""
    asked = {"job": job_id, "after": after, "limit": limit, "space": LOCK_SPACE}
    ended, fresh = _state(connection, asked)
    while fresh:
        try:
            with connection.transaction():
                connection.execute(LOCK, asked)
                connection.execute(NUMBER, asked)
        except ReadOnlySqlTransaction:
            break
        found = _numbered(connection, asked)
        if len(found) == limit:
            return Page(found, ended=False)
        ended, fresh = _state(connection, asked)
    found = _numbered(connection, asked)
    return Page(found, ended and len(found) < limit)


def over(connection: Connection, job_id: str, after: int) -> bool:
    """Return whether the job has ended and no event follows number `after`."""
    asked = {"job": job_id, "after": after, "limit": 1}
    ended, fresh = _state(connection, asked)
    return ended and not fresh and not _numbered(connection, asked)


def _state(connection: Connection, asked: dict[str, Any]) -> tuple[bool, bool]:
    """Return whether the job has ended, and whether unnumbered events exist, in one snapshot."""
    row = connection.execute(STATE, asked).fetchone()
    assert row is not None
    return row[0], row[1]


def _numbered(connection: Connection, asked: dict[str, Any]) -> list[Told]:
    rows = connection.execute(READ, asked)
    return [(ordinal, kind, {**body, "at": at.isoformat()}) for ordinal, kind, body, at in rows]


FACTS = """
SELECT e.job_id, e.type, e.body, j.kind, t.name, extract(epoch FROM j.finished_at - j.created_at)::float8,
       CASE WHEN j.state = 'failed' THEN j.error ->> 'class' END, j.tenant_id
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
    """One event for the log of all jobs.

    Attributes:
        job_id: the job.
        type: `job` or `placement`.
        body: body of the event.
        kind: kind of the job.
        tenant: name of the job's tenant.
        took_s: seconds from submission to the end, None before.
        error_class: error class of a failed job.
        tenant_id: id of the tenant.
    """

    job_id: str
    type: str
    body: dict[str, Any]
    kind: str
    tenant: str
    took_s: float | None
    error_class: str | None
    tenant_id: int


def newest(connection: Connection) -> int:
    """Return the most recently assigned event id over all jobs."""
    row = connection.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()
    return int(row[0]) if row else 0


def facts(connection: Connection, after: int, until: int, *, limit: int) -> list[Fact]:
    """Return submissions, placements and ends of all jobs, by event id."""
    rows = connection.execute(FACTS, {"after": after, "until": until, "limit": limit})
    return [Fact(*row) for row in rows]


def counted(connection: Connection, after: int, until: int) -> dict[str, int]:
    """Return the number of events of each type."""
    return dict(connection.execute(COUNTED, {"after": after, "until": until}).fetchall())
