-- A worker's leases on its tasks (shared/db/claims.py). The fence is (attempt, claimed_by, state = 'running').

-- part: columns
t.id, t.attempt, t.job_id, t.operation, t.payload, t.has_inputs, t.final, t.cost_s, t.memory_bytes, t.failures,
t.tenant_id

-- statement: claim
WITH
-- A duplicate message finds the task running, or at a later attempt, and claims no row.
claimed AS (
  UPDATE tasks t
  SET state = 'running', claimed_by = %(worker)s, started_at = clock_timestamp(),
      lease_until = clock_timestamp() + %(lease)s * interval '1 second'
  FROM unnest(%(ids)s::bigint[], %(attempts)s::int[]) AS m(id, attempt)
  WHERE t.id = m.id AND t.attempt = m.attempt AND t.state = 'queued'
  RETURNING {columns}
),
-- A job starts with its first task. One that is being cancelled is skipped: the cancellation waits for our
-- tasks, and waiting for it here would be a deadlock.
started AS (
  UPDATE jobs j SET state = 'running', started_at = clock_timestamp()
  WHERE j.id IN (
    SELECT id FROM jobs WHERE state = 'queued' AND id IN (SELECT job_id FROM claimed)
    FOR NO KEY UPDATE SKIP LOCKED
  )
  RETURNING j.id
),
-- One event per job, however many of its tasks were claimed: one per task would flood readers.
told AS (
  INSERT INTO events (job_id, type, body)
  SELECT id, 'job', json_build_object('status', 'running', 'cause', 'first task started') FROM started
  UNION ALL
  SELECT job_id, 'task', json_build_object(
    'tasks', json_agg(id), 'operation', min(operation), 'from', 'queued', 'to', 'running',
    'worker', %(worker)s::text, 'attempt', max(attempt)
  )
  FROM claimed GROUP BY job_id
),
-- Notify the job's watchers that it runs; count() keeps every claimed row in the join below.
woken AS (SELECT count(pg_notify('job', id)) FROM started)
SELECT claimed.* FROM claimed, woken

-- statement: release
WITH
-- The next attempt has its own number: later writes by this attempt match no row.
freed AS (
  UPDATE tasks
  SET state = 'ready', ready_at = clock_timestamp(), attempt = attempt + 1, claimed_by = NULL, lease_until = NULL,
      failures = failures + %(failed)s, payload = coalesce(%(payload)s::json, payload),
      not_before = CASE WHEN %(delay)s > 0 THEN clock_timestamp() + %(delay)s * interval '1 second' END
  WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'running' AND claimed_by = %(worker)s
  RETURNING id, job_id, operation, attempt, queue
),
-- The event names the next attempt and the releasing worker.
told AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'task', json_build_object(
    'tasks', json_build_array(id), 'operation', operation, 'from', 'running', 'to', 'ready',
    'cause', %(cause)s::text, 'attempt', attempt, 'worker', %(worker)s::text
  )
  FROM freed
)
SELECT pg_notify('ready', '') FROM freed

-- statement: fail
WITH
-- The same fence as for a result: a late failure is dropped.
failed AS (
  UPDATE tasks
  SET state = 'failed', finished_at = clock_timestamp(), lease_until = NULL, error = %(error)s::json,
      failures = failures + 1
  WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'running' AND claimed_by = %(worker)s
  RETURNING id, job_id, operation, attempt
),
-- The job's own event follows when the job ends, in the same transaction.
told AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'task', json_build_object(
    'tasks', json_build_array(id), 'operation', operation, 'from', 'running', 'to', 'failed',
    'cause', %(cause)s::text, 'attempt', attempt, 'worker', %(worker)s::text
  )
  FROM failed
)
SELECT job_id FROM failed
