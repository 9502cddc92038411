-- Recovery of tasks with expired leases, and of jobs coalesced with an ended one (shared/db/rescue.py).

-- statement: expired
WITH
-- Tasks with expired leases, in the common lock order; rows locked by others are skipped. Tasks that reach the
-- poison limit with this failure are excluded: they are quarantined.
expired AS (
  SELECT id, claimed_by AS worker, extract(epoch FROM clock_timestamp() - lease_until)::float8 AS overdue_s FROM tasks
  WHERE state = 'running' AND lease_until < clock_timestamp() AND failures + 1 < %(limit)s
  ORDER BY id LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED
),
-- Incrementing the attempt fences off the lost worker: should it resume, its writes match no row.
reclaimed AS (
  UPDATE tasks t
  SET state = 'ready', ready_at = clock_timestamp(), attempt = attempt + 1, failures = failures + 1,
      claimed_by = NULL, lease_until = NULL
  FROM expired e WHERE t.id = e.id
  RETURNING t.id, t.job_id, t.operation, t.attempt, e.worker, e.overdue_s
),
-- One event per task, since each names its lost worker.
reported AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'task', json_build_object(
    'tasks', json_build_array(id), 'operation', operation, 'from', 'running', 'to', 'ready',
    'cause', 'worker was lost: its lease ran out', 'worker', worker
  )
  FROM reclaimed
)
SELECT job_id, id, attempt - 1, worker, overdue_s FROM reclaimed

-- statement: quarantine
WITH
-- The conditions are checked again: its worker may have renewed the lease since.
poison AS (
  UPDATE tasks
  SET state = 'failed', failures = failures + 1, finished_at = clock_timestamp(), lease_until = NULL,
      error = %(error)s::json
  WHERE id = %(id)s AND state = 'running' AND lease_until < clock_timestamp() AND failures + 1 >= %(limit)s
  RETURNING id, job_id, operation, claimed_by
),
-- The event of the job is written with its end, in the same transaction.
reported AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'task', json_build_object(
    'tasks', json_build_array(id), 'operation', operation, 'from', 'running', 'to', 'failed',
    'cause', 'quarantined', 'worker', claimed_by
  )
  FROM poison
)
SELECT operation FROM poison

-- statement: part_from_ended
WITH
-- Unfinished jobs coalesced with an ended one: the two transactions were concurrent and did not see each other.
stranded AS (
  SELECT f.id, f.joined, f.content_key, f.created_at, l.state, l.result
  FROM jobs f JOIN jobs l ON l.id = f.joined
  WHERE f.finished_at IS NULL AND l.finished_at IS NOT NULL
  ORDER BY f.id FOR NO KEY UPDATE OF f SKIP LOCKED
),
-- If the leading job completed, they complete with its result.
ended AS (
  UPDATE jobs j
  SET state = 'completed', finished_at = clock_timestamp(), result = stranded.result, from_cache = true,
      started_at = coalesce(j.started_at, clock_timestamp())
  FROM stranded WHERE j.id = stranded.id AND stranded.state = 'completed'
  RETURNING j.id, j.joined
),
-- Otherwise one job per content leads: a job that is computing the same content already, else the oldest of these.
first AS (
  SELECT DISTINCT ON (content_key) content_key, id
  FROM (
    SELECT content_key, id, created_at, true AS stranded FROM stranded WHERE state <> 'completed'
    UNION ALL
    SELECT content_key, id, created_at, false FROM jobs
    WHERE content_key IN (SELECT content_key FROM stranded) AND finished_at IS NULL AND joined IS NULL
  ) AS twins
  ORDER BY content_key, stranded, created_at
),
-- The leading job is no longer coalesced, and so will be planned.
parted AS (
  UPDATE jobs j SET joined = CASE WHEN first.id <> j.id THEN first.id END
  FROM stranded JOIN first USING (content_key)
  WHERE j.id = stranded.id AND stranded.state <> 'completed'
  RETURNING j.id
),
-- Events of completed jobs name the job that they were coalesced with.
reported AS (
  INSERT INTO events (job_id, type, body)
  SELECT id, 'job', json_build_object('status', 'completed', 'cause', 'joined ' || joined) FROM ended
),
-- Wake the clients that wait for these jobs.
notified AS (SELECT count(pg_notify('job', id)) FROM ended)
SELECT (SELECT count(*) FROM ended) + (SELECT count(*) FROM parted) FROM notified
