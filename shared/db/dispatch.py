"""From ready to queued: which tasks go on the broker next.

Strict by priority; within one priority each tenant gets a share in proportion to its weight, counting what it
already has in flight; equal claims are settled by lot, or the newest of many tenants would starve. Per queue no
more is taken than its live workers can start soon.

Of many tenants only the first tasks of each are looked at (`cap`), and none is taken after the first tenant's
last one that was (`last`): what lies behind it may come before the others'. The next look takes those.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.db.session import Connection
from shared.queues import Queue

LIVE_S = 15.0
"""A worker not seen for this long no longer counts."""
PARTS = 4
"""A queue is filled up again when this part of it is empty: many small fillings would make many small messages."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A task now marked queued, whose message is to be published.

    Attributes:
        task_id: its id.
        attempt: the attempt the message is for.
        queue: where to.
        cost_s: expected run time.
        failures: attempts that failed or were lost with their worker.
        job_id: whose it is.
    """

    task_id: int
    attempt: int
    queue: str
    cost_s: float
    failures: int = 0
    job_id: str = ""


@dataclass(frozen=True, slots=True)
class Title:
    """What people call a task by: the kind and id of its job, and what it does."""

    kind: str
    operation: str
    job_id: str


TAKE = """
WITH slots AS (
  SELECT queue, sum(slots) AS n FROM workers
  WHERE NOT draining AND seen_at > clock_timestamp() - %(live)s * interval '1 second' GROUP BY queue
), active AS (
  SELECT queue, count(*) AS n, count(*) FILTER (WHERE state = 'queued') AS waiting,
         coalesce(sum(cost_s) FILTER (WHERE state = 'queued'), 0) AS waiting_s
  FROM tasks WHERE state IN ('queued', 'running') GROUP BY queue
), room AS (
  SELECT q.queue, s.n * q.horizon AS whole, s.n * q.horizon - coalesce(a.waiting_s, 0) AS seconds,
         s.n * 2 - coalesce(a.n, 0) AS least, %(limit)s - coalesce(a.waiting, 0) AS most
  FROM unnest(%(queues)s::text[], %(horizons)s::float8[]) AS q(queue, horizon)
  JOIN slots s ON s.queue = q.queue LEFT JOIN active a ON a.queue = q.queue
), contenders AS (
  SELECT r.*, n.id AS tenant_id, n.weight, n.lot, ceil(2.0 * r.most / count(*) OVER (PARTITION BY r.queue))::bigint AS cap,
         (SELECT count(*) FROM tasks WHERE state IN ('queued', 'running') AND queue = r.queue AND tenant_id = n.id) AS n
  FROM room r CROSS JOIN (SELECT id, weight, random() AS lot FROM tenants) n
  WHERE r.most > 0 AND (r.least > 0 OR r.seconds * %(parts)s >= r.whole AND r.most * %(parts)s >= %(limit)s) AND (
    SELECT true FROM tasks WHERE state = 'ready' AND not_before IS NULL AND queue = r.queue AND tenant_id = n.id LIMIT 1)
), candidates AS (
  SELECT k.*, c.* FROM contenders k CROSS JOIN LATERAL (
    SELECT id, priority, cost_s, row_number() OVER (ORDER BY priority DESC, id) AS nth FROM (
      SELECT id, priority, cost_s FROM tasks
      WHERE state = 'ready' AND not_before IS NULL AND queue = k.queue AND tenant_id = k.tenant_id
      ORDER BY priority DESC, id LIMIT k.cap FOR UPDATE SKIP LOCKED) AS first
  ) c
), ranked AS (
  SELECT *, row_number() OVER w AS place, sum(cost_s) OVER w AS so_far FROM candidates
  WINDOW w AS (PARTITION BY queue ORDER BY priority DESC, (nth + n) / weight, lot, id ROWS UNBOUNDED PRECEDING)
), known AS (
  SELECT *, min(place) FILTER (WHERE nth = cap) OVER (PARTITION BY queue) AS last FROM ranked
), taken AS (
  UPDATE tasks t SET state = 'queued', queued_at = clock_timestamp()
  FROM known k WHERE t.id = k.id AND k.place <= least(k.most, k.last) AND (k.so_far <= k.seconds OR k.place <= k.least)
  RETURNING t.id, t.attempt, t.queue, t.cost_s, t.failures, t.job_id, t.operation, k.place
), told AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'task', json_build_object('tasks', json_agg(id ORDER BY place), 'operation', min(operation),
         'from', 'ready', 'to', 'queued', 'queue', queue) FROM taken GROUP BY job_id, queue
)
SELECT id, attempt, queue, cost_s, failures, job_id FROM taken ORDER BY queue, place
"""


def take(connection: Connection, queues: Iterable[Queue], *, limit: int = 1000) -> list[Ready]:
    """Ready -> queued for as many tasks as the live workers of each queue can start soon, in order of turn."""
    listed = list(queues)
    arguments = {
        "queues": [queue.name for queue in listed],
        "horizons": [queue.horizon_s for queue in listed],
        "limit": limit,
        "live": LIVE_S,
        "parts": PARTS,
    }
    return [Ready(*row) for row in connection.execute(TAKE, arguments)]


TITLES = """
SELECT t.id, j.kind, t.operation, j.id FROM tasks t JOIN jobs j ON j.id = t.job_id WHERE t.id = ANY(%s)
"""


def titles(connection: Connection, tasks: Sequence[int]) -> dict[int, Title]:
    """What people call these tasks by."""
    return {task: Title(*rest) for task, *rest in connection.execute(TITLES, (list(tasks),))}


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
