-- The last log lines of each job (shared/db/log_lines.py).

-- statement: lock
-- A separate statement, so that the snapshot of the next one includes numbers assigned by the previous lock
-- holder. Locks are taken in a fixed order, so that writers cannot deadlock.
SELECT pg_advisory_xact_lock(%(space)s, job)
FROM (SELECT DISTINCT hashtext(job) AS job FROM unnest(%(jobs)s::text[]) AS named(job) ORDER BY 1) named

-- statement: keep
WITH
-- A line about a missing or uncommitted job is dropped.
last AS MATERIALIZED (
  SELECT j.id AS job_id, coalesce((SELECT max(number) FROM log_lines WHERE job_id = j.id), 0) AS number
  FROM jobs j WHERE j.id = ANY(%(jobs)s::text[])
)
INSERT INTO log_lines (job_id, slot, number, body)
SELECT last.job_id, mod(last.number + told.place, %(most)s::bigint), last.number + told.place, told.body
FROM unnest(%(jobs)s::text[], %(places)s::int[], %(bodies)s::json[]) AS told(job_id, place, body)
JOIN last ON last.job_id = told.job_id
-- The slot holds the oldest line, which is overwritten.
ON CONFLICT (job_id, slot) DO UPDATE SET number = excluded.number, body = excluded.body

-- statement: read
SELECT number, body FROM log_lines WHERE job_id = %(job)s AND number > %(after)s ORDER BY number LIMIT %(limit)s

-- statement: settled
SELECT EXISTS (
  SELECT FROM jobs
  WHERE id = %(job)s AND finished_at < clock_timestamp() - %(settled)s * interval '1 second'
)
