-- Sweeps: jobs whose work is other jobs (shared/db/sweeps.py).

-- statement: twins
-- Jobs in flight that compute one of these contents.
SELECT content_key, id FROM jobs
WHERE content_key = ANY(%(keys)s::text[]) AND finished_at IS NULL AND joined IS NULL

-- part: unfinished
FROM jobs p WHERE p.kind = 'sweep' AND p.finished_at IS NULL

-- statement: start
WITH
-- A sweep runs from the moment at which one of its jobs does, or has ended.
started AS (
  UPDATE jobs SET state = 'running', started_at = clock_timestamp()
  WHERE id IN (
    SELECT p.id {unfinished} AND p.state = 'queued' AND EXISTS (
      SELECT FROM jobs c WHERE c.sweep = p.id AND c.state IN ('running', 'completed', 'failed', 'cancelled')
    )
    FOR NO KEY UPDATE SKIP LOCKED
  )
  RETURNING id
),
-- For its readers.
told AS (
  INSERT INTO events (job_id, type, body)
  SELECT id, 'job', json_build_object('status', 'running', 'cause', 'first job started') FROM started
)
SELECT pg_notify('job', id) FROM started

-- statement: over
-- Sweeps whose jobs have all ended, or that end with a failure among them.
SELECT p.id, p.spec -> 'pick' ->> 'minimize', p.spec -> 'pick' ->> 'maximize', p.plan -> 'warnings'
{unfinished} AND (
  NOT EXISTS (SELECT FROM jobs c WHERE c.sweep = p.id AND c.state IN ('queued', 'running'))
  OR (p.spec ->> 'keep_going' = 'false' AND EXISTS (SELECT FROM jobs c WHERE c.sweep = p.id AND c.state = 'failed'))
)

-- part: counted
count(*), count(*) FILTER (WHERE c.state = 'completed'), count(*) FILTER (WHERE c.state = 'failed'),
count(*) FILTER (WHERE c.state = 'cancelled'), count(*) FILTER (WHERE c.state = 'running'),
count(*) FILTER (WHERE c.from_cache)

-- statement: counts
SELECT {counted} FROM jobs c WHERE c.sweep = %(sweep)s

-- statement: progress
-- Counts of the running sweeps.
SELECT p.id, n.*
FROM (SELECT p.id {unfinished} AND p.state = 'running') p
CROSS JOIN LATERAL (SELECT {counted} FROM jobs c WHERE c.sweep = p.id) n

-- statement: first_failure
SELECT j.id, j.error FROM jobs j WHERE j.sweep = %(sweep)s AND j.state = 'failed' ORDER BY j.finished_at, j.position LIMIT 1

-- statement: best_of
-- The completed job with the lowest or highest number in a field of its result; the first of equals.
SELECT id, coordinates, value
FROM (
  SELECT id, coordinates, position,
         CASE json_typeof(result #> %(path)s::text[]) WHEN 'number' THEN (result #>> %(path)s::text[])::float8 END AS value
  FROM jobs WHERE sweep = %(sweep)s AND state = 'completed'
) c
WHERE value IS NOT NULL ORDER BY value * %(sign)s, position LIMIT 1

-- statement: best
-- The same for the value that the kind optimizes.
SELECT id, coordinates, value
FROM (
  SELECT j.id, j.coordinates, j.position, {best.of_result} AS value, {best.sign} AS sign
  FROM jobs j WHERE j.sweep = %(sweep)s AND j.state = 'completed'
) c
WHERE value IS NOT NULL ORDER BY value * sign, position LIMIT 1

-- statement: complete
WITH
-- Once, with the counts as its result.
ended AS (
  UPDATE jobs SET state = 'completed', finished_at = clock_timestamp(), result = %(result)s::json,
         started_at = coalesce(started_at, clock_timestamp())
  WHERE id = %(sweep)s AND state IN ('queued', 'running')
  RETURNING id
),
-- Readers of the sweep stop at this event.
told AS (
  INSERT INTO events (job_id, type, body)
  SELECT id, 'job', json_build_object('status', 'completed', 'cause', 'all its jobs have ended') FROM ended
)
SELECT pg_notify('job', id), pg_notify('plan', '') FROM ended
