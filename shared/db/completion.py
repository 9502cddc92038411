"""The end of tasks: results, children's readiness and the job's end, in one statement."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from shared.db.claims import CLAIMED, Claim
from shared.db.session import Connection


class Finished(NamedTuple):
    """A held task and what it came to, as JSON text; None is no result."""

    claim: Claim
    text: str | None

    @classmethod
    def of(cls, claim: Claim, value: Any) -> Finished:
        """A task that came to this value.

        Raises:
            ValueError: a number in it is not finite.
            TypeError: it is not JSON.
        """
        return cls(claim, None if value is None and not claim.final else json.dumps(value, allow_nan=False))


@dataclass(frozen=True, slots=True)
class Freed:
    """What finishing left behind: tasks this worker goes on with, and the ids whose result counted."""

    inline: list[Claim]
    accepted: set[int]


DONE = f"""
WITH given AS (
  SELECT * FROM unnest(%(ids)s::bigint[], %(attempts)s::int[], %(results)s::text[]) AS g(id, attempt, value)
), done AS (
  UPDATE tasks t SET state = 'completed', finished_at = clock_timestamp(), lease_until = NULL
  FROM given g WHERE t.id = g.id AND t.attempt = g.attempt AND t.state = 'running' AND t.claimed_by = %(worker)s
  RETURNING t.id, t.job_id, t.final, t.operation, t.attempt, g.value
), kept AS (
  INSERT INTO results (task_id, value) SELECT id, value::json FROM done WHERE value IS NOT NULL AND NOT final
), children AS (
  SELECT d.child_id AS id, count(*)::int AS n FROM done JOIN dependencies d ON d.parent_id = done.id GROUP BY 1
), locked AS (
  SELECT t.id, t.remaining - c.n AS remaining, t.queue, t.state, t.cost_s
  FROM tasks t JOIN children c USING (id) ORDER BY t.id FOR NO KEY UPDATE OF t
), freed AS (
  SELECT id, cost_s, row_number() OVER (ORDER BY id) AS rank, count(*) OVER () AS n,
         sum(cost_s) OVER (ORDER BY id) AS so_far_s
  FROM locked WHERE remaining = 0 AND state = 'blocked' AND queue = %(queue)s
), inline AS (
  SELECT id FROM freed WHERE rank <= %(inline)s
         AND (rank = 1 OR so_far_s <= %(alone)s OR (cost_s <= %(cheap)s AND rank <= n / %(slots)s))
), moved AS (
  UPDATE tasks t SET remaining = l.remaining,
    state = CASE WHEN l.remaining > 0 OR l.state <> 'blocked' THEN t.state
                 WHEN i.id IS NOT NULL THEN 'running'::task_state ELSE 'ready'::task_state END,
    claimed_by = CASE WHEN i.id IS NOT NULL THEN %(worker)s ELSE t.claimed_by END,
    started_at = CASE WHEN i.id IS NOT NULL THEN clock_timestamp() ELSE t.started_at END,
    lease_until = CASE WHEN i.id IS NOT NULL THEN clock_timestamp() + %(lease)s * interval '1 second' END
  FROM locked l LEFT JOIN inline i ON i.id = l.id WHERE t.id = l.id
  RETURNING {CLAIMED}, t.state, i.id IS NOT NULL AS inline
), told AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'task', json_build_object('tasks', json_agg(id), 'operation', min(operation), 'from', 'running',
         'to', 'completed', 'worker', %(worker)s::text, 'attempt', max(attempt)) FROM done GROUP BY job_id
  UNION ALL
  SELECT job_id, 'task', json_build_object('tasks', json_agg(id), 'operation', min(operation), 'from', 'blocked',
         'to', min(state::text), 'cause', CASE WHEN inline THEN 'same worker goes on' ELSE 'inputs are there' END)
  FROM moved WHERE state IN ('ready', 'running') GROUP BY job_id, inline
  RETURNING id
), waked AS (
  SELECT count(pg_notify('ready', '')) FROM (SELECT 1 FROM moved WHERE state = 'ready' LIMIT 1) AS any_ready
)"""

ENDED = """, ending AS (
  SELECT job_id AS id, job_id AS leader, value FROM done WHERE final
  UNION ALL
  SELECT f.id, done.job_id, done.value FROM done JOIN jobs f ON f.joined = done.job_id AND f.finished_at IS NULL
  WHERE done.final
), ended AS (
  UPDATE jobs j SET state = 'completed', finished_at = clock_timestamp(), result = e.value::json,
         started_at = coalesce(j.started_at, clock_timestamp()), from_cache = e.id <> e.leader
  FROM ending e WHERE j.id = e.id AND j.state IN ('queued', 'running')
  RETURNING j.id, j.tenant_id, e.leader, j.plan ->> 'shape' AS shape,
            extract(epoch FROM j.finished_at - j.started_at)::float8 AS took_s
), learnt AS (
  INSERT INTO runtimes AS r (shape, n, mean_s, m2, least_s, most_s)
  SELECT shape, count(*), avg(took_s), var_pop(took_s) * count(*), min(took_s), max(took_s) FROM ended
  WHERE id = leader AND shape IS NOT NULL GROUP BY shape ORDER BY shape
  ON CONFLICT (shape) DO UPDATE SET n = r.n + excluded.n,
    mean_s = r.mean_s + (excluded.mean_s - r.mean_s) * excluded.n / (r.n + excluded.n),
    m2 = r.m2 + excluded.m2 + (excluded.mean_s - r.mean_s) ^ 2 * r.n * excluded.n / (r.n + excluded.n),
    least_s = least(r.least_s, excluded.least_s), most_s = greatest(r.most_s, excluded.most_s)
), spent AS (
  INSERT INTO ledger (job_id, tenant_id, task_id, resource, amount)
  SELECT e.id, e.tenant_id, d.id, 'cpu_s',
         (SELECT coalesce(sum(extract(epoch FROM coalesce(finished_at, clock_timestamp()) - started_at)), 0)
          FROM tasks WHERE job_id = e.id)
  FROM ended e JOIN done d ON d.job_id = e.id AND d.final
  ON CONFLICT DO NOTHING
), told_end AS (
  INSERT INTO events (job_id, type, body)
  SELECT id, 'job', json_build_object('status', 'completed',
         'cause', CASE WHEN id = leader THEN 'final task completed' ELSE 'joined ' || leader END)
  FROM ended, (SELECT count(id) FROM told) AS tasks_first
), woken AS (
  SELECT count(pg_notify('job', id)), count(pg_notify('plan', '')) FROM ended
)"""

ANSWER = """
SELECT 'done', id, NULL::int, NULL, NULL, NULL::json, NULL::bool, NULL::bool, NULL::float8, NULL::bigint, NULL::int
FROM done, {waited}
UNION ALL
SELECT 'inline', id, attempt, job_id, operation, payload, has_inputs, final, cost_s, memory_bytes, failures
FROM moved WHERE inline
"""

FINISH = DONE + ANSWER.format(waited="waked")
FINISH_JOB = DONE + ENDED + ANSWER.format(waited="waked, woken")
"""With the job's end, for chunks that hold a final task: most do not, and need not pay for it."""

ALONE_S = 0.008
"""Freed work below this is quicker done by the worker that freed it than shared."""

CHEAP_S = 0.005
"""Tasks expected to be quicker than this are taken several at a time."""


def finish(
    connection: Connection,
    finished: Sequence[Finished],
    *,
    worker: str,
    queue: str,
    lease_s: float,
    inline: int = 0,
    slots: int = 1,
) -> Freed:
    """Running -> completed; children move to ready, or to running in this worker's hands.

    A final task also completes its job and every job that joined it. Tasks no longer held are left alone.

    Args:
        connection: its commit must be durable.
        finished: tasks and what they came to.
        worker: the holder.
        queue: only children on this queue are taken inline.
        lease_s: lease of the tasks taken inline.
        inline: most tasks to go on with, 0 for none. Dear ones are taken one at a time.
        slots: workers that share the cheap children.
    """
    rows = connection.execute(
        FINISH_JOB if any(item.claim.final for item in finished) else FINISH,
        {
            "ids": [item.claim.task_id for item in finished],
            "attempts": [item.claim.attempt for item in finished],
            "results": [item.text for item in finished],
            "worker": worker,
            "queue": queue,
            "lease": lease_s,
            "inline": inline,
            "cheap": CHEAP_S,
            "alone": ALONE_S,
            "slots": slots,
        },
    ).fetchall()
    return Freed(
        inline=[Claim(*row[1:]) for row in rows if row[0] == "inline"],
        accepted={row[1] for row in rows if row[0] == "done"},
    )
