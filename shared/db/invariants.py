"""Row invariants that hold at every moment, whichever process crashed: queries that find violations."""

from __future__ import annotations

from typing import Any

from shared.db.session import Connection

SHOWN = 20
"""Maximum number of violating rows listed per invariant."""

INVARIANTS: dict[str, str] = {
    "an ended job has no unfinished task": """
        SELECT j.id, j.state::text, t.id, t.state::text FROM jobs j JOIN tasks t ON t.job_id = j.id
        WHERE j.finished_at IS NOT NULL AND t.state IN ('blocked', 'ready', 'queued', 'running')""",
    "a job is completed exactly when its final task is": """
        SELECT j.id, j.state::text, f.state::text FROM jobs j LEFT JOIN tasks f ON f.job_id = j.id AND f.final
        WHERE (j.state = 'completed' AND NOT j.from_cache AND j.kind <> 'sweep' AND f.state IS DISTINCT FROM 'completed')
           OR (j.state <> 'completed' AND f.state = 'completed')""",
    "a sweep ends after its jobs": """
        SELECT p.id, p.state::text, c.id, c.state::text FROM jobs p JOIN jobs c ON c.sweep = p.id
        WHERE p.finished_at IS NOT NULL AND c.finished_at IS NULL""",
    "a planned job has one final task and knows how many it has": """
        SELECT j.id, j.n_tasks, count(*), count(*) FILTER (WHERE t.final) FROM jobs j JOIN tasks t ON t.job_id = j.id
        GROUP BY j.id HAVING count(*) <> j.n_tasks OR count(*) FILTER (WHERE t.final) <> 1""",
    "a job that has not ended can go on": """
        SELECT j.id, j.state::text FROM jobs j
        WHERE j.finished_at IS NULL AND j.n_tasks > 0
          AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.job_id = j.id AND t.state IN ('ready', 'queued', 'running'))""",
    "a job that joined another ends with it": """
        SELECT f.id, l.id, l.state::text FROM jobs f JOIN jobs l ON l.id = f.joined
        WHERE f.finished_at IS NULL AND l.finished_at < clock_timestamp() - %(patience)s * interval '1 second'""",
    "a failed job names its cause": """
        SELECT id FROM jobs WHERE state = 'failed' AND (error ->> 'class' IS NULL OR error ->> 'message' IS NULL)""",
    "a task starts after every task before it completed": """
        SELECT d.parent_id, p.state::text, d.child_id, c.state::text
        FROM dependencies d JOIN tasks p ON p.id = d.parent_id JOIN tasks c ON c.id = d.child_id
        WHERE c.state IN ('queued', 'running', 'completed', 'failed')
          AND (p.state <> 'completed' OR c.started_at < p.finished_at)""",
    "a task waits for as many tasks as are unfinished before it": """
        SELECT c.id, c.state::text, c.remaining, count(*) FILTER (WHERE p.state <> 'completed')
        FROM tasks c LEFT JOIN dependencies d ON d.child_id = c.id LEFT JOIN tasks p ON p.id = d.parent_id
        WHERE c.state NOT IN ('failed', 'cancelled')
        GROUP BY c.id HAVING c.remaining <> count(*) FILTER (WHERE p.state <> 'completed')""",
    "a task completes once": """
        SELECT t.id, t.state::text, coalesce(told.n, 0) FROM tasks t LEFT JOIN (
          SELECT done.id::bigint AS id, count(*) AS n FROM events e, json_array_elements_text(e.body -> 'tasks') AS done(id)
          WHERE e.type = 'task' AND e.body ->> 'to' = 'completed' GROUP BY 1
        ) told USING (id) WHERE coalesce(told.n, 0) <> (t.state = 'completed')::int""",
    "a result belongs to a completed task": """
        SELECT r.task_id, t.state::text FROM results r LEFT JOIN tasks t ON t.id = r.task_id
        WHERE t.state IS DISTINCT FROM 'completed'""",
    "a queued task says since when, a running one until when": """
        SELECT id, state::text FROM tasks
        WHERE (state = 'queued' AND queued_at IS NULL) OR (state = 'running' AND lease_until IS NULL)""",
    "a lease that ran out is taken back": """
        SELECT id, job_id, claimed_by, lease_until::text FROM tasks
        WHERE state = 'running' AND lease_until < clock_timestamp() - %(patience)s * interval '1 second'""",
    "what a task has at a provider ends with it": """
        SELECT p.task_id, p.job_id, p.backend, p.device, p.provider_job, t.state::text
        FROM provider_jobs p JOIN tasks t ON t.id = p.task_id
        WHERE p.closed_at IS NULL AND t.finished_at < clock_timestamp() - %(patience)s * interval '1 second'""",
    "a job begins with its acceptance and ends once": """
        SELECT j.id, j.state::text, count(e.id), count(e.id) FILTER (WHERE e.body ->> 'status' = j.state::text)
        FROM jobs j LEFT JOIN events e ON e.job_id = j.id AND e.type = 'job' GROUP BY j.id
        HAVING count(e.id) = 0
            OR (array_agg(e.body ->> 'status' ORDER BY e.id))[1] NOT IN ('queued', j.state::text)
            OR count(e.id) FILTER (WHERE e.body ->> 'status' IN ('completed', 'failed', 'cancelled'))
               <> (j.finished_at IS NOT NULL)::int
            OR (j.finished_at IS NOT NULL AND count(e.id) FILTER (WHERE e.body ->> 'status' = j.state::text) <> 1)""",
    "events are numbered without a gap": """
        SELECT job_id, max(ordinal), count(ordinal) FROM events
        GROUP BY job_id HAVING max(ordinal) <> count(ordinal)""",
    "a journal has no gap": """
        SELECT job_id, loop, min(position), max(position), count(*) FROM journal
        GROUP BY job_id, loop HAVING min(position) <> 0 OR max(position) <> count(*) - 1""",
    "an evaluation is told once": """
        SELECT e.job_id, e.body ->> 'loop', one.body ->> 'evaluation', count(*)
        FROM events e, json_array_elements(e.body -> 'evaluations') AS one(body)
        WHERE e.type = 'evaluations' GROUP BY 1, 2, 3 HAVING count(*) > 1""",
    "a job that was computed is charged once": """
        SELECT j.id, count(l.id) FROM jobs j LEFT JOIN ledger l ON l.job_id = j.id AND l.resource = 'cpu_s'
        WHERE j.state = 'completed' AND NOT j.from_cache AND j.kind <> 'sweep' GROUP BY j.id HAVING count(l.id) <> 1""",
}
"""Invariant -> the query that returns its violations."""


def violations(connection: Connection, *, lease_s: float) -> dict[str, list[tuple[Any, ...]]]:
    """Return the violated invariants, each with its first rows; empty if all hold.

    Safe to run beside live work: every query sees one snapshot.

    Args:
        connection: outside a transaction.
        lease_s: lease of the workers; overdue rows are tolerated for twice this long.
    """
    found = {}
    for name, query in INVARIANTS.items():
        limited = f"SELECT * FROM ({query}) AS broken LIMIT {SHOWN}"
        if rows := connection.execute(limited.encode(), {"patience": 2 * lease_s}).fetchall():
            found[name] = rows
    return found
