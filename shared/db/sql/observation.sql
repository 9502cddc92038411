-- Queries behind the leader's gauges (shared/db/observation.py): their cost is bounded, independent of
-- history.

-- statement: queues
SELECT q.name, l.ready, l.delayed, l.queued, l.running, l.oldest_s, l.seconds
FROM unnest(%(queues)s::text[]) AS q(name), queue_load(q.name) AS l

-- statement: workers
-- Per queue: live, draining and lost workers, slots of the live ones, and start of the oldest.
SELECT queue, count(*) FILTER (WHERE heard AND NOT draining), count(*) FILTER (WHERE heard AND draining),
       count(*) FILTER (WHERE NOT heard), coalesce(sum(slots) FILTER (WHERE heard AND NOT draining), 0)::bigint,
       coalesce(
         extract(epoch FROM clock_timestamp() - min(started_at) FILTER (WHERE heard AND NOT draining)), 0
       )::float8
FROM (
  SELECT *, seen_at > clock_timestamp() - %(live)s * interval '1 second' AS heard FROM workers
) w
GROUP BY queue

-- statement: at_providers
SELECT backend, count(*) FROM provider_jobs WHERE closed_at IS NULL GROUP BY backend

-- statement: steps
-- Only of running migrations, whose number is bounded.
SELECT s.state, count(*) FROM migrations m JOIN migration_steps s USING (plan_id)
WHERE m.state IN ('running', 'waiting', 'rolling_back') GROUP BY s.state

-- statement: rest
-- PostgreSQL's estimate of the journal's rows, and the next expiry of a certificate.
SELECT pg_stat_get_live_tuples('journal'::regclass), (
  SELECT extract(epoch FROM not_after - clock_timestamp())::float8 FROM certificates
  WHERE revoked_at IS NULL AND not_after > clock_timestamp() ORDER BY not_after LIMIT 1
)

-- statement: transitions
-- Job transitions since the last observation, by event id, counted: acceptances by cache outcome, starts by
-- priority band and queue time bucket, ends by kind and backend.
WITH transitions AS (
  SELECT job_id, body ->> 'status' AS status, body ->> 'cause' AS cause
  FROM events WHERE id > %(after)s AND id <= %(until)s AND type = 'job'
),
-- These transitions with the labels of their metrics: the job's kind, priority, backend and failure class.
known AS (
  SELECT t.status, t.cause, j.kind, j.priority, j.content_key, coalesce(j.plan ->> 'backend', '') AS backend,
         CASE WHEN t.status = 'failed' THEN j.error ->> 'class' END AS class,
         extract(epoch FROM j.started_at - j.created_at)::float8 AS start_s
  FROM transitions t JOIN jobs j ON j.id = t.job_id
)
SELECT 'accepted', CASE
    WHEN status = 'completed' THEN 'hit' WHEN cause LIKE 'joined job%%' THEN 'joined'
    WHEN content_key IS NULL THEN 'off' ELSE 'miss'
  END, '', NULL, 0, count(*), 0::float8
FROM known
WHERE status = 'queued' OR (status = 'completed' AND cause = 'served from the result cache') GROUP BY 2
UNION ALL
SELECT 'started', CASE sign(priority) WHEN -1 THEN 'low' WHEN 0 THEN 'normal' ELSE 'high' END, '', NULL,
       width_bucket(start_s, %(bounds)s::float8[]), count(*), sum(start_s)
FROM known WHERE status = 'running' AND start_s IS NOT NULL GROUP BY 2, 5
UNION ALL
SELECT status, kind, backend, class, 0, count(*), 0
FROM known WHERE status IN ('completed', 'failed', 'cancelled') GROUP BY status, kind, backend, class
