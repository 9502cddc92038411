-- From ready to queued and back (shared/db/dispatch.py).

-- statement: take
WITH
-- Live slots per queue: a worker without recent heartbeats, or draining, starts nothing soon.
slots AS (
  SELECT queue, sum(slots) AS n FROM workers
  WHERE NOT draining AND seen_at > clock_timestamp() - %(live)s * interval '1 second'
  GROUP BY queue
),
-- Tasks in flight per queue.
active AS (
  SELECT queue, count(*) AS n, count(*) FILTER (WHERE state = 'queued') AS waiting,
         coalesce(sum(cost_s) FILTER (WHERE state = 'queued'), 0) AS waiting_s
  FROM tasks WHERE state IN ('queued', 'running') GROUP BY queue
),
-- Remaining capacity: seconds of work up to the horizon, at least `least` tasks whatever their cost (two per
-- slot, since otherwise one expensive task would leave workers idle), at most `most` tasks.
room AS (
  SELECT q.queue, s.n * q.horizon AS whole, s.n * q.horizon - coalesce(a.waiting_s, 0) AS seconds,
         s.n * 2 - coalesce(a.n, 0) AS least, %(limit)s - coalesce(a.waiting, 0) AS most
  FROM unnest(%(queues)s::text[], %(horizons)s::float8[]) AS q(queue, horizon)
  JOIN slots s ON s.queue = q.queue LEFT JOIN active a ON a.queue = q.queue
),
-- Tenants with ready tasks on a queue that has capacity. Only the first `cap` tasks of each are considered,
-- so that the cost does not grow with the backlog; `lot` breaks ties, since otherwise the newest of many
-- tenants would starve.
contenders AS (
  SELECT r.*, n.id AS tenant_id, n.weight, n.lot,
         ceil(2.0 * r.most / count(*) OVER (PARTITION BY r.queue))::bigint AS cap, (
           SELECT count(*) FROM tasks
           WHERE state IN ('queued', 'running') AND queue = r.queue AND tenant_id = n.id
         ) AS n
  FROM room r CROSS JOIN (SELECT id, weight, random() AS lot FROM tenants) n
  WHERE r.most > 0
    AND (r.least > 0 OR r.seconds * %(parts)s >= r.whole AND r.most * %(parts)s >= %(limit)s)
    AND (
      SELECT true FROM tasks
      WHERE state = 'ready' AND not_before IS NULL AND queue = r.queue AND tenant_id = n.id LIMIT 1
    )
),
-- Their first tasks; those locked by another scheduler are skipped.
candidates AS (
  SELECT k.*, c.* FROM contenders k CROSS JOIN LATERAL (
    SELECT id, priority, cost_s, row_number() OVER (ORDER BY priority DESC, id) AS nth
    FROM (
      SELECT id, priority, cost_s FROM tasks
      WHERE state = 'ready' AND not_before IS NULL AND queue = k.queue AND tenant_id = k.tenant_id
      ORDER BY priority DESC, id LIMIT k.cap FOR UPDATE SKIP LOCKED
    ) AS first
  ) c
),
-- Strict priority order; within one priority, by the tenant's resulting tasks in flight over its weight.
ranked AS (
  SELECT *, row_number() OVER w AS place, sum(cost_s) OVER w AS so_far
  FROM candidates
  WINDOW w AS (PARTITION BY queue ORDER BY priority DESC, (nth + n) / weight, lot, id ROWS UNBOUNDED PRECEDING)
),
-- Nothing is taken beyond the first place at which a tenant's `cap` ends: an unconsidered task may rank
-- before it.
known AS (
  SELECT *, min(place) FILTER (WHERE nth = cap) OVER (PARTITION BY queue) AS last FROM ranked
),
-- From here on a message must be published.
taken AS (
  UPDATE tasks t SET state = 'queued', queued_at = clock_timestamp()
  FROM known k
  WHERE t.id = k.id AND k.place <= least(k.most, k.last) AND (k.so_far <= k.seconds OR k.place <= k.least)
  RETURNING t.id, t.attempt, t.queue, t.cost_s, t.failures, t.job_id, t.operation, k.place
),
-- One event per job and queue.
told AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'task', json_build_object(
    'tasks', json_agg(id ORDER BY place), 'operation', min(operation), 'from', 'ready', 'to', 'queued',
    'queue', queue
  )
  FROM taken GROUP BY job_id, queue
)
SELECT id, attempt, queue, cost_s, failures, job_id FROM taken ORDER BY queue, place

-- statement: put_back
WITH
-- The attempt is unchanged: a copy of the message still in flight finds the task not queued, or claims it
-- legitimately.
back AS (
  UPDATE tasks t SET state = 'ready', queued_at = NULL
  FROM unnest(%(ids)s::bigint[], %(attempts)s::int[]) AS m(id, attempt)
  WHERE t.id = m.id AND t.attempt = m.attempt AND t.state = 'queued'
  RETURNING t.id, t.job_id, t.operation
),
-- One event per job.
told AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'task', json_build_object(
    'tasks', json_agg(id), 'operation', min(operation), 'from', 'queued', 'to', 'ready', 'cause', %(cause)s::text
  )
  FROM back GROUP BY job_id
)
SELECT count(*) FROM back

-- statement: wake_delayed
WITH
-- They are due: without a date they are in the index that `take` reads.
due AS (
  UPDATE tasks SET not_before = NULL, ready_at = clock_timestamp() WHERE state = 'ready' AND not_before <= clock_timestamp()
)
SELECT extract(epoch FROM min(not_before) - clock_timestamp())::float8 FROM tasks
WHERE state = 'ready' AND not_before > clock_timestamp()
