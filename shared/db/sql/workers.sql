-- Registered workers (shared/db/workers.py).

-- statement: announce
WITH
-- First or repeated heartbeat, with the offset of its clock, which the doctor reports.
said AS (
  INSERT INTO workers (id, queue, host, pid, slots, extras, clock_ahead_s)
  VALUES (
    %(id)s, %(queue)s, %(host)s, %(pid)s, %(slots)s, %(extras)s, %(now)s - extract(epoch FROM clock_timestamp())
  )
  ON CONFLICT (id) DO UPDATE
  SET seen_at = clock_timestamp(), draining = false, clock_ahead_s = excluded.clock_ahead_s
  RETURNING xmax = 0 AS new
)
SELECT pg_notify('ready', '') FROM said WHERE new

-- statement: listing
-- A slot of a worker claims as `worker/slot`.
SELECT w.id, w.queue, w.host, w.pid, w.slots, w.draining,
       extract(epoch FROM clock_timestamp() - w.seen_at)::float8, w.clock_ahead_s, (
         SELECT count(*) FROM tasks t WHERE t.state = 'running' AND starts_with(t.claimed_by, w.id || '/')
       )
FROM workers w ORDER BY w.queue, w.id
