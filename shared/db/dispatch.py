"""From ready to queued: which tasks go on the broker next.

Strict by priority; within one priority each tenant gets a share in proportion to its weight, counting what it
already has in flight; equal claims are settled by lot, or the newest of many tenants would starve. Per queue no more is taken than its live workers can start soon.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.db.session import Connection
from shared.queues import Queue

LIVE_S = 15.0
"""A worker not seen for this long no longer counts."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A task now marked queued, whose message is to be published.

    Attributes:
        task_id: its id.
        attempt: the attempt the message is for.
        queue: where to.
        cost_s: expected run time.
        failures: attempts that failed or were lost with their worker.
    """

    task_id: int
    attempt: int
    queue: str
    cost_s: float
    failures: int = 0


TAKE = """
WITH slots AS (
  SELECT queue, sum(slots) AS n FROM workers
  WHERE NOT draining AND seen_at > clock_timestamp() - %(live)s * interval '1 second' GROUP BY queue
), active AS (
  SELECT queue, tenant_id, count(*) AS n, count(*) FILTER (WHERE state = 'queued') AS waiting,
         coalesce(sum(cost_s) FILTER (WHERE state = 'queued'), 0) AS waiting_s
  FROM tasks WHERE state IN ('queued', 'running') GROUP BY queue, tenant_id
), room AS (
  SELECT q.queue, s.n * q.horizon - coalesce(sum(a.waiting_s), 0) AS seconds,
         s.n * 2 - coalesce(sum(a.n), 0) AS least, %(limit)s - coalesce(sum(a.waiting), 0) AS most
  FROM unnest(%(queues)s::text[], %(horizons)s::float8[]) AS q(queue, horizon)
  JOIN slots s ON s.queue = q.queue LEFT JOIN active a ON a.queue = q.queue
  GROUP BY q.queue, q.horizon, s.n
), candidates AS (
  SELECT c.*, r.seconds, r.least, r.most,
         (row_number() OVER (PARTITION BY c.queue, c.tenant_id ORDER BY c.priority DESC, c.id)
          + coalesce((SELECT a.n FROM active a WHERE a.queue = c.queue AND a.tenant_id = c.tenant_id), 0)) / n.weight AS turn, n.lot
  FROM room r CROSS JOIN (SELECT id, weight, random() AS lot FROM tenants) n CROSS JOIN LATERAL (
    SELECT id, queue, tenant_id, priority, cost_s FROM tasks
    WHERE state = 'ready' AND not_before IS NULL AND queue = r.queue AND tenant_id = n.id
    ORDER BY priority DESC, id LIMIT greatest(r.most, 0) FOR UPDATE SKIP LOCKED
  ) c
  WHERE r.seconds > 0 OR r.least > 0
), ranked AS (
  SELECT *, row_number() OVER w AS place, sum(cost_s) OVER w AS so_far FROM candidates
  WINDOW w AS (PARTITION BY queue ORDER BY priority DESC, turn, lot, id ROWS UNBOUNDED PRECEDING)
), taken AS (
  UPDATE tasks t SET state = 'queued', queued_at = clock_timestamp()
  FROM ranked r WHERE t.id = r.id AND r.place <= r.most AND (r.so_far <= r.seconds OR r.place <= r.least)
  RETURNING t.id, t.attempt, t.queue, t.cost_s, t.failures, t.job_id, t.operation, r.place
), told AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'task', json_build_object('tasks', json_agg(id ORDER BY place), 'operation', min(operation),
         'from', 'ready', 'to', 'queued', 'queue', queue) FROM taken GROUP BY job_id, queue
)
SELECT id, attempt, queue, cost_s, failures FROM taken ORDER BY queue, place
"""


def take(connection: Connection, queues: Iterable[Queue], *, limit: int = 1000) -> list[Ready]:
    """Ready -> queued for as many tasks as the live workers of each queue can start soon, in order of turn."""
    listed = list(queues)
    arguments = {
        "queues": [queue.name for queue in listed],
        "horizons": [queue.horizon_s for queue in listed],
        "limit": limit,
        "live": LIVE_S,
    }
    return [Ready(*row) for row in connection.execute(TAKE, arguments)]


PUT_BACK = """
WITH back AS (
  UPDATE tasks t SET state = 'ready', queued_at = NULL
  FROM unnest(%(ids)s::bigint[], %(attempts)s::int[]) AS m(id, attempt)
  WHERE t.id = m.id AND t.attempt = m.attempt AND t.state = 'queued' RETURNING t.id, t.job_id, t.operation
), told AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'task', json_build_object('tasks', json_agg(id), 'operation', min(operation), 'from', 'queued',
         'to', 'ready', 'cause', %(cause)s::text) FROM back GROUP BY job_id
)
SELECT count(*) FROM back
"""


def put_back(connection: Connection, messages: Iterable[tuple[int, int]], *, cause: str) -> int:
    """Queued -> ready for messages that did not reach a worker; a copy still under way does no harm."""
    pairs = list(messages)
    arguments = {"ids": [pair[0] for pair in pairs], "attempts": [pair[1] for pair in pairs], "cause": cause}
    row = connection.execute(PUT_BACK, arguments).fetchone()
    return int(row[0]) if row else 0


def wake_delayed(connection: Connection) -> float | None:
    """Let delayed tasks whose time has come take part; seconds until the next one's, None without any."""
    row = connection.execute(
        "WITH due AS (UPDATE tasks SET not_before = NULL WHERE state = 'ready' AND not_before <= clock_timestamp())"
        " SELECT extract(epoch FROM min(not_before) - clock_timestamp())::float8 FROM tasks"
        " WHERE state = 'ready' AND not_before > clock_timestamp()"
    ).fetchone()
    return row[0] if row else None
